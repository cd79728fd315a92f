/** Writes single files: whoever looks, at whatever moment, sees the old text or the new one. */
import {
  accessSync,
  appendFileSync,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  type Stats,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import { compareText } from "../text/order.ts";
import { InputError } from "../text/input-error.ts";
import { systemMessage } from "./system-message.ts";
import { followLink } from "./boundary.ts";
import { isAbandoned, acquire } from "./lock-file.ts";

/** A file that gets another text. */
export interface Replacement {
  readonly path: string;
  /** What it must still hold, or false where there must be nothing; undefined where that does not matter. */
  readonly before?: string | false;
  readonly after: string;
}

/**
 * Writes one file. A link is followed; the permissions stay. A pipe or a device is written straight.
 * @param folders where links may be somebody else's: of those that have the path, it must not leave the first.
 * @throws {InputError} where it cannot be written.
 */
export function writeFile(path: string, text: string, ...folders: readonly string[]): void {
  const folder = folders.find((each) => path.startsWith(join(each, sep)));
  if (folder !== undefined) requireInside(folder, path);
  if (unlessImpossible(path, () => isFile(path))) replaceFiles([{ path, after: text }]);
  else
    unlessImpossible(path, () => {
      append(path, text);
    });
}

/** Whether a file is to be replaced by another one, or made; also where something is in its way. */
function isFile(path: string): boolean {
  // What is open already may be a log, to which more is to be added.
  if (/^\/(?:dev|proc\/self)\/fd\/[0-9]+$/.test(path)) return false;
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined || stat.isFile() || stat.isDirectory();
}

function append(path: string, text: string): void {
  try {
    appendFileSync(path, text);
  } catch (error) {
    // A pipe that is closed: nobody wants the rest.
    if (!(error instanceof Error && "code" in error && error.code === "EPIPE")) throw error;
  }
}

/** @throws {InputError} where a path below a folder is behind a link that leads out of it. */
export function requireInside(folder: string, path: string): void {
  if (isInside(folder, path)) return;
  throw new InputError(
    `${path} is not written: a link leads to ${followLink(path)}, which is not below ${folder}`,
    "Put a file or folder in the place of the link, or name where it leads to.",
  );
}

/** Whether a path leads to something below a folder, whatever is a link on the way. */
export function isInside(folder: string, path: string): boolean {
  return followLink(path).startsWith(join(followLink(folder), sep));
}

/**
 * Writes files that are not there yet, all of them or none. Folders are made where they are missing.
 * @param files the texts by path.
 * @throws {InputError} where one is there already, or cannot be written.
 */
export function writeNewFiles(files: ReadonlyMap<string, string>): void {
  const made: string[] = [];
  try {
    for (const folder of new Set([...files.keys()].map((path) => dirname(path)))) {
      try {
        makeFolder(folder, made);
      } catch (error) {
        throw cannotBeWritten(folder, error, "Nothing was written.");
      }
    }
    replaceFiles([...files].map(([path, after]) => ({ path, before: false, after })));
  } catch (error) {
    for (const empty of made.reverse()) rmdirSync(empty);
    throw error;
  }
}

/** Makes a folder and those above it that are missing; adds to a list what was made. */
function makeFolder(folder: string, made: string[]): void {
  // Step by step: at once, node does not say why it cannot be done.
  if (existsSync(folder)) return;
  makeFolder(dirname(folder), made);
  mkdirSync(folder);
  made.push(folder);
}

/**
 * Writes several files, all or none: whatever can fail is done before the first one is replaced, and
 * where one cannot be replaced all the same, those before it get their old text back. Only a kill between
 * two of them leaves some old and some new, each of them whole; a file that has its new text already is
 * passed over, so that the same call then does the rest.
 * @throws {InputError} where one cannot be written, or has changed since it was read.
 */
export function replaceFiles(replacements: readonly Replacement[]): void {
  const prepared: Prepared[] = [];
  const replaced: Prepared[] = [];
  // In the same order everywhere: of two processes that write the same files, neither waits for the other.
  const ordered = [...replacements].sort((a, b) => compareText(a.path, b.path));
  try {
    for (const replacement of ordered) {
      const file = unlessImpossible(replacement.path, () => prepare(replacement));
      if (file !== undefined) prepared.push(file);
    }
    for (const file of prepared) {
      unlessImpossible(file.path, () => {
        expectUnchanged(file);
        renameSync(file.temporary, file.target);
      });
      replaced.push(file);
    }
  } catch (error) {
    // What the others take up is free again when the old texts need it.
    for (const { temporary } of prepared) rmSync(temporary, { force: true });
    for (const { target, temporary, old } of replaced) {
      if (old === undefined) rmSync(target, { force: true });
      else {
        put(temporary, old.bytes, old.stat);
        renameSync(temporary, target);
      }
    }
    throw error;
  } finally {
    for (const { temporary } of prepared) rmSync(temporary, { force: true });
  }
  for (const folder of new Set(prepared.map(({ target }) => dirname(target)))) flushFolder(folder);
}

/** A replacement whose new text lies beside the file. */
interface Prepared extends Replacement {
  /** Where a link leads to. */
  readonly target: string;
  readonly temporary: string;
  /** What is there; undefined where nothing is. */
  readonly old: { readonly bytes: Buffer; readonly stat: Stats } | undefined;
}

/** @returns undefined where the file has its new text already. */
function prepare(replacement: Replacement): Prepared | undefined {
  const { path, after } = replacement;
  const target = followLink(path);
  const stat = statSync(target, { throwIfNoEntry: false });
  if (stat?.isFile() === false)
    throw new InputError(`${path} is not a regular file`, "Name a file.");
  // To replace a file takes no right to write it; who took that right away means it, though.
  if (stat !== undefined) accessSync(target, constants.W_OK);
  const temporary = temporaryPrefix(target) + String(process.pid);
  try {
    acquire(
      () => {
        put(temporary, after, stat);
      },
      () => {
        rmSync(temporary);
      },
      () => clearLeftBehind(target),
    );
    const old = stat === undefined ? undefined : { bytes: readFileSync(target), stat };
    if (old?.bytes.equals(Buffer.from(after)) === true) {
      rmSync(temporary);
      return undefined;
    }
    const prepared = { ...replacement, target, temporary, old };
    expectUnchanged(prepared);
    return prepared;
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** @throws {InputError} where a file is not what it must be when it is replaced. */
function expectUnchanged({ path, target, before }: Prepared): void {
  if (before === undefined) return;
  if (before === false) {
    // A link that leads nowhere is something, too.
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return;
    throw new InputError(
      `${path} is there already; nothing was written`,
      "Move it away first; or run this again, if somebody else has just made it.",
    );
  }
  const now = existsSync(target) ? readFileSync(target) : undefined;
  // A text that was read is without the byte order mark.
  const isAsBefore = [before, `\uFEFF${before}`].some((text) => now?.equals(Buffer.from(text)));
  if (!isAsBefore) throw changedMeanwhile(path);
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
  // One of a killed process that had this number.
  rmSync(temporary, { force: true });
  // On the disk before it takes a name: some file systems would leave an empty file at a power failure.
  writeFileSync(temporary, content, { flag: "wx", flush: true });
  if (like !== undefined) keepRights(temporary, like);
}

/** Gives a new file or folder the owner and the permissions of the one whose place it takes. */
export function keepRights(path: string, like: Stats): void {
  const { uid, gid } = statSync(path);
  if (uid !== like.uid || gid !== like.gid) {
    try {
      chownSync(path, like.uid, like.gid);
    } catch {
      // Only root may give files away. Who may write it may also own it.
    }
  }
  chmodSync(path, like.mode & 0o7777);
}

/** Clears up after runs that were killed; whether another process is about to write the file. */
function clearLeftBehind(target: string): boolean {
  const prefix = temporaryPrefix(target);
  let others = false;
  for (const name of readdirSync(dirname(target))) {
    const path = join(dirname(target), name);
    const pid = path.startsWith(prefix) ? path.slice(prefix.length) : "";
    if (!/^[0-9]+$/.test(pid) || Number(pid) === process.pid) continue;
    if (isAbandoned(path, Number(pid))) rmSync(path, { force: true });
    else others = true;
  }
  return others;
}

/** Brings the names in a folder to the disk. */
export function flushFolder(folder: string): void {
  try {
    const descriptor = openSync(folder, "r");
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // Not every file system can do that to a folder. The files are whole all the same.
  }
}

/** What the temporary files of a file begin with; no pattern of service files matches hidden ones. */
function temporaryPrefix(target: string): string {
  return join(dirname(target), `.${basename(target)}.nixgen-`);
}

function unlessImpossible<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw cannotBeWritten(path, error, "It was not changed.");
  }
}

/**
 * What to say of a file or folder that the system does not let nixgen write, and what to do about it.
 * @param unchanged a sentence that says what was not changed.
 * @throws what is no error of the system.
 */
export function cannotBeWritten(path: string, error: unknown, unchanged: string): InputError {
  if (error instanceof InputError) return error;
  const message = `${path} cannot be written: ${systemMessage(error)}`;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return new InputError(
    message,
    `${unchanged} ${REMEDIES[code] ?? "Check its permissions and its disk."}`,
  );
}

const FULL =
  "Free some space (df -h shows it, df -i whether it is the inodes), and run this again.";
const MOUNTED =
  "Something is mounted there, which cannot be replaced: name a folder in it instead.";
const FORBIDDEN =
  "Check its permissions and those of the folder around it, and whether it was made immutable (lsattr).";

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: FULL,
  EDQUOT: FULL,
  EROFS: "Mount its file system so that it can be written, and run this again.",
  EBUSY: MOUNTED,
  EXDEV: MOUNTED,
  ENOTDIR: "A part of its path is no folder: name another one.",
  EACCES: FORBIDDEN,
  EPERM: FORBIDDEN,
};
