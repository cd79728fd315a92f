/** Inputs with marks in them: « before what a finding must point to, ‹ before a related place. */
import type { Location } from "../../src/document/place.ts";
import type { Finding } from "../../src/finding/finding.ts";

/** Files by path, with marks. */
export type MarkedFiles = Readonly<Record<string, string>>;

export interface Marks {
  /** The files without the marks. */
  readonly files: Record<string, string>;
  /** "file:line:column" of each « and of each ‹, sorted. */
  readonly at: readonly string[];
  readonly related: readonly string[];
}

/** Takes the marks out of files. */
export function readMarks(marked: MarkedFiles): Marks {
  const files: Record<string, string> = {};
  const at: string[] = [];
  const related: string[] = [];
  for (const [file, text] of Object.entries(marked)) {
    files[file] = text.replaceAll(/[«‹]/g, "");
    for (const [index, line] of text.split("\n").entries()) {
      let taken = 0;
      for (const { 0: mark, index: offset } of line.matchAll(/[«‹]/g)) {
        (mark === "«" ? at : related).push(`${file}:${index + 1}:${offset - taken + 1}`);
        taken += 1;
      }
    }
  }
  return { files, at: at.sort(), related: related.sort() };
}

export function placeOf({ file, line, column }: Location): string {
  return `${file}:${line}:${column}`;
}

/** Where findings point to, and their related places; each place once, sorted. */
export function placesOf(findings: readonly Finding[]): { at: string[]; related: string[] } {
  const unique = (places: readonly Location[]): string[] =>
    [...new Set(places.map(placeOf))].sort();
  return {
    at: unique(findings.map(({ location }) => location)),
    related: unique(findings.flatMap(({ related }) => related)),
  };
}
