/** What a build would change in the output folder, found without changing anything. */
import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Change } from "../fleet/diff.ts";
import { compareText } from "../fleet/finding.ts";
import { InputError } from "../fleet/input-error.ts";
import { systemMessage } from "../fleet/read.ts";
import type { Tree } from "./emit.ts";
import {
  hashOf,
  type Manifest,
  MANIFEST_FILE,
  manifestOf,
  manifestText,
  parseManifest,
} from "./manifest.ts";

/** What a build would do. */
export interface Changes {
  /** Every file after the build, the manifest too. */
  readonly tree: Tree;
  /** Ordered by path. */
  readonly changes: readonly Change[];
  /** Files that somebody changed by hand, or put in the place of a new one; --force is needed. */
  readonly byHand: readonly string[];
}

/**
 * Compares a tree with what is in the output folder.
 * @param out the folder's absolute path.
 * @param written what nixgen wrote there before.
 * @param tree the files that this build makes.
 * @param kept says of a file that nixgen wrote before whether it stays although this build does not
 *   make it (another host's, under --host).
 */
export function findChanges(
  out: string,
  written: Manifest,
  tree: Tree,
  kept: (path: string) => boolean,
): Changes {
  const next = new Map(manifestOf(tree));
  for (const [path, hash] of written) if (!next.has(path) && kept(path)) next.set(path, hash);
  const all = new Map(tree).set(MANIFEST_FILE, manifestText(next));

  const changes: Change[] = [];
  const byHand: string[] = [];
  const gone = [...written.keys()].filter((path) => !next.has(path));
  for (const path of [...all.keys(), ...gone].sort(compareText)) {
    const after = all.get(path);
    const before = readIfThere(join(out, path));
    if (before === after) continue;
    changes.push({ path, before, after });
    if (path === MANIFEST_FILE || before === undefined) continue;
    if (hashOf(before) !== written.get(path)) byHand.push(path);
  }
  return { tree: all, changes, byHand };
}

/**
 * What nixgen wrote into a folder before; nothing where it has no manifest.
 * @throws {InputError} where the manifest is not as nixgen wrote it.
 */
export function readManifest(out: string): Manifest {
  const path = join(out, MANIFEST_FILE);
  const text = readIfThere(path);
  return text === undefined ? new Map() : parseManifest(text, path);
}

/** A file's text; what is no regular file is nothing that nixgen wrote, and compares unequal to all. */
function readIfThere(path: string): string | undefined {
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    return stat.isFile() ? readFileSync(path, "utf8") : "";
  } catch (error) {
    throw new InputError(
      `${path} cannot be read: ${systemMessage(error)}`,
      "Check its permissions, and what is above it.",
    );
  }
}
