/** From new texts to files: only what nixgen has read, and nobody else has changed since, is replaced. */
import { compareText } from "../text/order.ts";
import { join } from "node:path";
import type { Change } from "../text/diff.ts";
import { LOCK_FILE } from "./load.ts";
import type { Fleet } from "./model.ts";
import type { FileText } from "../document/source.ts";
import { rawText } from "../files/text-file.ts";
import { changedMeanwhile, isInside, replaceFiles, requireInside } from "../files/write-file.ts";

/**
 * Whether a file may be edited: it is written by hand, and not outside of the fleet's folder, where a
 * link may lead.
 */
export function isEditable(root: string, file: string): boolean {
  if (file === LOCK_FILE || file.endsWith(".json")) return false;
  return isInside(root, join(root, file));
}

/**
 * Compares new texts with the files as they are.
 * @param sources what was read, and the new texts were made from.
 * @returns the changes, ordered by path, with the byte order marks that texts are without.
 * @throws {InputError} where a file has changed since it was read.
 */
export function textChanges(
  root: string,
  sources: ReadonlyMap<string, FileText>,
  texts: ReadonlyMap<string, string>,
): (Change & { readonly before: string; readonly after: string })[] {
  return [...texts]
    .sort(([a], [b]) => compareText(a, b))
    .map(([path, text]) => {
      const before = rawText(join(root, path));
      const mark = before?.startsWith("\uFEFF") === true ? "\uFEFF" : "";
      if (before !== mark + (sources.get(path)?.text ?? "")) throw changedMeanwhile(path);
      return { path, before, after: mark + text };
    });
}

/**
 * Makes changes, all or none.
 * @throws {InputError} where a file cannot be written, or has changed since it was read.
 */
export function saveChanges(root: string, changes: ReturnType<typeof textChanges>): void {
  replaceFiles(changes.map((change) => ({ ...change, path: join(root, change.path) })));
}

/**
 * Writes nixgen.lock.
 * @param root the fleet's folder.
 * @param fleet what the new text was made from.
 * @throws {InputError} where it cannot be written, is outside of the folder, or has changed since it
 *   was read.
 */
export function saveLock(root: string, fleet: Fleet, text: string): void {
  const { exists, file } = fleet.lock;
  const before = exists ? fleet.sources.get(file)?.text : undefined;
  const path = join(root, file);
  requireInside(root, path);
  replaceFiles([{ path, before: before ?? false, after: text }]);
}
