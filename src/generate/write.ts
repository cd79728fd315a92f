/**
 * Writes the output folder as a whole: the new tree is made beside it and then takes its place, so
 * that whoever looks, at whatever moment, sees the old tree or the new one.
 */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { InputError } from "../fleet/input-error.ts";
import { systemMessage } from "../fleet/read.ts";
import type { Tree } from "./emit.ts";

/** The parts of the work folder beside the output folder. */
const OWNER = "pid";
const NEXT = "new";
const PREVIOUS = "old";

/**
 * Puts a tree in the place of the output folder. Files of nobody's, which are neither in the tree nor
 * removed, stay.
 * @param folder the output folder; a link to one is followed.
 * @param tree every file that is to be there of nixgen's.
 * @param removed files of an earlier build that are to go.
 * @throws {InputError} where the folder cannot be written, or another build is at it.
 */
export function writeTree(folder: string, tree: Tree, removed: ReadonlySet<string>): void {
  try {
    const out = existsSync(folder) ? realpathSync(folder) : folder;
    if (existsSync(out) && !statSync(out).isDirectory()) {
      throw new InputError(`${folder} is not a folder`, "Name another one with --out.");
    }
    mkdirSync(dirname(out), { recursive: true });
    const work = openWorkFolder(out);
    try {
      const next = join(work, NEXT);
      mkdirSync(next);
      for (const [path, text] of tree) writeFileAt(next, path, text);
      if (existsSync(out)) {
        carryOver(out, next, "", (path) => tree.has(path) || removed.has(path));
        chmodSync(next, statSync(out).mode);
      }
      takePlace(work, out);
    } finally {
      finish(work, out);
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(
      `${folder} cannot be written: ${systemMessage(error)}`,
      "Nothing in it was changed. Check its permissions and the space on its disk.",
    );
  }
}

/**
 * Writes one file so that it is always the old one or the new one.
 * @throws {InputError} where it cannot be written.
 */
export function writeFile(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.new`;
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new InputError(
      `${path} cannot be written: ${systemMessage(error)}`,
      "It was not changed. Check its permissions and the space on its disk.",
    );
  }
}

/** The folder in which a build works; while it is there, no other build begins. */
function openWorkFolder(out: string): string {
  const work = join(dirname(out), `.${basename(out)}.nixgen`);
  finishInterrupted(work, out);
  // It appears with its owner's process in it, so that nobody can take it for an abandoned one.
  const made = mkdtempSync(`${work}-`);
  writeFileSync(join(made, OWNER), String(process.pid));
  try {
    renameSync(made, work);
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    if (!existsSync(work)) throw error;
    throw new InputError(
      `another nixgen build is writing ${out}`,
      `Wait for it, or remove ${work} if there is none.`,
    );
  }
  return work;
}

/** Ends what a build began that was killed: the old tree is put back if it was just taken away. */
function finishInterrupted(work: string, out: string): void {
  if (!existsSync(work) || ownerIsAlive(work)) return;
  finish(work, out);
}

function finish(work: string, out: string): void {
  const previous = join(work, PREVIOUS);
  if (!existsSync(out) && existsSync(previous)) renameSync(previous, out);
  rmSync(work, { recursive: true, force: true });
}

function ownerIsAlive(work: string): boolean {
  const pid = Number(readFileSync(join(work, OWNER), "utf8"));
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is alive too.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Makes the new tree the output folder. */
function takePlace(work: string, out: string): void {
  const next = join(work, NEXT);
  if (!existsSync(out)) {
    renameSync(next, out);
    return;
  }
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
    if (ours(path)) continue;
    const [from, to] = [join(out, path), join(next, path)];
    const stat = lstatSync(from);
    if (stat.isDirectory()) {
      // A folder of ours that is empty now goes with its files.
      const stays = readdirSync(from).some((entry) => !ours(`${path}/${entry}`));
      if (!stays && readdirSync(from).length > 0) continue;
      mkdirSync(to, { recursive: true });
      chmodSync(to, stat.mode);
      carryOver(out, next, path, ours);
    } else {
      mkdirSync(dirname(to), { recursive: true });
      if (stat.isSymbolicLink()) symlinkSync(readlinkSync(from), to);
      else linkSync(from, to);
    }
  }
}

function writeFileAt(folder: string, path: string, text: string): void {
  const target = join(folder, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
}
