/**
 * How far a fleet reaches. A branch may bring links along, so what is inside is told by real paths; what lies
 * above the repository, and what the call names, is the operator's.
 */
import { lstatSync, readlinkSync, realpathSync, type Stats, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { isWithin } from "../text/path.ts";

/**
 * The folder that all of a fleet's files are in.
 * @param folder the fleet's folder, which is there.
 * @returns the real path of the git repository around it; of the folder itself where there is none.
 */
export function boundaryOf(folder: string): string {
  const real = realpathSync.native(folder);
  return repositoryOf(real) ?? real;
}

/** The git repository that a folder is in. */
export function repositoryOf(folder: string): string | undefined {
  if (isThere(join(folder, ".git"))) return folder;
  const above = dirname(folder);
  return above === folder ? undefined : repositoryOf(above);
}

/** Whether a path leads out of the repository around a folder, or of the folder itself where there is none. */
export function leadsOutside(folder: string, path: string): boolean {
  return !isWithin(boundaryOf(folder), followLink(path));
}

/** The first link on the way from a folder to a path below it; neither need be there. */
export function linkBetween(folder: string, path: string): string | undefined {
  let at = folder;
  for (const step of relative(folder, path).split(sep)) {
    at = join(at, step);
    const stat = lookAtEntry(at);
    if (stat === undefined) return undefined;
    if (stat.isSymbolicLink()) return at;
  }
  return undefined;
}

/** As many links after each other are followed, as by Linux. */
const MOST_LINKS = 40;

/** Where a path leads to, also when nothing is there yet. */
export function followLink(path: string, links = 0): string {
  try {
    return realpathSync.native(path);
  } catch {
    const above = dirname(path);
    if (above === path || links > MOST_LINKS) return path;
    return isLink(path)
      ? followLink(resolve(followLink(above, links), readlinkSync(path)), links + 1)
      : join(followLink(above, links), basename(path));
  }
}

/** Whether there is anything of that name: a link that leads nowhere too, and what may not be looked at. */
export function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ENOTDIR");
  }
}

/** Whether a link is there. */
export function isLink(path: string): boolean {
  return lookAtEntry(path)?.isSymbolicLink() === true;
}

/** What is at a path, or where a link at it leads; nothing where that cannot be looked at. */
export function whatIs(path: string): "nothing" | "file" | "folder" | "other" {
  try {
    const stat = statSync(path);
    return stat.isFile() ? "file" : stat.isDirectory() ? "folder" : "other";
  } catch {
    return "nothing";
  }
}

function lookAtEntry(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    // Something above it is no folder, or may not be looked into: what reads or writes there says so.
    return undefined;
  }
}
