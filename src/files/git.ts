/**
 * What is asked of git: names and contents alone. The work tree and the index stay as they are, and
 * nothing that a repository or its configuration names is run.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { GitTree } from "./git-tree.ts";
import { InputError } from "../text/input-error.ts";
import { MAX_BYTES } from "../text/limit.ts";

/** The environment of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What is asked of git, in one folder. */
export interface Git {
  /** The folder's path in its repository: "" or with a slash at its end. */
  readonly prefix: () => Promise<string>;
  /** The commit that a revision names. */
  readonly commit: (revision: string) => Promise<string>;
  readonly tree: (commit: string) => Promise<GitTree>;
  /** The content of a file, by the name of its object; undefined where it is larger than any input may be. */
  readonly content: (object: string) => Promise<Buffer | undefined>;
  /** Ends the processes that were asked. */
  readonly close: () => void;
}

/** A list of all files of a repository that is larger is not looked through. */
const MOST_OUTPUT = 256 * 1024 * 1024;
/** More than the files of a fleet can have together. */
const MOST_BYTES = 1024 ** 3;
/** Linux has no longer path, so a link to one leads nowhere. */
const LONGEST_PATH = 4096;
/** No fleet is nested deeper. */
const DEEPEST_PATH = 100;

/** The git of a folder. */
export function gitIn(folder: string, env: Environment): Git {
  const run = (args: readonly string[]): Promise<Ran> => runGit(["-C", folder, ...args], env);
  const runWell = async (args: readonly string[]): Promise<Buffer> => {
    const { ok, stdout, stderr } = await run(args);
    if (ok) return stdout;
    throw new InputError(
      `git cannot read its repository: ${stderr}`,
      "git fsck says what is wrong.",
    );
  };

  const sizes = new Objects("--batch-check", folder, env);
  const blobs = new Objects("--batch", folder, env);
  let total = 0;

  /** Asks for several at once: one after the other would take a hundred times as long. */
  async function* contents(
    objects: readonly string[],
    largest: number,
  ): AsyncGenerator<readonly [object: string, content: Buffer | undefined], undefined> {
    const small: string[] = [];
    for await (const { object, type, size } of sizes.ask(objects)) {
      if (type !== "blob") {
        throw new InputError(
          `git does not have all files of that revision here (${object})`,
          "The clone is a partial one: git fetch --refetch --no-filter completes it.",
        );
      }
      if (size > largest) {
        yield [object, undefined];
        continue;
      }
      total += size;
      if (total > MOST_BYTES) {
        throw new InputError(
          `the files of the fleet are larger than ${MOST_BYTES / 1024 ** 3} GiB together`,
          "Is fleet.services for definitions alone?",
        );
      }
      small.push(object);
    }
    for await (const { object, content } of blobs.ask(small)) yield [object, content];
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
        if (path.length > LONGEST_PATH || path.split("/").length > DEEPEST_PATH) continue;
        if (mode.startsWith("100")) files.set(path, object);
        else if (mode === "120000") links.set(path, object);
      }
      const targets = new Map<string, string>();
      for await (const [object, content] of contents([...new Set(links.values())], LONGEST_PATH)) {
        targets.set(object, content?.toString() ?? "/");
      }
      return new GitTree(
        files,
        new Map([...links].map(([path, object]) => [path, targets.get(object) ?? "/"])),
      );
    },
    async content(object) {
      for await (const [, content] of contents([object], MAX_BYTES)) return content;
      return undefined;
    },
    close() {
      sizes.close();
      blobs.close();
    },
  };
}

/** What git says of an object. */
interface GitObject {
  readonly object: string;
  /** "missing" where it is not there. */
  readonly type: string;
  readonly size: number;
  readonly content: Buffer;
}

/** A git cat-file that answers questions as long as it is needed. One call must have its answers before the next. */
class Objects {
  #child: ChildProcessWithoutNullStreams | undefined;
  #chunks: AsyncIterator<Buffer> | undefined;
  /** What was read of the answer, and not used yet. */
  #rest: Buffer = Buffer.alloc(0);

  constructor(
    readonly mode: "--batch" | "--batch-check",
    readonly folder: string,
    readonly env: Environment,
  ) {}

  async *ask(objects: readonly string[]): AsyncGenerator<GitObject, undefined> {
    const child = (this.#child ??= startGit(["-C", this.folder, "cat-file", this.mode], this.env));
    this.#chunks ??= (child.stdout as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
    // Whether it reads them all is seen by what it answers.
    child.on("error", () => undefined);
    child.stdin.on("error", () => undefined);
    for (const object of objects) child.stdin.write(`${object}\n`);
    for (const asked of objects) {
      const line = (await this.#read((data) => data.indexOf("\n") + 1)).toString("latin1");
      const [object = asked, type = "", length = "0"] = line.trimEnd().split(" ");
      const size = Number(length);
      const hasContent = this.mode === "--batch" && type !== "missing";
      const content = hasContent ? await this.#read(() => size + 1) : Buffer.alloc(1);
      yield { object, type, size, content: content.subarray(0, -1) };
    }
    return undefined;
  }

  /** The first bytes that are not used yet, as many as are wanted; 0 where more must be seen to tell. */
  async #read(wanted: (data: Buffer) => number): Promise<Buffer> {
    const chunks = [this.#rest];
    let have = this.#rest.length;
    for (let needed = wanted(this.#rest); needed === 0 || have < needed;) {
      const next = await this.#chunks?.next();
      if (next === undefined || next.done === true) {
        throw new InputError(
          "git does not say what is in its repository",
          "git fsck says what is wrong.",
        );
      }
      chunks.push(next.value);
      have += next.value.length;
      // A line is short: only contents come in many pieces, and of these the length is known.
      if (needed === 0) {
        chunks.splice(0, chunks.length, Buffer.concat(chunks));
        needed = wanted(chunks[0] ?? Buffer.alloc(0));
      }
    }
    const data = Buffer.concat(chunks);
    const end = wanted(data);
    this.#rest = data.subarray(end);
    return data.subarray(0, end);
  }

  close(): void {
    this.#child?.kill();
  }
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

function startGit(args: readonly string[], env: Environment): ChildProcessWithoutNullStreams {
  const without = Object.entries(env).filter(([name]) => !OF_HOOKS.includes(name));
  return spawn("git", [...RUN_NOTHING, ...args], {
    // A PATH with "." in it finds no git of the repository's.
    cwd: "/",
    env: { ...Object.fromEntries(without), ...FETCH_NOTHING, LC_ALL: "C" },
    stdio: ["pipe", "pipe", "pipe"],
  });
}

async function runGit(args: readonly string[], env: Environment): Promise<Ran> {
  const child = startGit(args, env);
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
  child.stdin.end();
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
