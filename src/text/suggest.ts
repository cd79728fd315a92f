/** What was meant by a word that is not known. */
import { compareText } from "./order.ts";
import { distance } from "fastest-levenshtein";

/** The words that are known. */
export interface Vocabulary {
  /** Those that a word is near enough to. */
  near(word: string): readonly Near[];
  /** The first ones, in order: as many as are shown, and one more. */
  readonly first: readonly string[];
  readonly size: number;
}

/** A known word, and by how many edits a word is off it. */
interface Near {
  readonly known: string;
  readonly off: number;
}

/** Known words: those for one question need nothing made of them. */
export type Known = readonly string[] | Vocabulary;

/** Nobody chooses from more; there may be a finding for each name, and each says this. */
const MOST_KNOWN = 50;

/**
 * How many words are compared. Who names thousands that are not known has not mistyped them: for the last
 * ones nothing is suggested, and the others do not take a minute.
 */
const MOST_COMPARED = 1_000_000;

/** Words that many others are compared with. Nearly always there are none: nothing is made before. */
export function vocabulary(words: readonly string[]): Vocabulary {
  let made: { sorted: readonly string[]; normalised: readonly string[] } | undefined;
  const all = () => {
    if (made === undefined) {
      const sorted = [...new Set(words)].sort(compareText);
      made = { sorted, normalised: sorted.map(normalise) };
    }
    return made;
  };
  const found = new Map<string, readonly Near[]>();
  let left = MOST_COMPARED;
  return {
    near(word) {
      const before = found.get(word);
      if (before !== undefined) return before;
      const { sorted, normalised } = all();
      const near = left > 0 ? nearWords(word, sorted, normalised) : [];
      left -= sorted.length;
      found.set(word, near);
      return near;
    },
    get first() {
      return all().sorted.slice(0, MOST_KNOWN + 1);
    },
    get size() {
      return all().sorted.length;
    },
  };
}

/** The same words without one of them, and with others: what was found near among them stays known. */
export function withReplaced(
  words: Vocabulary,
  { without, also }: { readonly without: string; readonly also: readonly string[] },
): Vocabulary {
  const more = vocabulary(also);
  const isOther = ({ known }: Near): boolean => known !== without;
  return {
    near: (word) => [...words.near(word).filter(isOther), ...more.near(word)],
    get first() {
      const kept = words.first.filter((known) => known !== without);
      return [...kept, ...more.first].sort(compareText);
    },
    get size() {
      return words.size - 1 + more.size;
    },
  };
}

/** The known word that was most likely meant, if one is near enough. */
export function nearest(word: string, known: Known): string | undefined {
  return nearestFirst(word, known)[0];
}

/** Shorter words are near to too many others for a slip to be told from another word. */
const MIN_LENGTH = 4;

/** The known word that must have been meant, for it is the only one that is near. */
export function onlyNear(word: string, known: Known): string | undefined {
  const [only, ...more] = new Set(nearestFirst(word, known));
  return word.length >= MIN_LENGTH && more.length === 0 ? only : undefined;
}

/** "Did you mean …?" where something is near, otherwise what there is to choose from. */
export function suggestion(word: string, known: Known): string {
  const meant = nearest(word, known) ?? continued(word, known);
  if (meant !== undefined) return `Did you mean "${meant}"?`;
  const { first, size } = asVocabulary(known);
  if (size === 0) return "There are none.";
  const shown = first.slice(0, MOST_KNOWN).map(shorten);
  const more = size - shown.length;
  return `Known are ${shown.join(", ")}${more === 0 ? "" : ` and ${more} more`}.`;
}

/** The only known word, of those that are shown, that begins with a word: monitor, monitoring. */
function continued(word: string, known: Known): string | undefined {
  const { first } = asVocabulary(known);
  const begun = normalise(word);
  const [only, ...more] = first.filter((name) => normalise(name).startsWith(begun));
  return begun.length >= MIN_LENGTH && more.length === 0 ? only : undefined;
}

function asVocabulary(known: Known): Vocabulary {
  return "near" in known ? known : vocabulary(known);
}

function nearestFirst(word: string, known: Known): string[] {
  return [...asVocabulary(known).near(word)]
    .sort((a, b) => a.off - b.off || compareText(a.known, b.known))
    .map((near) => near.known);
}

/** Nobody mistypes a longer word, and to compare two of them takes long. */
const MAX_LENGTH = 100;

/** The known words that are near enough. */
function nearWords(word: string, known: readonly string[], normalised: readonly string[]): Near[] {
  if (word.length > MAX_LENGTH) return [];
  const meant = normalise(word);
  const limit = Math.max(1, Math.floor(meant.length / 3));
  const near: Near[] = [];
  for (const [index, name] of normalised.entries()) {
    // Each letter too many is an edit: most candidates need no closer look.
    if (Math.abs(name.length - meant.length) > limit) continue;
    const off = editsBetween(meant, name);
    if (off <= limit) near.push({ known: known[index] ?? "", off });
  }
  return near;
}

/** The edits between two words; two neighbours that changed places are one edit. */
function editsBetween(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  const areSwapped =
    at < a.length &&
    a[at] === b[at + 1] &&
    a[at + 1] === b[at] &&
    a.slice(at + 2) === b.slice(at + 2);
  return areSwapped ? 1 : distance(a, b);
}

/** camelCase and kebab-case are the commonest way to miss a snake_case key. */
function normalise(word: string): string {
  return word.toLowerCase().replaceAll(/[-_ ]/g, "");
}

function shorten(word: string): string {
  return word.length > MAX_LENGTH ? `${word.slice(0, MAX_LENGTH - 1)}…` : word;
}
