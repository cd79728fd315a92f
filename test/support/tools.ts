/** Real programs that tests run. In CI a missing one is a failure, elsewhere the test is skipped. */
import { spawnSync } from "node:child_process";

/** Set in CI: nothing may be skipped for want of a program. */
export const REQUIRED = process.env["NIXGEN_REQUIRE_TOOLS"] === "1";

/**
 * Whether the tests that need a program are to be skipped: `describe.skipIf(lacks("shellcheck"))`.
 * @throws where the program is missing and must not be.
 */
export function lacks(program: string): boolean {
  const found = spawnSync("sh", ["-c", 'command -v -- "$1"', "sh", program]).status === 0;
  if (!found && REQUIRED) throw new Error(`${program} is missing, and NIXGEN_REQUIRE_TOOLS is set`);
  return !found;
}
