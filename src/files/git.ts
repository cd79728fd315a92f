/**
 * What is asked of git: names and contents alone. The work tree and the index stay as they are, and
 * nothing that a repository or its configuration names is run.
 */
import { spawn } from "node:child_process";
import { GitTree } from "./git-tree.ts";
import { InputError } from "../text/input-error.ts";
import { MAX_BYTES } from "../text/limit.ts";

/** The environment of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A file's content; undefined where it is larger than any input may be. */
interface Content {
  readonly object: string;
  readonly content: Buffer | undefined;
}

/** What is asked of git, in one folder. */
export interface Git {
  /** The folder's path in its repository: "" or with a slash at its end. */
  readonly prefix: () => Promise<string>;
  /** The commit that a revision names. */
  readonly commit: (revision: string) => Promise<string>;
  readonly tree: (commit: string) => Promise<GitTree>;
  /** The contents of files, by the names of their objects. */
  readonly contents: (objects: readonly string[]) => AsyncGenerator<Content, undefined>;
}

/** A list of all files of a repository that is larger is not looked through. */
const MOST_OUTPUT = 256 * 1024 * 1024;
/** More than the files of a fleet can have together. */
const MOST_BYTES = 1024 ** 3;
/** How much is asked for at once. */
const AT_ONCE = 64 * 1024 * 1024;

/** The git of a folder. */
export function gitIn(folder: string, env: Environment): Git {
  const run = (args: readonly string[], input?: string): Promise<Ran> =>
    runGit(["-C", folder, ...args], env, input);
  const runWell = async (args: readonly string[], input?: string): Promise<Buffer> => {
    const { ok, stdout, stderr } = await run(args, input);
    if (ok) return stdout;
    throw new InputError(
      `git cannot read its repository: ${stderr}`,
      "git fsck says what is wrong.",
    );
  };

  async function* contents(objects: readonly string[]): AsyncGenerator<Content, undefined> {
    const lines = (names: readonly string[]): string => names.map((name) => `${name}\n`).join("");
    const checked = await runWell(["cat-file", "--batch-check"], lines(objects));
    let total = 0;
    let some: string[] = [];
    let size = 0;
    const flush = async function* (): AsyncGenerator<Content> {
      const output = await runWell(["cat-file", "--batch"], lines(some));
      [some, size] = [[], 0];
      for (let at = 0; at < output.length;) {
        const end = output.indexOf("\n", at);
        const [object = "", , length] = output.toString("latin1", at, end).split(" ");
        const next = end + 1 + Number(length);
        yield { object, content: output.subarray(end + 1, next) };
        at = next + 1;
      }
    };
    for (const line of checked.toString("latin1").trimEnd().split("\n")) {
      const [object = "", type, length] = line.split(" ");
      if (object === "") continue;
      if (type !== "blob") {
        throw new InputError(
          `git does not have all files of that revision here (${object})`,
          "The clone is a partial one: git fetch --refetch --no-filter completes it.",
        );
      }
      if (Number(length) > MAX_BYTES) {
        yield { object, content: undefined };
        continue;
      }
      total += Number(length);
      if (total > MOST_BYTES) {
        throw new InputError(
          `the files of the fleet are larger than ${MOST_BYTES / 1024 ** 3} GiB together`,
          "Is fleet.services for definitions alone?",
        );
      }
      some.push(object);
      size += Number(length);
      if (size > AT_ONCE) yield* flush();
    }
    if (some.length > 0) yield* flush();
    return undefined;
  }

  return {
    async prefix() {
      const { ok, stdout, stderr } = await run(["rev-parse", "--show-prefix"]);
      if (ok) return stdout.toString().replace(/\n$/, "");
      if (stderr.includes("not a git repository")) {
        throw new InputError(
          `${folder} is in no git repository`,
          "Name what to compare with: nixgen diff --against FOLDER.",
        );
      }
      throw new InputError(
        `git does not read the repository of ${folder}: ${stderr}`,
        "If it is somebody else's and may be trusted, git config --global --add safe.directory names it.",
      );
    },
    async commit(revision) {
      if (revision.startsWith("-")) {
        throw new InputError(
          `${JSON.stringify(revision)} cannot be a revision, for it begins with "-"`,
          "Write refs/heads/… for a branch of that name.",
        );
      }
      const { ok, stdout } = await run([
        "rev-parse",
        "--verify",
        "--quiet",
        `${revision}^{commit}`,
      ]);
      if (ok) return stdout.toString().trim();
      throw new InputError(
        `git knows no revision ${JSON.stringify(revision)} here`,
        "git log --all has what there is. In CI only one commit may have been fetched: actions/checkout needs fetch-depth: 0.",
      );
    },
    async tree(commit) {
      const list = await runWell(["ls-tree", "-r", "-z", "--full-tree", commit]);
      const files = new Map<string, string>();
      const links = new Map<string, string>();
      for (const line of list.toString().split("\0")) {
        const [, mode = "", object = "", path = ""] = /^(\d+) \w+ (\w+)\t([^]*)$/.exec(line) ?? [];
        if (mode.startsWith("100")) files.set(path, object);
        else if (mode === "120000") links.set(path, object);
      }
      const targets = new Map<string, string>();
      for await (const { object, content } of contents([...new Set(links.values())])) {
        targets.set(object, content?.toString() ?? "/");
      }
      return new GitTree(
        files,
        new Map([...links].map(([path, object]) => [path, targets.get(object) ?? "/"])),
      );
    },
    contents,
  };
}

/** What came of a call of git. */
interface Ran {
  readonly ok: boolean;
  readonly stdout: Buffer;
  /** Its last line, without what it begins with. */
  readonly stderr: string;
}

/** Whatever a repository's configuration says, nothing is run: no monitor, no hook, no pager, … */
const RUN_NOTHING = [
  "--no-pager",
  "--no-optional-locks",
  ...["-c", "core.fsmonitor=false"],
  ...["-c", "core.hooksPath=/dev/null"],
];

/** … and nothing fetched: of a partial clone, git would ask a remote for what is missing. */
const FETCH_NOTHING = { GIT_ALLOW_PROTOCOL: "", GIT_NO_LAZY_FETCH: "1", GIT_TERMINAL_PROMPT: "0" };

/** What a hook of git's is given about the repository that it is of, which the folder need not be in. */
const OF_HOOKS = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"];

async function runGit(args: readonly string[], env: Environment, input = ""): Promise<Ran> {
  const without = Object.entries(env).filter(([name]) => !OF_HOOKS.includes(name));
  const child = spawn("git", [...RUN_NOTHING, ...args], {
    // A PATH with "." in it finds no git of the repository's.
    cwd: "/",
    env: { ...Object.fromEntries(without), ...FETCH_NOTHING, LC_ALL: "C" },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  let size = 0;
  const collect = (into: Buffer[]) => (data: Buffer) => {
    size += data.length;
    if (size > MOST_OUTPUT) child.kill();
    else into.push(data);
  };
  child.stdout.on("data", collect(stdout));
  child.stderr.on("data", collect(stderr));
  // It may have ended before it read everything; its status says why.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const status = await new Promise<number | null>((done, fail) => {
    child.on("close", done);
    child.on("error", (error) => {
      fail(
        new InputError(
          `git cannot be run: ${error.message}`,
          "Install it, or compare with a folder: nixgen diff --against FOLDER.",
        ),
      );
    });
  });
  if (size > MOST_OUTPUT) {
    throw new InputError(
      `git has more than ${MOST_OUTPUT / 1024 / 1024} MiB to say of this repository`,
      "Compare with a folder: nixgen diff --against FOLDER.",
    );
  }
  const said = Buffer.concat(stderr).toString().trimEnd();
  return {
    ok: status === 0,
    stdout: Buffer.concat(stdout),
    stderr: said.slice(said.lastIndexOf("\n") + 1).replace(/^fatal: /, ""),
  };
}
