/**
 * Where the keys and values of a TOML text are, and nothing of what they mean. It is for texts that have
 * been parsed: it finds the places many times faster than a syntax tree does, and no mistakes.
 */
import type { Path } from "./place.ts";
import { parse as parseTomlValue } from "smol-toml";
import { endOfString, type Range } from "./scan.ts";

/** One name of a key with dots. */
export interface OutlineName extends Range {
  readonly name: string;
}

/** All of a key. */
export interface OutlineKey extends Range {
  readonly names: readonly OutlineName[];
}

/** `key = value` */
export interface OutlinePair {
  readonly key: OutlineKey;
  readonly value: OutlineValue;
}

/** A value: an array or an inline table has what is in it, any other one nothing. */
export interface OutlineValue extends Range {
  /** Of an array. */
  readonly elements?: readonly OutlineValue[];
  /** Of an inline table. */
  readonly pairs?: readonly OutlinePair[];
}

/** What stands below a header. */
export interface OutlineTable {
  /** Where its pairs are in the document's value, with the indices of arrays of tables. */
  readonly path: Path;
  /** That of the header; the pairs before the first header have none. */
  readonly key: OutlineKey | undefined;
  readonly pairs: readonly OutlinePair[];
}

/** What there is in a text. */
export interface Outline {
  /** In their order; the first one is what stands before any header. */
  readonly tables: readonly OutlineTable[];
  /** In their order, each from its # to the end of its line. */
  readonly comments: readonly Range[];
}

/** White space, line breaks and comments. */
const BLANK = /(?:[ \t\r\n]|#[^\n]*)*/y;
const SPACE = /[ \t]*/y;
const NAME = /[A-Za-z0-9_-]+/y;
/** A number, a truth value or a date, in which one space is possible. */
const SCALAR = /(?:[0-9]{4}-[0-9]{2}-[0-9]{2} (?=[0-9]))?[^ \t\r\n,\]}#]+/y;

/** @param text TOML that a parser has taken. */
export function outlineToml(text: string): Outline {
  const comments: Range[] = [];
  let at = 0;
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const [found = ""] = pattern.exec(text) ?? [];
    at += found.length;
    return found;
  };
  const takeBlank = (): void => {
    const start = at;
    for (const { index, 0: comment } of take(BLANK).matchAll(/#[^\r\n]*/g)) {
      comments.push({ start: start + index, end: start + index + comment.length });
    }
  };
  const takeString = (quote: '"' | "'"): string => {
    const start = at;
    at = Math.min(endOfString(text, at, quote) + 1, text.length);
    return text.slice(start, at);
  };
  const takeName = (): OutlineName => {
    const start = at;
    const quote = text[at];
    const name = quote === '"' || quote === "'" ? unquoted(takeString(quote)) : take(NAME);
    return { name, start, end: at };
  };
  const takeKey = (): OutlineKey => {
    take(SPACE);
    const names = [takeName()];
    const { start } = names[0] ?? { start: at };
    let { end } = names[0] ?? { end: at };
    for (take(SPACE); text[at] === "."; take(SPACE)) {
      at += 1;
      take(SPACE);
      const name = takeName();
      names.push(name);
      ({ end } = name);
    }
    return { names, start, end };
  };
  const takePair = (): OutlinePair => {
    const key = takeKey();
    at += 1;
    take(SPACE);
    return { key, value: takeValue() };
  };
  const takeAll = <T>(closing: "]" | "}", takeOne: () => T): T[] => {
    const all: T[] = [];
    at += 1;
    takeBlank();
    while (at < text.length && text[at] !== closing) {
      all.push(takeOne());
      takeBlank();
      if (text[at] === ",") at += 1;
      takeBlank();
    }
    at += 1;
    return all;
  };
  const takeValue = (): OutlineValue => {
    const start = at;
    const first = text[at];
    if (first === "[") {
      const elements = takeAll("]", takeValue);
      return { start, end: at, elements };
    }
    if (first === "{") {
      const pairs = takeAll("}", takePair);
      return { start, end: at, pairs };
    }
    if (first === '"' || first === "'") takeString(first);
    // Whatever stands there, this comes to an end.
    else if (take(SCALAR) === "") at += 1;
    return { start, end: at };
  };

  let pairs: OutlinePair[] = [];
  const tables: OutlineTable[] = [{ path: [], key: undefined, pairs }];
  const indices = new Map<string, number>();
  takeBlank();
  while (at < text.length) {
    if (text[at] === "[") {
      const brackets = text[at + 1] === "[" ? 2 : 1;
      at += brackets;
      const key = takeKey();
      at += brackets;
      pairs = [];
      tables.push({ path: resolve(key, brackets === 2, indices), key, pairs });
    } else {
      pairs.push(takePair());
    }
    takeBlank();
  }
  return { tables, comments };
}

/**
 * The path of a header.
 * @param indices the last index of every array of tables so far, by its path.
 */
function resolve({ names }: OutlineKey, isElement: boolean, indices: Map<string, number>): Path {
  const path: (string | number)[] = [];
  for (const [position, { name }] of names.entries()) {
    path.push(name);
    const array = JSON.stringify(path);
    const index = indices.get(array);
    if (isElement && position === names.length - 1) {
      const next = index === undefined ? 0 : index + 1;
      indices.set(array, next);
      path.push(next);
    } else if (index !== undefined) path.push(index);
  }
  return path;
}

function unquoted(text: string): string {
  if (text.startsWith("'") || !text.includes("\\")) return text.slice(1, -1);
  const { key } = parseTomlValue(`key = ${text}`);
  return typeof key === "string" ? key : "";
}
