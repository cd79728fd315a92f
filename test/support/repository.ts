/** This repository as somebody has it who cloned it: what is not committed yet is in it, too. */
import { execFile } from "node:child_process";
import { cpSync, existsSync } from "node:fs";
import { devNull } from "node:os";
import { delimiter, join } from "node:path";

/** What a program printed, on standard output and error together. */
export interface Result {
  readonly status: number;
  readonly output: string;
}

/** Git without the settings of whoever runs the tests, nor those of a hook that runs them. */
export const GIT_ENVIRONMENT: NodeJS.ProcessEnv = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_"))),
  // Without the programs of this tree's node_modules, which npm test adds: the hooks must do with their own.
  PATH: (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter((path) => !path.endsWith(join("node_modules", ".bin")))
    .join(delimiter),
  GIT_CONFIG_GLOBAL: devNull,
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "test",
  GIT_AUTHOR_EMAIL: "test@example.org",
  GIT_COMMITTER_NAME: "test",
  GIT_COMMITTER_EMAIL: "test@example.org",
};

/** Runs a program. Not spawnSync: a worker that does not answer for a minute is an error of vitest. */
export function run(
  cwd: string,
  environment: NodeJS.ProcessEnv,
  program: string,
  ...argv: readonly string[]
): Promise<Result> {
  return new Promise((done, fail) => {
    execFile(
      program,
      argv,
      { cwd, env: environment, maxBuffer: 2 ** 26 },
      (error, stdout, stderr) => {
        const status = error === null ? 0 : error.code;
        if (typeof status === "number") done({ status, output: stdout + stderr });
        else fail(error ?? new Error(program));
      },
    );
  });
}

/** Runs a program that must end with status 0; gives what it printed. */
export async function succeed(
  cwd: string,
  environment: NodeJS.ProcessEnv,
  program: string,
  ...argv: readonly string[]
): Promise<string> {
  const { status, output } = await run(cwd, environment, program, ...argv);
  if (status !== 0) throw new Error(`${[program, ...argv].join(" ")}: exit ${status}\n${output}`);
  return output;
}

/** Makes a git repository of all files of this tree that git does not ignore. Gives its only revision. */
export async function publish(to: string): Promise<string> {
  const git = (cwd: string, ...argv: readonly string[]): Promise<string> =>
    succeed(cwd, GIT_ENVIRONMENT, "git", ...argv);
  // The tree may belong to another user: a container's root, say.
  const listed = ["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others"];
  const paths = await git(".", ...listed, "--exclude-standard");
  for (const path of new Set(paths.split("\0"))) {
    if (path !== "" && existsSync(path)) cpSync(path, join(to, path), { recursive: true });
  }
  await git(to, "init", "--quiet");
  await git(to, "add", "--all", "--force");
  await git(to, "commit", "--quiet", "--message=nixgen");
  return (await git(to, "rev-parse", "HEAD")).trim();
}
