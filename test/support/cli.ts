/** Runs the CLI in this process, as a function. */
import { main } from "../../src/cli/main.ts";
import type { ExitStatus } from "../../src/cli/io.ts";

/** What came of a call. */
export interface Run {
  readonly status: ExitStatus;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `nixgen ARGV` in a folder, with outputs that are no terminals, and an input. */
export async function runCli(
  cwd: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
  input = "",
): Promise<Run> {
  let stdout = "";
  let stderr = "";
  const status = await main(argv, {
    cwd,
    env,
    stdout: { isTerminal: false, write: (text) => void (stdout += text) },
    stderr: { isTerminal: false, write: (text) => void (stderr += text) },
    readInput: () => Buffer.from(input),
  });
  return { status, stdout, stderr };
}
