/**
 * Positions in a text that JSON.parse has taken. Nothing but what a path leads through is looked into:
 * facts are large, and what is reported of them is little.
 */
import type { Location, Path, Where } from "./place.ts";
import { endOfString, endsOfJson, Lines, nextWord, type Range } from "./scan.ts";

/** A member of an object, or an element of an array, which has no key. */
interface Child {
  readonly key?: { readonly name: string; readonly range: Range };
  readonly value: Range;
}

/** Looks up paths in one text. */
export class JsonPositions {
  readonly #file: string;
  readonly #text: string;
  readonly #lines: Lines;
  readonly #top: Range;
  /** Where each array and object ends, by its first offset. */
  readonly #ends: ReadonlyMap<number, number>;
  /** What was found in arrays and objects, by their offsets. */
  readonly #children = new Map<number, readonly Child[]>();
  readonly #named = new Map<readonly Child[], ReadonlyMap<string, Child>>();

  constructor(file: string, text: string) {
    this.#file = file;
    this.#text = text;
    this.#lines = new Lines(text);
    // There is nothing but white space around it.
    this.#top = { start: nextWord(text, 0), end: text.trimEnd().length };
    // At once: what is nested would otherwise be gone through for each level that it is below.
    this.#ends = endsOfJson(text, 0);
  }

  /** The range of a path, or of the nearest thing above it that is there. */
  locate(path: Path, part?: Where["part"]): Location {
    let range = this.#top;
    for (const [index, step] of path.entries()) {
      const children = this.#childrenOf(range.start);
      const child = typeof step === "number" ? children[step] : this.#namedIn(children).get(step);
      if (child === undefined) break;
      const isKey = part === "key" && index === path.length - 1;
      range = isKey ? (child.key?.range ?? child.value) : child.value;
    }
    const { line, column } = this.#lines.positionOf(range.start);
    const end = this.#lines.positionOf(range.end);
    return { file: this.#file, line, column, endLine: end.line, endColumn: end.column };
  }

  /** Of a key that is there twice, JSON.parse takes the last. */
  #namedIn(children: readonly Child[]): ReadonlyMap<string, Child> {
    let named = this.#named.get(children);
    if (named === undefined) {
      named = new Map(children.flatMap((child) => (child.key ? [[child.key.name, child]] : [])));
      this.#named.set(children, named);
    }
    return named;
  }

  #childrenOf(start: number): readonly Child[] {
    let children = this.#children.get(start);
    if (children === undefined) {
      children = this.#readChildren(start);
      this.#children.set(start, children);
    }
    return children;
  }

  #readChildren(start: number): Child[] {
    const children: Child[] = [];
    const text = this.#text;
    const opening = text[start];
    if (opening !== "[" && opening !== "{") return children;
    let at = nextWord(text, start + 1);
    while (at < text.length && text[at] !== "]" && text[at] !== "}") {
      const key = opening === "{" ? this.#valueAt(at) : undefined;
      // Behind the key is a colon.
      const value = this.#valueAt(
        key === undefined ? at : nextWord(text, nextWord(text, key.end) + 1),
      );
      children.push(
        key === undefined
          ? { value }
          : {
              key: { name: JSON.parse(text.slice(key.start, key.end)) as string, range: key },
              value,
            },
      );
      at = nextWord(text, value.end);
      if (text[at] === ",") at = nextWord(text, at + 1);
    }
    return children;
  }

  #valueAt(start: number): Range {
    const text = this.#text;
    const first = text[start];
    if (first === '"') return { start, end: endOfString(text, start, first) + 1 };
    if (first === "[" || first === "{") return { start, end: this.#ends.get(start) ?? text.length };
    let end = start;
    while (end < text.length && !" \t\r\n,]}".includes(text.charAt(end))) end += 1;
    return { start, end };
  }
}
