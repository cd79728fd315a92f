/**
 * How far a fleet reaches. A branch may bring links along, so what is inside is told by real paths; what lies
 * above the repository, and what the call names, is the operator's.
 */
import { lstatSync, readlinkSync, realpathSync, type Stats } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";

/**
 * The folder that all of a fleet's files are in.
 * @param folder the fleet's folder, which is there.
 * @returns the real path of the git repository around it; of the folder itself where there is none.
 */
export function boundaryOf(folder: string): string {
  const real = realpathSync(folder);
  return repositoryOf(real) ?? real;
}

/** The git repository that a folder is in. */
function repositoryOf(folder: string): string | undefined {
  if (isThere(join(folder, ".git"))) return folder;
  const above = dirname(folder);
  return above === folder ? undefined : repositoryOf(above);
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
    return realpathSync(path);
  } catch {
    const above = dirname(path);
    if (above === path || links > MOST_LINKS) return path;
    const isLink = lookAtEntry(path)?.isSymbolicLink() === true;
    return isLink
      ? followLink(resolve(followLink(above, links), readlinkSync(path)), links + 1)
      : join(followLink(above, links), basename(path));
  }
}

/** Whether there is anything of that name, a link that leads nowhere too. */
export function isThere(path: string): boolean {
  return lookAtEntry(path) !== undefined;
}

function lookAtEntry(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    // Something above it is no folder, or may not be looked into: what reads or writes there says so.
    return undefined;
  }
}
