/** What a build would change in the output folder, found without changing anything. */
import { join } from "node:path";
import { readOwn } from "../../files/own-file.ts";
import type { OutputFile } from "../emit.ts";
import { hashOf, type Manifest, MANIFEST_FILE, manifestText, parseManifest } from "./manifest.ts";

/** A file of the output folder that a build would write or remove. */
export interface OutputChange {
  readonly path: string;
  /** What would be there, until the next change is asked for; undefined where it would be removed. */
  readonly after: Buffer | undefined;
  /** Whether somebody changed it by hand, or put it in the place of a new one; --force is needed. */
  readonly byHand: boolean;
}

/**
 * Compares files with what is in the output folder, one after the other: no text is kept.
 * @param out the folder's absolute path.
 * @param written what nixgen wrote there before.
 * @param files every file that this build makes.
 * @param kept says of a file that nixgen wrote before whether it stays although this build does not
 *   make it (another host's, under --host).
 * @returns what differs, in the order of the files; then the manifest, and what is to be removed.
 */
export function* findChanges(
  out: string,
  written: Manifest,
  files: Iterable<OutputFile>,
  kept: (path: string) => boolean,
): Generator<OutputChange> {
  const next = new Map<string, string>();
  const encode = encoder();
  const compare = function* (path: string, after: Buffer | undefined): Generator<OutputChange> {
    const before = readOwn(out, path);
    if (before === undefined ? after === undefined : after?.equals(before)) return;
    const byHand =
      path !== MANIFEST_FILE && before !== undefined && hashOf(before) !== written.get(path);
    yield { path, after, byHand };
  };
  for (const [path, pieces] of files) {
    const content = encode(pieces);
    next.set(path, hashOf(content));
    yield* compare(path, content);
  }
  const gone: string[] = [];
  for (const [path, hash] of written) {
    if (next.has(path)) continue;
    if (kept(path)) next.set(path, hash);
    else gone.push(path);
  }
  yield* compare(MANIFEST_FILE, encode([manifestText(next)]));
  for (const path of gone) yield* compare(path, undefined);
}

/**
 * Makes bytes of one text after the other, each time in the same memory: what is taken for each of a
 * large fleet is not given back soon.
 */
function encoder(): (pieces: Iterable<string>) => Buffer {
  let memory = Buffer.alloc(0);
  return (pieces) => {
    let length = 0;
    for (const piece of pieces) {
      // At most; to count the bytes would take as long as to write them.
      const end = length + 3 * piece.length;
      if (end > memory.length) memory = Buffer.concat([memory], 2 * end);
      length += memory.write(piece, length);
    }
    return memory.subarray(0, length);
  };
}

/**
 * What nixgen wrote into a folder before; nothing where it has no manifest.
 * @throws {InputError} where the manifest is not as nixgen wrote it.
 */
export function readManifest(out: string): Manifest {
  const text = readOwn(out, MANIFEST_FILE);
  return text === undefined ? new Map() : parseManifest(text, join(out, MANIFEST_FILE));
}
