/** Finds the way in a text without parsing it: where strings, lines and values of JSON end. */

/** A place in a text. Lines and columns count from 1, in UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A range of offsets; the end is exclusive. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** The place of one offset; Lines is for many. */
export function positionOf(text: string, offset: number): Position {
  let line = 1;
  let start = 0;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", start)) {
    line += 1;
    start = at + 1;
  }
  return { line, column: offset - start + 1 };
}

/** The offset of a place, which is in the text. */
export function offsetOf(text: string, { line, column }: Position): number {
  let start = 0;
  for (let before = 1; before < line; before += 1) start = endOfLine(text, start) + 1;
  return start + column - 1;
}

/** The lines of a text. */
export class Lines {
  /** The offset at which each line begins. */
  readonly #starts: number[] = [0];

  constructor(text: string) {
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) {
      this.#starts.push(at + 1);
    }
  }

  /** The place of an offset. */
  positionOf(offset: number): Position {
    let line = 0;
    for (let end = this.#starts.length; end - line > 1;) {
      const middle = (line + end) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) line = middle;
      else end = middle;
    }
    return { line: line + 1, column: offset - (this.#starts[line] ?? 0) + 1 };
  }
}

/** The end of the array or object that begins at an offset; all of the text for anything else. */
export function endOfJson(text: string, start: number): number {
  if (text[start] !== "[" && text[start] !== "{") return text.length;
  return endsOfJson(text, start).get(start) ?? text.length;
}

/**
 * The ends of the arrays and objects by their first offsets: of the first one from an offset on, and of all
 * that are in it.
 */
export function endsOfJson(text: string, start: number): ReadonlyMap<number, number> {
  const ends = new Map<number, number>();
  const open: number[] = [];
  const special = /["[\]{}]/g;
  special.lastIndex = start;
  // Unlike exec(), this makes nothing of what it finds, which may be a million times.
  while (special.test(text)) {
    const at = special.lastIndex - 1;
    const char = text[at];
    if (char === '"') special.lastIndex = endOfString(text, at, char) + 1;
    else if (char === "[" || char === "{") open.push(at);
    else {
      ends.set(open.pop() ?? at, at + 1);
      if (open.length === 0) break;
    }
  }
  return ends;
}

/** The last character of the string that begins at an offset; of its line where it has no end. */
export function endOfString(text: string, start: number, quote: '"' | "'"): number {
  if (text[start + 1] === quote && text[start + 2] === quote) {
    return endOfLongString(text, start, quote);
  }
  for (let at = start + 1; at < text.length; at += 1) {
    const char = text[at];
    if (char === quote || char === "\n") return at;
    if (char === "\\" && quote === '"') at += 1;
  }
  return text.length;
}

/** The same for a string of TOML between three quotes, which may be of several lines. */
function endOfLongString(text: string, start: number, quote: '"' | "'"): number {
  const triple = quote.repeat(3);
  for (let at = start + 3; at < text.length; at += 1) {
    if (quote === '"' && text[at] === "\\") at += 1;
    else if (text.startsWith(triple, at)) {
      let end = at + 2;
      // Up to two quotes may stand before the closing three.
      while (end < at + 4 && text[end + 1] === quote) end += 1;
      return end;
    }
  }
  return text.length;
}

/** The line break that ends a line, or the end of the text. */
export function endOfLine(text: string, start: number): number {
  const end = text.indexOf("\n", start);
  return end === -1 ? text.length : end;
}

/** The offset of the first character that is no white space of JSON. */
export function nextWord(text: string, start: number): number {
  let at = start;
  while (at < text.length && " \t\r\n".includes(text.charAt(at))) at += 1;
  return at;
}

/** The offset behind the last character that is no white space of JSON. */
export function endOfLastWord(text: string): number {
  let end = text.length;
  while (end > 0 && " \t\r\n".includes(text.charAt(end - 1))) end -= 1;
  return end;
}
