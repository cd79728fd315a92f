/** Which baseline a command is about. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { InputError } from "../fleet/input-error.ts";
import { BASELINE_FILE } from "../fleet/load.ts";
import { shellCommand } from "../fleet/shell.ts";

/**
 * @param named what --baseline names; by default it lies beside the inventory.
 * @param write whether it is to be written, so that it need not be there.
 * @returns its absolute path.
 * @throws {InputError} where what is named is not there.
 */
export function baselinePath(
  cwd: string,
  inventory: string,
  named: string | undefined,
  write = false,
): string {
  if (named === undefined) return join(dirname(inventory), BASELINE_FILE);
  const path = resolve(cwd, named);
  if (write || existsSync(path)) return path;
  throw new InputError(
    `${named} does not exist`,
    `Write it with ${shellCommand(["nixgen", "lint", "--write-baseline", "--baseline", named])}.`,
  );
}
