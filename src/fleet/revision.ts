/** A fleet as git has it at a revision: its files in a folder for as long as they are used. */
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, posix } from "node:path";
import { cannotBeWritten } from "../files/write-file.ts";
import { type Environment, type Git, gitIn } from "../files/git.ts";
import type { GitTree } from "../files/git-tree.ts";
import { filesMatching, type FolderEntry, isGlob } from "../text/glob.ts";
import { InputError } from "../text/input-error.ts";
import { MAX_BYTES } from "../text/limit.ts";
import { BASELINE_FILE, LOCK_FILE } from "./load.ts";
import { readSource } from "../files/read.ts";
import type { Inventory } from "./model.ts";
import { validate } from "./validate.ts";

/**
 * Puts a fleet as it is at a revision into a folder, which goes when it was used, also where this process
 * is told to end.
 * @param inventory the absolute path that the inventory has now.
 * @param use is given the path that it has in that folder.
 * @throws {InputError} where git does not have it.
 */
export async function atRevision<T>(
  inventory: string,
  revision: string,
  env: Environment,
  use: (inventory: string) => Promise<T>,
): Promise<T> {
  const git = gitIn(dirname(inventory), env);
  const prefix = await git.prefix();
  const commit = await git.commit(revision);
  const tree = await git.tree(commit);
  return withFolder(async (folder) => {
    const file = basename(inventory);
    const put = (files: readonly string[]): Promise<void> =>
      writeFiles(git, tree, revision, prefix, files, folder);
    if (tree.file(prefix + file) === undefined) {
      throw new InputError(
        `there is no ${prefix}${file} at ${revision}`,
        "Name a revision that has it, or compare with a folder: --against FOLDER.",
      );
    }
    const path = join(folder, prefix, file);
    await put([file]);
    await put(await otherFiles(path, tree, prefix));
    return use(path);
  });
}

/** Signals that a terminal, a shell or a CI sends to end a process. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Makes a folder for as long as it is used. */
async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  let folder: string | undefined;
  const remove = (): void => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  };
  const end = (signal: NodeJS.Signals): void => {
    remove();
    // Nobody listens for it now, so that the process ends as whoever sent it expects.
    for (const each of SIGNALS) process.off(each, end);
    process.kill(process.pid, signal);
  };
  for (const signal of SIGNALS) process.on(signal, end);
  try {
    folder = mkdtempSync(join(tmpdir(), "nixgen-diff-"));
    return await use(folder);
  } finally {
    remove();
    // A signal that came while nothing else could run is heard before nobody listens for it.
    await new Promise((done) => setImmediate(done));
    for (const signal of SIGNALS) process.off(signal, end);
  }
}

/** As many files and folders are looked at when a fleet is loaded. */
const MOST_ENTRIES = 100_000;

/** The other files of a fleet that loading it would look at, relative to its folder. */
async function otherFiles(inventory: string, tree: GitTree, prefix: string): Promise<string[]> {
  const files = [LOCK_FILE, BASELINE_FILE];
  const result = await readSource(inventory, basename(inventory));
  // Whoever loads it says what is wrong with it.
  if (result.problem !== undefined) return files;
  if ((await validate("nixgen", result.source)).length > 0) return files;
  const { services, facts } = (result.source.value as Inventory).fleet;
  let seen = 0;
  const entriesOf = (folder: string): readonly FolderEntry[] => {
    const entries = tree.entries(posix.join(prefix, folder));
    seen += entries.length;
    if (seen <= MOST_ENTRIES) return entries;
    throw new InputError(
      `more than ${MOST_ENTRIES} files and folders are looked at for fleet.services`,
      "Name the folders that have the definitions.",
    );
  };
  const isFolder = (path: string): boolean => tree.isFolder(posix.join(prefix, path));
  for (const pattern of services) {
    if (pattern.startsWith("!")) continue;
    if (!isGlob(pattern)) files.push(pattern);
    else files.push(...filesMatching(pattern, entriesOf, isFolder));
  }
  const inFacts = entriesOf(facts).map(({ name }) => posix.join(facts, name));
  return [...files, ...inFacts.filter((path) => path.endsWith(".json"))];
}

/** Writes those of the files that are there; links become what they lead to. */
async function writeFiles(
  git: Git,
  tree: GitTree,
  revision: string,
  prefix: string,
  files: readonly string[],
  folder: string,
): Promise<void> {
  const paths = new Map<string, string[]>();
  for (const file of new Set(files)) {
    const path = posix.join(prefix, file);
    const object = tree.file(path);
    if (object !== undefined) paths.set(object, [...(paths.get(object) ?? []), path]);
    else if (tree.isLink(path) && !tree.isFolder(path)) {
      throw new InputError(
        `${path} is a link at ${revision}, which leads to nothing that git has there`,
        "Compare with a folder that has all of the fleet: --against FOLDER.",
      );
    }
  }
  for await (const { object, content } of git.contents([...paths.keys()])) {
    for (const path of paths.get(object) ?? []) {
      const target = join(folder, path);
      try {
        mkdirSync(dirname(target), { recursive: true });
        writeFileSync(target, content ?? "", { mode: 0o600 });
        // A file that is too large is so for whoever reads it, and takes no room.
        if (content === undefined) truncateSync(target, MAX_BYTES + 1);
      } catch (error) {
        throw cannotBeWritten(target, error, "Nothing was compared.");
      }
    }
  }
}
