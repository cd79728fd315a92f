/**
 * Folders beside what is written, in which the new is made ready. Their names alone prove nothing, for a
 * branch may bring along whatever it likes: a folder is nixgen's by a mark in it, which has the number of
 * the device and the inode that the folder got when it was made. No copy of it has the same.
 */
import { lstatSync, mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { InputError } from "../text/input-error.ts";

/** A folder that has the name of a work folder. */
export interface WorkFolder {
  readonly path: string;
  /** The number of the process that made it. */
  readonly pid: number;
}

/** What the names of the work folders of a file or folder begin with; the number of a process follows. */
function prefixOf(target: string): string {
  return join(dirname(target), `.${basename(target)}.nixgen-`);
}

/**
 * Makes the work folder of this process.
 * @returns its path.
 * @throws {InputError} where something that is not nixgen's has its name.
 */
export function makeWorkFolder(target: string): string {
  const path = prefixOf(target) + String(process.pid);
  try {
    mkdirSync(path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    throw new InputError(`${path} is in the way, and not nixgen's`, "Move it away.");
  }
  try {
    // In its name, so that it is there at once or not at all.
    writeFileSync(join(path, markOf(path)), "", { flag: "wx" });
  } catch (error) {
    rmdirSync(path);
    throw error;
  }
  return path;
}

/** The name of the mark that a folder must have. */
function markOf(path: string): string {
  const { dev, ino } = lstatSync(path, { bigint: true });
  return `nixgen-${dev}-${ino}`;
}

/** Whether nixgen made a folder. */
function isOurs(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory() !== true) return false;
  return lstatSync(join(path, markOf(path)), { throwIfNoEntry: false })?.isFile() === true;
}

/** The work folders of a file or folder, and what has the name of one and is not nixgen's. */
export function workFoldersOf(target: string): {
  readonly ours: readonly WorkFolder[];
  readonly strange: readonly string[];
} {
  const prefix = prefixOf(target);
  const folder = dirname(target);
  if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) return { ours: [], strange: [] };
  const ours: WorkFolder[] = [];
  const strange: string[] = [];
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const number = path.startsWith(prefix) ? path.slice(prefix.length) : "";
    if (!/^[0-9]+$/.test(number)) continue;
    if (isOurs(path) || isUnmarked(path)) ours.push({ path, pid: Number(number) });
    else strange.push(path);
  }
  return { ours, strange };
}

/** Whether a folder is empty, as one is until it has its mark. */
function isUnmarked(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat?.isDirectory() === true && readdirSync(path).length === 0;
}

/** Removes a work folder; its mark last, so that what is left by who is killed meanwhile still has it. */
export function removeWorkFolder(path: string): void {
  if (isOurs(path)) {
    const mark = markOf(path);
    for (const name of readdirSync(path)) {
      if (name !== mark) rmSync(join(path, name), { recursive: true, force: true });
    }
    rmSync(join(path, mark), { force: true });
  }
  // Nothing is lost with one that is empty.
  if (isUnmarked(path)) rmdirSync(path);
}
