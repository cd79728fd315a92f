/** Types, the type-aware linter and the formatter find nothing. */
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";

function run(...argv: readonly string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync("npx", ["--no-install", ...argv], {
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  return { status, output: stdout + stderr };
}

describe("the sources", () => {
  it.each([
    ["tsc", "--noEmit"],
    ["eslint", "--max-warnings", "0", "."],
    ["prettier", "--check", "--log-level", "warn", "."],
  ])(
    "pass %s",
    (...argv) => {
      const { status, output } = run(...argv);
      expect(status, output).toBe(0);
    },
    180_000,
  );
});
