import { distance } from "fastest-levenshtein";
import { compareText } from "./finding.ts";

/** The known word that was most likely meant, if one is near enough. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  return near(word, known)[0];
}

/** Shorter words are near to too many others for a slip to be told from another word. */
const MIN_LENGTH = 4;

/** The known word that must have been meant, for it is the only one that is near. */
export function onlyNear(word: string, known: readonly string[]): string | undefined {
  const [only, ...more] = near(word, [...new Set(known)]);
  return word.length >= MIN_LENGTH && more.length === 0 ? only : undefined;
}

/** Nobody mistypes a longer word, and to compare two of them takes long. */
const MAX_LENGTH = 100;

/** The known words that are near enough, the nearest first. */
function near(word: string, known: readonly string[]): string[] {
  if (word.length > MAX_LENGTH) return [];
  const meant = normalise(word);
  const limit = Math.max(1, Math.floor(meant.length / 3));
  return known
    .flatMap((candidate) => {
      // Each letter too many is an edit: most candidates need no closer look.
      if (candidate.length < meant.length - limit) return [];
      // camelCase and kebab-case are the commonest way to miss a snake_case key.
      const name = normalise(candidate);
      if (Math.abs(name.length - meant.length) > limit) return [];
      const off = editsBetween(meant, name);
      return off <= limit ? [{ candidate, off }] : [];
    })
    .sort((a, b) => a.off - b.off || compareText(a.candidate, b.candidate))
    .map(({ candidate }) => candidate);
}

/** The edits between two words; two neighbours that changed places are one edit. */
function editsBetween(a: string, b: string): number {
  const at = [...a].findIndex((_, index) => a[index] !== b[index]);
  const swapped = `${a.slice(0, at)}${a[at + 1] ?? ""}${a[at] ?? ""}${a.slice(at + 2)}`;
  return at !== -1 && swapped === b ? 1 : distance(a, b);
}

function normalise(word: string): string {
  return word.toLowerCase().replaceAll(/[-_ ]/g, "");
}

/** Nobody chooses from more; there may be a finding for each name, and each says this. */
const MOST_KNOWN = 50;

/** "Did you mean …?" where something is near, otherwise what there is to choose from. */
export function suggestion(word: string, known: readonly string[]): string {
  const meant = nearest(word, known);
  if (meant !== undefined) return `Did you mean "${meant}"?`;
  if (known.length === 0) return "There are none.";
  const shown = [...known].sort(compareText).slice(0, MOST_KNOWN).map(shorten);
  const more = known.length - shown.length;
  return `Known are ${shown.join(", ")}${more === 0 ? "" : ` and ${more} more`}.`;
}

function shorten(word: string): string {
  return word.length > MAX_LENGTH ? `${word.slice(0, MAX_LENGTH - 1)}…` : word;
}
