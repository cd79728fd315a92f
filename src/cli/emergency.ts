/** Loading a fleet for who needs it now: errors of lint are counted, and stop nothing. */
import { countFindings } from "../fleet/finding.ts";
import { findInventory, loadFleet } from "../fleet/load.ts";
import type { Fleet } from "../fleet/model.ts";
import { lint } from "../lint/engine.ts";
import type { Io } from "./io.ts";
import { count } from "./output.ts";
import { createProgress } from "./progress.ts";
import { complain } from "./reports.ts";

/**
 * @param config what --config names.
 * @returns undefined where the fleet cannot be read, which was said then.
 * @throws {InputError} where there is no inventory.
 */
export async function loadDespiteErrors(
  io: Io,
  config: string | undefined,
): Promise<Fleet | undefined> {
  const progress = createProgress(io);
  const loaded = await loadFleet(findInventory(io.cwd, config), progress.report);
  progress.clear();
  if (loaded.fleet === undefined) {
    await complain(io, loaded.findings, loaded.sources);
    return undefined;
  }
  const { error } = countFindings(lint(loaded.fleet));
  if (error > 0) {
    io.stderr.write(`nixgen lint finds ${count(error, "error")} in this fleet\n`);
  }
  return loaded.fleet;
}
