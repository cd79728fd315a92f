/** Which baseline a command is about. */
import { dirname, join, resolve } from "node:path";
import { InputError } from "../text/input-error.ts";
import { BASELINE_FILE } from "../fleet/load.ts";
import { whatIs } from "../files/boundary.ts";
import { shellCommand } from "../text/shell.ts";

/**
 * @param named what --baseline names; by default it lies beside the inventory.
 * @param write whether it is to be written, so that it need not be there.
 * @returns its absolute path; false where what is named says that there is none.
 * @throws {InputError} where what is named is not there, or cannot be read again.
 */
export function baselinePath(
  cwd: string,
  inventory: string,
  named: string | undefined,
  write = false,
): string | false {
  if (named === undefined) return join(dirname(inventory), BASELINE_FILE);
  const path = resolve(cwd, named);
  if (!write && path === "/dev/null") return false;
  const there = whatIs(path);
  if (write && there !== "file" && there !== "nothing") {
    throw new InputError(
      `${named} is not a regular file`,
      "Every later run reads the baseline: name a file for it.",
    );
  }
  if (write || there !== "nothing") return path;
  throw new InputError(
    `${named} does not exist`,
    `Write it with ${shellCommand(["nixgen", "lint", "--write-baseline", "--baseline", named])}.`,
  );
}
