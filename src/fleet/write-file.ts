/** Writes single files: whoever looks, at whatever moment, sees the old text or the new one. */
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  type Stats,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { InputError } from "./input-error.ts";
import { systemMessage } from "./read.ts";

/** A file that gets another text. */
export interface Replacement {
  readonly path: string;
  /** What it must still hold, or false where there must be nothing; undefined where that does not matter. */
  readonly before?: string | false;
  readonly after: string;
}

/**
 * Writes one file. A link is followed; the permissions stay.
 * @throws {InputError} where it cannot be written.
 */
export function writeFile(path: string, text: string): void {
  replaceFiles([{ path, after: text }]);
}

/**
 * Writes several files, all or none: whatever can fail is done before the first one is replaced, and
 * where one cannot be replaced all the same, those before it get their old text back.
 * @throws {InputError} where one cannot be written, or has changed since it was read.
 */
export function replaceFiles(replacements: readonly Replacement[]): void {
  const prepared: Prepared[] = [];
  const replaced: Prepared[] = [];
  try {
    for (const replacement of replacements) {
      prepared.push(unlessImpossible(replacement.path, () => prepare(replacement)));
    }
    for (const file of prepared) {
      unlessImpossible(file.path, () => {
        renameSync(file.temporary, file.target);
      });
      replaced.push(file);
    }
  } catch (error) {
    for (const { target, temporary, old } of replaced) {
      if (old === undefined) rmSync(target);
      else {
        put(temporary, old.bytes, old.stat);
        renameSync(temporary, target);
      }
    }
    throw error;
  } finally {
    for (const { temporary } of prepared) rmSync(temporary, { force: true });
  }
}

/** A replacement whose new text lies beside the file. */
interface Prepared {
  readonly path: string;
  /** Where a link leads to. */
  readonly target: string;
  readonly temporary: string;
  /** What is there; undefined where nothing is. */
  readonly old: { readonly bytes: Buffer; readonly stat: Stats } | undefined;
}

function prepare({ path, before, after }: Replacement): Prepared {
  // A link that leads nowhere is something, too.
  if (before === false && lstatSync(path, { throwIfNoEntry: false }) !== undefined) {
    throw new InputError(`${path} is there already; nothing was written`, "Move it away first.");
  }
  const target = followLink(path);
  const stat = statSync(target, { throwIfNoEntry: false });
  if (stat?.isFile() === false) throw new InputError(`${path} is not a regular file`);
  // To replace a file takes no right to write it; who took that right away means it, though.
  if (stat !== undefined) accessSync(target, constants.W_OK);
  removeLeftBehind(target);
  const temporary = temporaryPrefix(target) + String(process.pid);
  try {
    put(temporary, after, stat);
    const old = stat === undefined ? undefined : { bytes: readFileSync(target), stat };
    if (typeof before === "string" && old?.bytes.equals(Buffer.from(before)) !== true) {
      throw changedMeanwhile(path);
    }
    return { path, target, temporary, old };
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** A file is no longer what it was when it was read. */
export function changedMeanwhile(path: string): InputError {
  return new InputError(
    `${path} was changed by somebody else in the meantime; nothing was written`,
    "Run this again.",
  );
}

/** Writes a new file, with the owner and the permissions of the one whose place it takes. */
function put(temporary: string, content: string | Buffer, like: Stats | undefined): void {
  // On the disk before it takes a name: some file systems would leave an empty file at a power failure.
  writeFileSync(temporary, content, { flag: "wx", flush: true });
  if (like === undefined) return;
  const { uid, gid } = statSync(temporary);
  if (uid !== like.uid || gid !== like.gid) {
    try {
      chownSync(temporary, like.uid, like.gid);
    } catch {
      // Only root may give files away. Who may write it may also own it.
    }
  }
  chmodSync(temporary, like.mode & 0o7777);
}

/** Clears up after runs that were killed. */
function removeLeftBehind(target: string): void {
  const prefix = temporaryPrefix(target);
  for (const name of readdirSync(dirname(target))) {
    const path = join(dirname(target), name);
    const pid = path.startsWith(prefix) ? path.slice(prefix.length) : "";
    if (/^[0-9]+$/.test(pid) && !isOtherProcess(Number(pid))) rmSync(path, { force: true });
  }
}

/** What the temporary files of a file begin with; no pattern of service files matches hidden ones. */
function temporaryPrefix(target: string): string {
  return join(dirname(target), `.${basename(target)}.nixgen-`);
}

/** Where a link leads to, also when nothing is there yet. */
export function followLink(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  return isLink ? resolve(dirname(path), readlinkSync(path)) : path;
}

/** Whether another process of that number is alive. */
export function isOtherProcess(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is alive too.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function unlessImpossible<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(
      `${path} cannot be written: ${systemMessage(error)}`,
      "It was not changed. Check its permissions and the space on its disk.",
    );
  }
}
