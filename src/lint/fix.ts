/** Makes the fixes of findings, and lints again until nothing more can be fixed. Writes nothing. */
import { applyEdit, type Edit } from "../document/edit.ts";
import type { Path } from "../document/place.ts";
import { type Finding, type Fix, unsuppressed } from "../finding/finding.ts";
import type { FileText } from "../document/source.ts";

/** What there is to say about a fleet, and the files that it was read from. */
export interface Look {
  readonly findings: readonly Finding[];
  readonly sources: ReadonlyMap<string, FileText>;
}

/** What came of fixing. */
export interface FixResult<T extends Look> {
  /** The findings whose fixes were made, in their order, where they were when they were found. */
  readonly fixed: readonly Finding[];
  /** Those whose fixes could not be made without breaking something. */
  readonly refused: readonly Finding[];
  /** The new texts of the files that change. */
  readonly texts: ReadonlyMap<string, string>;
  /** What is found after the fixes. */
  readonly left: T;
}

/** Each round makes what the one before uncovered; no fleet comes near this many. */
const MAX_ROUNDS = 20;

/**
 * Fixes what can be fixed.
 * @param first what is found now.
 * @param look what would be found if files had other texts.
 * @param isEditable which files may change.
 */
export async function fixAll<T extends Look>(
  first: T,
  look: (texts: ReadonlyMap<string, string>) => Promise<T>,
  isEditable: (file: string) => boolean,
): Promise<FixResult<T>> {
  const fixed: Finding[] = [];
  const refused: Finding[] = [];
  let texts: ReadonlyMap<string, string> = new Map();
  let left = first;
  /** Fixes that were tried; one that does not help is not made again and again. */
  const tried = new Set<string>();

  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const touched: string[][] = [];
    const isChanged = texts;
    for (const finding of unsuppressed(left.findings)) {
      const { fix } = finding;
      if (fix === undefined) continue;
      const id = JSON.stringify(fix.edits);
      const places = fix.edits.flatMap(placesOf);
      // What another fix has changed is looked at again in the next round.
      if (tried.has(id) || touched.some((place) => places.some((own) => overlap(place, own))))
        continue;
      tried.add(id);
      const next = applyFix(fix, { ...left, texts }, isEditable);
      if (next === undefined) {
        refused.push(finding);
        continue;
      }
      texts = next;
      touched.push(...places);
      fixed.push(finding);
    }
    if (texts === isChanged) break;
    left = await look(texts);
  }
  return { fixed, refused, texts, left };
}

/** The texts after a fix; undefined where one of its edits cannot be made. */
export function applyFix(
  fix: Fix,
  { sources, texts }: Pick<Look, "sources"> & { readonly texts: ReadonlyMap<string, string> },
  isEditable: (file: string) => boolean,
): ReadonlyMap<string, string> | undefined {
  const next = new Map(texts);
  for (const edit of fix.edits) {
    const { file } = edit.at;
    const text = next.get(file) ?? sources.get(file)?.text;
    const after = text !== undefined && isEditable(file) ? applyEdit(text, edit) : undefined;
    if (after === undefined) return undefined;
    next.set(file, after);
  }
  return next;
}

/** The places that an edit changes: a file, and the way from its top. */
function placesOf(edit: Edit): string[][] {
  const { file, path } = edit.at;
  const place = (steps: Path): string[] => [file, ...steps.map(String)];
  switch (edit.kind) {
    case "replace":
    case "append":
      return [place(path)];
    case "add":
      return [place([...path, edit.key])];
    case "rename":
      return [place(path), place([...path.slice(0, -1), edit.key])];
  }
}

/** Whether two places are the same, or one is inside the other. */
function overlap(a: readonly string[], b: readonly string[]): boolean {
  const [outer, inner] = a.length < b.length ? [a, b] : [b, a];
  return outer.every((step, index) => inner[index] === step);
}
