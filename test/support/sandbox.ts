/** Real rootless podman on a machine of its own, see sandbox.sh: nothing of this one is changed. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { type Files, temporaryFolder, writeFiles } from "./fleet.ts";
import { lacks, REQUIRED } from "./tools.ts";

export const SANDBOX = join(process.cwd(), "test/support/sandbox.sh");

/** What became of a script. */
export interface SandboxRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What was /sandbox: the files that were given, and what the script left there. */
  readonly folder: string;
}

/**
 * Runs a script of bash as root in a sandbox, inside a test. It has `set -eu`, the functions of
 * sandbox.sh (add_user, as, add_image), and the files in /sandbox.
 * @param options.root what its programs come from: a tree (debian-tree.ts), or else this machine.
 */
export function runInSandbox(
  script: string,
  files: Files = {},
  options: {
    readonly folder?: string;
    readonly timeoutMs?: number;
    readonly root?: string | undefined;
  } = {},
): SandboxRun {
  const { folder = temporaryFolder(), timeoutMs = 60_000, root } = options;
  writeFiles({ ...files, "main.sh": `set -eu\n${script}\n` }, folder);
  const { status, stdout, stderr } = spawnSync(
    SANDBOX,
    root === undefined ? [folder] : [folder, root],
    {
      encoding: "utf8",
      timeout: timeoutMs,
    },
  );
  return { status, stdout, stderr, folder };
}

/**
 * Whether the tests that need a sandbox of this machine's own programs are to be skipped:
 * `describe.skipIf(lacksSandbox(["node"]))`. Drills ask drillTree() instead.
 * @param programs what they run in it.
 * @throws where there is none and must be.
 */
export function lacksSandbox(programs: readonly string[]): boolean {
  if (programs.some(lacks)) return true;
  const { status, stderr } = spawnSync(SANDBOX, ["--try"], { encoding: "utf8" });
  if (status !== 0 && REQUIRED) throw new Error(`no sandbox can be made here: ${stderr}`);
  return status !== 0;
}
