/**
 * The files of a fleet: those on the disk, those of a commit, or either with some texts in the place of what
 * is there. All that reads a fleet reads it through one of these. Paths are relative to the fleet's folder.
 */
import { lstatSync, readdirSync, realpathSync, type Stats, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { FolderEntry } from "../text/glob.ts";
import { isWithin } from "../text/path.ts";
import { followLink, isLink, isThere, repositoryOf } from "./boundary.ts";
import { systemMessage } from "./system-message.ts";
import {
  cannotBeRead,
  readRegular,
  readText,
  type TextFile,
  type Unreadable,
} from "./text-file.ts";

/** A fleet's files. */
export interface FileTree {
  /**
   * Reads a file.
   * @param kind whether it is one that nixgen writes, and so never a link.
   */
  read(
    file: string,
    kind?: "input" | "own",
  ): TextFile | Unreadable | Promise<TextFile | Unreadable>;
  /** What is in a folder; nothing where nothing has that name. */
  entries(folder: string): readonly FolderEntry[] | Unreadable;
  /**
   * Whether there is anything of that name. A link to nothing counts, and what may not be looked at: to
   * take a lock file for missing would choose every uid anew.
   */
  isThere(path: string): boolean;
  /** Whether it is a folder, or a link that leads to one. */
  isFolder(path: string): boolean;
}

/** A tree with other texts in the place of some files, or beside them. */
export function overlay(tree: FileTree, texts: ReadonlyMap<string, string>): FileTree {
  return {
    read(file, kind) {
      const text = texts.get(file);
      return text === undefined ? tree.read(file, kind) : { text };
    },
    entries: (folder) => tree.entries(folder),
    isThere: (path) => texts.has(path) || tree.isThere(path),
    isFolder: (path) => tree.isFolder(path),
  };
}

/**
 * A fleet on the disk. Nothing is opened that is outside of the repository around it, or of its own folder
 * where that is in none, whatever links say: they are the branch's, which may be anybody's.
 * @param root the fleet's folder.
 * @param named the files that the call has named, which may be anywhere.
 */
export function workingTree(root: string, named: ReadonlySet<string> = new Set()): FileTree {
  const realRoot = realPath(root) ?? root;
  const boundary = repositoryOf(realRoot) ?? realRoot;
  /** Where folders of the boundary really are; undefined for those that links lead out of it to. */
  const folders = new Map<string, string | undefined>([[boundary, boundary]]);

  function folderOf(path: string): string | undefined {
    const folder = dirname(path);
    if (!folders.has(folder)) {
      const above = folderOf(folder);
      const entry = above === undefined ? undefined : join(above, basename(folder));
      folders.set(folder, entry === undefined ? undefined : insideOf(entry, isLink(entry)));
    }
    return folders.get(folder);
  }

  /** Where an entry of a real folder leads to; undefined where that is outside. */
  function insideOf(entry: string, isLinked: boolean): string | undefined {
    if (!isLinked) return entry;
    const target = followLink(entry);
    return isWithin(boundary, target) ? target : undefined;
  }

  /** Where a path really is, and what is there; or why that is not looked at. */
  function find(file: string, kind: "input" | "own"): Found | Unreadable {
    const path = join(realRoot, file);
    if (!isWithin(boundary, path)) {
      return {
        reason: `${file} is not read: it is not below ${boundary}`,
        help: "Name what is in the fleet's folder, or in its git repository.",
      };
    }
    if (path === boundary) return { path, stat: statSync(path) };
    const folder = folderOf(path);
    if (folder === undefined) return leadsOut(file, path);
    const entry = join(folder, basename(path));
    const stat = lstatSync(entry);
    if (!stat.isSymbolicLink()) return { path: entry, stat };
    if (kind === "own") {
      return {
        reason: `${file} is a link, which a file that nixgen writes must not be`,
        help: "Put the file itself in its place.",
      };
    }
    const target = insideOf(entry, true);
    return target === undefined ? leadsOut(file, path) : { path: target, stat: statSync(target) };
  }

  return {
    read(file, kind = "input") {
      if (named.has(file)) return readNamed(join(root, file), file, boundary);
      try {
        const found = find(file, kind);
        return "reason" in found ? found : readRegular(found.path, file, found.stat);
      } catch (error) {
        return cannotBeRead(file, error);
      }
    },
    entries(folder) {
      if (!this.isThere(folder)) return [];
      try {
        const found = find(folder, "input");
        return "reason" in found ? found : readdirSync(found.path, { withFileTypes: true });
      } catch (error) {
        return {
          reason: `${folder} cannot be read as a folder: ${systemMessage(error)}`,
          help: "Make it a folder that you may read, or name another one in [fleet].",
        };
      }
    },
    isThere(path) {
      return named.has(path) || isThere(join(root, path));
    },
    isFolder(path) {
      try {
        const found = find(path, "input");
        return !("reason" in found) && found.stat.isDirectory();
      } catch {
        return false;
      }
    },
  };
}

interface Found {
  readonly path: string;
  readonly stat: Stats;
}

function leadsOut(file: string, path: string): Unreadable {
  return {
    reason: `${file} leads out of the fleet's folder and its repository, so it is not read`,
    help: `It leads to ${followLink(path)}. Put what is there in the place of the link, if it belongs to the fleet.`,
  };
}

/** Reads what the call has named; where a link leads out of the fleet, that is said. */
function readNamed(path: string, file: string, boundary: string): TextFile | Unreadable {
  const read = readText(path, file);
  const real = realPath(path);
  if (!isWithin(boundary, path) || real === undefined || isWithin(boundary, real)) return read;
  return read.reason === undefined
    ? { ...read, elsewhere: real }
    : { reason: read.reason, help: read.help };
}

/** A path without links; undefined where nothing is there, or it cannot be looked at. */
function realPath(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}
