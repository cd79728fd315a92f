/**
 * Writes the output folder as a whole: the new tree is made beside it and then takes its place, so
 * that whoever looks, at whatever moment, sees the old tree or the new one.
 */
import {
  chmodSync,
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
import { basename, dirname, join } from "node:path";
import { InputError } from "../fleet/input-error.ts";
import { systemMessage } from "../fleet/read.ts";
import { followLink, isOtherProcess } from "../fleet/write-file.ts";
import type { Tree } from "./emit.ts";

/** The parts of the work folder beside the output folder. */
const NEXT = "new";
const PREVIOUS = "old";

/**
 * Puts a tree in the place of the output folder. Files of nobody's, which are neither in the tree nor
 * removed, stay. Of two builds at once the later one wins as a whole.
 * @param folder the output folder; a link to one is followed.
 * @param tree every file that is to be there of nixgen's.
 * @param removed files of an earlier build that are to go.
 * @throws {InputError} where the folder cannot be written.
 */
export function writeTree(folder: string, tree: Tree, removed: ReadonlySet<string>): void {
  unlessImpossible(folder, () => {
    const out = followLink(folder);
    mkdirSync(dirname(out), { recursive: true });
    const work = workPrefix(out) + String(process.pid);
    mkdirSync(work);
    try {
      const next = join(work, NEXT);
      for (const [path, text] of tree) writeFileAt(next, path, text);
      if (existsSync(out)) {
        carryOver(out, next, "", (path) => tree.has(path) || removed.has(path));
        chmodSync(next, statSync(out).mode);
      }
      takePlace(work, out);
    } finally {
      finish(work, out);
    }
  });
}

/**
 * Clears up after builds that were killed; where one had just taken the old tree away, puts it back.
 * To be called before the output folder is read.
 * @throws {InputError} where what is there is no folder, or the old tree cannot be put back.
 */
export function finishInterrupted(folder: string): void {
  unlessImpossible(folder, () => {
    const out = followLink(folder);
    if (existsSync(out) && !statSync(out).isDirectory()) {
      throw new InputError(`${folder} is not a folder`, "Name another one with --out.");
    }
    const prefix = workPrefix(out);
    if (!existsSync(dirname(prefix))) return;
    for (const name of readdirSync(dirname(prefix))) {
      const work = join(dirname(prefix), name);
      const pid = work.startsWith(prefix) ? work.slice(prefix.length) : "";
      if (/^[0-9]+$/.test(pid) && !isOtherProcess(Number(pid))) finish(work, out);
    }
  });
}

function unlessImpossible(folder: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(
      `${folder} cannot be written: ${systemMessage(error)}`,
      "Nothing in it was changed. Check its permissions and the space on its disk.",
    );
  }
}

/** What the work folders of an output folder begin with; the number of the build's process follows. */
function workPrefix(out: string): string {
  return join(dirname(out), `.${basename(out)}.nixgen-`);
}

/** Ends a build, whether it has come to its end or not. */
function finish(work: string, out: string): void {
  const previous = join(work, PREVIOUS);
  if (existsSync(previous) && existsSync(join(work, NEXT))) {
    // The old tree was taken away, and the new one has not come. If somebody else's has, what was in
    // the old one is not ours to remove.
    if (existsSync(out)) return;
    renameSync(previous, out);
  }
  try {
    rmSync(work, { recursive: true, force: true });
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

/** Takes what is not nixgen's along: files are the same files, under a second name. */
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
      chmodSync(to, stat.mode);
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
  } catch {
    // A file system without links, or a file of another user's (fs.protected_hardlinks).
    copyFileSync(from, to);
  }
}

function writeFileAt(folder: string, path: string, text: string): void {
  const target = join(folder, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text, { mode: path.endsWith(".sh") ? 0o777 : 0o666 });
}
