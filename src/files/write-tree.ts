/**
 * Writes the output folder as a whole: the new tree is made beside it and then takes its place, so
 * that whoever looks, at whatever moment, sees the old tree or the new one.
 */
import {
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { InputError } from "../text/input-error.ts";
import { followLink } from "./boundary.ts";
import { isAbandoned, isOtherProcess, acquire } from "./lock-file.ts";
import { makeWorkFolder, removeWorkFolder, workFoldersOf } from "./work-folder.ts";
import { cannotBeWritten, flushFolder, keepRights } from "./write-file.ts";

/** The parts of the work folder beside the output folder: both trees, and the mark of who holds the lock. */
const NEXT = "new";
const PREVIOUS = "old";
const LOCK = "lock";

/** How often a build begins anew where others are faster. */
const ATTEMPTS = 50;

/**
 * Does what reads an output folder, and perhaps writes it, as if nobody else wrote it: an error counts
 * only where the folder is the one that it was, for it may come of half of one tree and half of another.
 */
export async function despiteOthers<T>(folder: string, action: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const before = identityOf(folder);
    try {
      return await action();
    } catch (error) {
      if (attempt === ATTEMPTS || identityOf(folder) === before) throw error;
    }
  }
}

/**
 * Looks at an output folder that is about to be read.
 * @returns what throws an InputError if somebody has put another one there since.
 */
export function snapshot(folder: string): () => void {
  const before = identityOf(folder);
  return () => {
    if (identityOf(folder) === before) return;
    throw new InputError(
      `${folder} was changed by somebody else in the meantime; nothing in it was changed`,
      "Run this again.",
    );
  };
}

/** Another build leaves another folder; undefined where none can be seen. */
function identityOf(folder: string): string | undefined {
  try {
    const { dev, ino, ctimeNs } = statSync(folder, { bigint: true });
    return `${dev}:${ino}:${ctimeNs}`;
  } catch {
    return undefined;
  }
}

/** A file's new content, or undefined where it goes. */
export interface TreeChange {
  readonly path: string;
  readonly after: string | Buffer | undefined;
}

/** How many files were written and removed. */
export interface Written {
  readonly written: number;
  readonly removed: number;
}

/**
 * Puts a tree in the place of the output folder: the changed files, and all others as they are, those
 * of nobody's too. Of two builds at once the later one wins as a whole.
 * @param folder the output folder; a link to one is followed.
 * @param changes the files to write and to remove. Each is written as it comes, beside the folder; if
 *   finding the next one fails, nothing of them remains.
 * @param expectSame what snapshot returned before the first change was found.
 * @param beforeIt is done when all is ready, just before the tree appears; also where nothing changes.
 * @throws {InputError} where the folder cannot be written, or is another one now.
 */
export async function writeTree(
  folder: string,
  changes: Iterable<TreeChange>,
  expectSame: () => void,
  beforeIt: () => void,
): Promise<Written> {
  try {
    const out = followLink(folder);
    let work: string | undefined;
    const written = new Set<string>();
    const removed = new Set<string>();
    try {
      for (const { path, after } of changes) {
        if (after === undefined) removed.add(path);
        else {
          if (work === undefined) {
            mkdirSync(dirname(out), { recursive: true });
            work = makeWorkFolder(out);
          }
          writeFileAt(join(work, NEXT), path, after);
          written.add(path);
        }
      }
      const done = { written: written.size, removed: removed.size };
      if (work === undefined) {
        expectSame();
        beforeIt();
        return done;
      }
      const next = join(work, NEXT);
      await flush([...written].map((path) => join(next, path)));
      if (existsSync(out)) {
        carryOver(out, next, "", (path) => written.has(path) || removed.has(path));
        keepRights(next, statSync(out));
      }
      const mark = join(work, LOCK);
      acquire(
        () => {
          mkdirSync(mark);
        },
        () => {
          rmSync(mark, { recursive: true });
        },
        () => workFoldersOf(out).ours.some(({ path, pid }) => !isAbandoned(join(path, LOCK), pid)),
      );
      expectSame();
      beforeIt();
      takePlace(work, out);
      flushFolder(dirname(out));
      return done;
    } finally {
      if (work !== undefined) finish(work, out);
    }
  } catch (error) {
    throw notWritten(folder, error);
  }
}

/**
 * Clears up after builds that were killed; where one had just taken the old tree away, puts it back.
 * To be called before the output folder is read.
 * @returns what is called as if a build had left it, and was left alone, for nixgen did not make it.
 * @throws {InputError} where what is there is no folder, or the old tree cannot be put back.
 */
export function finishInterrupted(folder: string): readonly string[] {
  try {
    const out = followLink(folder);
    if (existsSync(out) && !statSync(out).isDirectory()) {
      throw new InputError(`${folder} is not a folder`, "Name another one with --out.");
    }
    const { ours, strange } = workFoldersOf(out);
    for (const { path, pid } of ours) {
      // Between two trees no build takes long: where the old one is kept, its age counts as well.
      const isBetween = existsSync(join(path, PREVIOUS));
      if (isBetween ? isAbandoned(path, pid) : !isOtherProcess(pid)) finish(path, out);
    }
    return strange;
  } catch (error) {
    throw notWritten(folder, error);
  }
}

function notWritten(folder: string, error: unknown): InputError {
  return cannotBeWritten(folder, error, "Nothing in it was changed.");
}

/** Ends a build, whether it has come to its end or not. */
function finish(work: string, out: string): void {
  const previous = join(work, PREVIOUS);
  if (existsSync(previous) && existsSync(join(work, NEXT))) {
    // The old tree was taken away, and the new one has not come. If somebody else's has, what was in
    // the old one is not ours to remove.
    if (existsSync(out)) return;
    try {
      renameSync(previous, out);
    } catch (error) {
      // Another build may have seen the same, and been faster.
      if (!existsSync(out)) throw error;
      return;
    }
  }
  try {
    removeWorkFolder(work);
  } catch {
    // Something of nobody's that may not be removed: the output is in its place all the same.
  }
}

/** Makes the new tree the output folder. */
function takePlace(work: string, out: string): void {
  const next = join(work, NEXT);
  if (!existsSync(out)) {
    renameSync(next, out);
    return;
  }
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  // One system call (renameat2, RENAME_EXCHANGE) where mv has it: coreutils 9.5.
  const exchange = spawnSync("mv", ["--exchange", "--no-target-directory", next, out], {
    stdio: "ignore",
  });
  if (exchange.status === 0) return;
  // Two calls otherwise; a build that is killed between them is finished by the next one.
  renameSync(out, join(work, PREVIOUS));
  renameSync(next, out);
}

/** Takes what does not change along: files are the same files, under a second name. */
function carryOver(
  out: string,
  next: string,
  below: string,
  ours: (path: string) => boolean,
): void {
  for (const name of readdirSync(join(out, below))) {
    const path = below === "" ? name : `${below}/${name}`;
    const [from, to] = [join(out, path), join(next, path)];
    const stat = lstatSync(from);
    if (ours(path) ? stat.isDirectory() : !stat.isDirectory() && existsSync(to)) {
      const [there, wanted] = stat.isDirectory() ? ["folder", "file"] : ["file", "folder"];
      throw new InputError(
        `${from} is not nixgen's, and a ${there} where it has a ${wanted}`,
        "Move it away.",
      );
    }
    if (ours(path)) continue;
    if (stat.isDirectory()) {
      // A folder of ours that is empty now goes with its files.
      const entries = readdirSync(from);
      if (entries.length > 0 && entries.every((entry) => ours(`${path}/${entry}`))) continue;
      mkdirSync(to, { recursive: true });
      carryOver(out, next, path, ours);
      keepRights(to, stat);
    } else {
      mkdirSync(dirname(to), { recursive: true });
      if (stat.isSymbolicLink()) symlinkSync(readlinkSync(from), to);
      else if (stat.isFile()) linkOrCopy(from, to);
      else linkSync(from, to);
    }
  }
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EXDEV") {
      throw new InputError(
        `${from} is on something that is mounted on the output folder or below it`,
        "Mount it elsewhere: the folder is replaced as a whole.",
      );
    }
    // A file system without links, or a file of another user's (fs.protected_hardlinks).
    copyFileSync(from, to);
  }
}

/** Brings files to the disk, several at once: one after the other they would take ten times as long. */
async function flush(paths: readonly string[]): Promise<void> {
  const { open } = await import("node:fs/promises");
  const waiting = [...paths];
  const flushNext = async (): Promise<void> => {
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      const file = await open(path);
      try {
        await file.sync();
      } finally {
        await file.close();
      }
    }
  };
  await Promise.all(Array.from({ length: 16 }, flushNext));
}

function writeFileAt(folder: string, path: string, content: string | Buffer): void {
  const target = join(folder, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, content, { mode: path.endsWith(".sh") ? 0o777 : 0o666 });
}
