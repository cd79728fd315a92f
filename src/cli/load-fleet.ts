/** Loading a fleet for who needs it now: errors of lint are counted, and stop nothing. */
import type { FileTree } from "../files/file-tree.ts";
import { countFindings } from "../finding/finding.ts";
import { findInventory, loadFleet } from "../fleet/load.ts";
import type { Fleet } from "../fleet/model.ts";
import { printable } from "../text/printable.ts";
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
export function loadDespiteErrors(io: Io, config: string | undefined): Promise<Fleet | undefined> {
  return loadInventoryDespiteErrors(io, findInventory(io.cwd, config));
}

/**
 * @param inventory its absolute path.
 * @param name what messages call the fleet, where there is another one beside it.
 * @param tree its files, where they are not those on the disk.
 * @returns undefined where the fleet cannot be read, which was said then.
 */
export async function loadInventoryDespiteErrors(
  io: Io,
  inventory: string,
  name?: string,
  tree?: FileTree,
): Promise<Fleet | undefined> {
  const progress = createProgress(io);
  const loaded = await loadFleet(inventory, progress.report, undefined, tree);
  progress.clear();
  if (loaded.fleet === undefined) {
    if (name !== undefined) io.stderr.write(`${printable(name)} cannot be read:\n\n`);
    await complain(io, loaded.findings, loaded.sources);
    return undefined;
  }
  const { error } = countFindings(lint(loaded.fleet));
  if (error > 0) {
    const where = printable(name ?? "this fleet");
    io.stderr.write(`nixgen lint finds ${count(error, "error")} in ${where}\n`);
  }
  return loaded.fleet;
}
