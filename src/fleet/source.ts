/**
 * Documents with positions: a TOML or JSON text, its plain value, and the range of any path in it.
 */
import { parseTree, type Node as JsonNode } from "jsonc-parser";
import { parse as parseTomlValue, TomlError, type TomlValue } from "smol-toml";
import { parseTOML, type AST } from "toml-eslint-parser";
import type { Location, Path, Where } from "./finding.ts";

/**
 * A plain value as TOML and JSON have them. TOML's tables have no prototype, so no key is special. A
 * date is a symbol: no schema has dates, and JSON Schema would take an object for a table.
 */
export type Value =
  string | number | boolean | symbol | readonly Value[] | { readonly [key: string]: Value };

/** A file that has been read and parsed. */
export interface Source {
  /** Relative to the fleet's folder, with forward slashes. */
  readonly file: string;
  readonly text: string;
  readonly value: Value;
  /** The range of a path, or of the nearest thing above it that is there. */
  locate(path: Path, part?: Where["part"]): Location;
  /** The comments, in their order; JSON has none. */
  comments(): readonly Comment[];
}

/** A comment of a TOML file. */
export interface Comment {
  /** Without the #. */
  readonly text: string;
  readonly location: Location;
  /** Nothing else is on its line. */
  readonly alone: boolean;
}

/** The text is no TOML or no JSON. Line and column count from 1. */
export class SyntaxProblem extends Error {
  constructor(
    message: string,
    readonly line: number,
    readonly column: number,
  ) {
    super(message);
  }
}

/**
 * How deeply brackets may be nested. No definition comes near it, and the parsers, which call
 * themselves for each level, must not exhaust the stack.
 */
const MAX_DEPTH = 100;

const TOO_DEEP = `this is nested more than ${MAX_DEPTH} levels deep`;

/**
 * Parses TOML 1.1. What is read at each start must be read fast, so a parser without positions gives
 * the value; the syntax tree is made when the first position is asked for, or nothing can be parsed.
 * @throws {SyntaxProblem} at the first place that is no TOML.
 */
export function parseToml(file: string, text: string): Source {
  checkDepth(text, "toml");
  let value: Value;
  try {
    value = tomlValue(parseTomlValue(text), 0);
  } catch (error) {
    if (error instanceof RangeError) throw new SyntaxProblem(TOO_DEEP, ...deepestKey(text));
    if (!(error instanceof TomlError)) throw error;
    // Its messages are of several lines, with the place drawn; the tree's parser says it in one.
    parseTomlTree(text);
    const [message = ""] = error.message.replace(/^Invalid TOML document: /, "").split("\n");
    throw new SyntaxProblem(message, error.line, error.column);
  }
  let program: AST.TOMLProgram | undefined;
  const tree = (): AST.TOMLProgram => (program ??= parseTomlTree(text));
  return {
    file,
    text,
    value,
    locate: (path, part) => locateToml(file, tree().body[0], path, part),
    comments: () => tree().comments.map((comment) => commentOf(file, text, comment)),
  };
}

/**
 * The syntax tree, with the comments.
 * @throws {SyntaxProblem} where the text is no TOML.
 */
export function parseTomlTree(text: string): AST.TOMLProgram {
  try {
    return parseTOML(text, { tomlVersion: "1.1" });
  } catch (error) {
    // The parser's errors are SyntaxErrors with a place; anything else is a bug and goes through.
    if (!(error instanceof Error) || !("lineNumber" in error && "column" in error)) throw error;
    const place = error as Error & { lineNumber: number; column: number };
    throw new SyntaxProblem(error.message, place.lineNumber, place.column + 1);
  }
}

/**
 * Parses JSON.
 * @throws {SyntaxProblem} at the first place that is no JSON.
 */
export function parseJson(file: string, text: string): Source {
  checkDepth(text, "json");
  let value: Value;
  try {
    value = JSON.parse(text) as Value;
  } catch {
    throw jsonProblem(text);
  }
  let tree: JsonNode | undefined;
  return {
    file,
    text,
    value,
    locate: (path, part) => locateJson(file, text, (tree ??= parseTree(text)), path, part),
    comments: () => [],
  };
}

/**
 * Parses JSON texts that follow each other, as a program prints them that was run several times.
 * @throws {SyntaxProblem} at the first place that is no JSON.
 */
export function parseJsonSequence(text: string): Value[] {
  checkDepth(text, "json");
  const values: Value[] = [];
  for (let at = nextWord(text, 0); at < text.length;) {
    const end = endOfJson(text, at);
    const document = text.slice(at, end);
    try {
      values.push(JSON.parse(document) as Value);
    } catch {
      // What is before it keeps its lines and columns.
      throw jsonProblem(text.slice(0, at).replaceAll(/[^\n]/g, " ") + document);
    }
    at = nextWord(text, end);
  }
  return values;
}

/** The end of the array or object that begins at an offset; all of the text for anything else. */
function endOfJson(text: string, start: number): number {
  if (!/[[{]/.test(text[start] ?? "")) return text.length;
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"') at = endOfString(text, at, char);
    else if (char === "[" || char === "{") depth += 1;
    else if (char === "]" || char === "}") {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}

/** The offset of the first character that is no white space. */
function nextWord(text: string, start: number): number {
  const found = text.slice(start).search(/[^ \t\r\n]/);
  return found === -1 ? text.length : start + found;
}

/** Refuses a text before a parser can choke on it. Brackets in strings and comments do not count. */
function checkDepth(text: string, format: "toml" | "json"): void {
  if ((text.match(/[[{]/g)?.length ?? 0) <= MAX_DEPTH) return;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === "[" || char === "{") {
      depth += 1;
      if (depth <= MAX_DEPTH) continue;
      const { line, column } = positionOf(text, at);
      throw new SyntaxProblem(TOO_DEEP, line, column);
    }
    if (char === "]" || char === "}") depth -= 1;
    else if (char === '"' || (char === "'" && format === "toml")) at = endOfString(text, at, char);
    else if (char === "#" && format === "toml") at = endOfLine(text, at);
  }
}

/** The last character of the string that begins at an offset; of its line where it has no end. */
function endOfString(text: string, start: number, quote: '"' | "'"): number {
  const triple = quote.repeat(3);
  const closing = text.startsWith(triple, start) ? triple : quote;
  for (let at = start + closing.length; at < text.length; at += 1) {
    if (quote === '"' && text[at] === "\\") at += 1;
    else if (closing === quote && text[at] === "\n") return at;
    else if (text.startsWith(closing, at)) {
      let end = at + closing.length - 1;
      // Up to two quotes may stand before the closing three.
      while (closing === triple && end < at + 4 && text[end + 1] === quote) end += 1;
      return end;
    }
  }
  return text.length;
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf("\n", start);
  return end === -1 ? text.length : end;
}

/** Where in the text JSON.parse gave up; its own message does not say in every version of Node. */
function jsonProblem(text: string): SyntaxProblem {
  const errors: { offset: number }[] = [];
  parseTree(text, errors as never, { disallowComments: true, allowTrailingComma: false });
  const { line, column } = positionOf(text, errors[0]?.offset ?? 0);
  return new SyntaxProblem("this is not valid JSON", line, column);
}

/** Line and column, counted from 1, of an offset. */
function positionOf(text: string, offset: number): { line: number; column: number } {
  let line = 1;
  let start = 0;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", start)) {
    line += 1;
    start = at + 1;
  }
  return { line, column: offset - start + 1 };
}

/** Line and column of the first key of too many parts. */
function deepestKey(text: string): [line: number, column: number] {
  const key = new RegExp(`^[^\\n=]*?(?:\\.[^\\n=.]*){${MAX_DEPTH}}`, "m").exec(text);
  const { line, column } = positionOf(text, key?.index ?? 0);
  return [line, column];
}

/**
 * A parsed value with tables without prototype, and symbols for dates.
 * @throws {RangeError} for what is nested too deeply: keys with dots do that without brackets.
 */
function tomlValue(value: TomlValue, depth: number): Value {
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "object") return value;
  if (value instanceof Date) return Symbol("date");
  if (depth > MAX_DEPTH) throw new RangeError(TOO_DEEP);
  if (Array.isArray(value)) return value.map((inner) => tomlValue(inner, depth + 1));
  const table = Object.create(null) as Record<string, Value>;
  for (const [key, inner] of Object.entries(value)) table[key] = tomlValue(inner, depth + 1);
  return table;
}

export function keyName(key: AST.TOMLBare | AST.TOMLQuoted): string {
  return key.type === "TOMLBare" ? key.name : key.value;
}

function locateToml(
  file: string,
  top: AST.TOMLTopLevelTable,
  path: Path,
  part: Where["part"],
): Location {
  let best: { depth: number; node: AST.TOMLNode } = { depth: 0, node: top };
  const reach = (depth: number, node: AST.TOMLNode): void => {
    if (depth > best.depth) best = { depth, node };
  };
  const inside = (pairs: readonly AST.TOMLKeyValue[], base: number): void => {
    for (const pair of pairs) {
      const names = pair.key.keys;
      // Most keys are others: they must cost nothing.
      if (names[0] === undefined || keyName(names[0]) !== path[base]) continue;
      const common = names.findIndex((name, index) => keyName(name) !== path[base + index]);
      const depth = base + (common === -1 ? names.length : common);
      const last = names[depth - base - 1];
      if (last !== undefined) reach(depth, last);
      if (common !== -1) continue;
      if (depth === path.length && part === "key") return;
      // A value lies as deep as its key, and is what is meant where no part is named.
      best = { depth, node: pair.value };
      within(pair.value, depth);
      return;
    }
  };
  const within = (node: AST.TOMLContentNode, depth: number): void => {
    if (node.type === "TOMLInlineTable") inside(node.body, depth);
    if (node.type !== "TOMLArray") return;
    const step = path[depth];
    const element = typeof step === "number" ? node.elements[step] : undefined;
    if (element === undefined) return;
    reach(depth + 1, element);
    within(element, depth + 1);
  };
  for (const node of top.body) {
    if (node.type === "TOMLKeyValue") inside([node], 0);
    else {
      const { resolvedKey } = node;
      const common = resolvedKey.findIndex((step, index) => step !== path[index]);
      if (common === -1) {
        reach(resolvedKey.length, node.key);
        inside(node.body, resolvedKey.length);
      } else {
        const names = resolvedKey.slice(0, common).filter((step) => typeof step === "string");
        reach(common, node.key.keys[names.length - 1] ?? node.key);
      }
    }
  }
  if (best.depth === 0) {
    return { file, line: 1, column: 1, endLine: 1, endColumn: 1 };
  }
  return tomlLocation(file, best.node);
}

/** A node's range. The parser counts columns from 0. */
function tomlLocation(file: string, { loc: { start, end } }: AST.TOMLNode | AST.Comment): Location {
  return {
    file,
    line: start.line,
    column: start.column + 1,
    endLine: end.line,
    endColumn: end.column + 1,
  };
}

function commentOf(file: string, text: string, comment: AST.Comment): Comment {
  const [start] = comment.range;
  const before = text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
  return {
    text: comment.value,
    location: tomlLocation(file, comment),
    alone: before.trim() === "",
  };
}

function locateJson(
  file: string,
  text: string,
  root: JsonNode | undefined,
  path: Path,
  part: Where["part"],
): Location {
  let node = root;
  for (const [index, step] of path.entries()) {
    // Of a key that is there twice, JSON.parse takes the last.
    const child = node?.children?.findLast((candidate, at) =>
      node?.type === "array" ? at === step : candidate.children?.[0]?.value === step,
    );
    if (child === undefined) break;
    const last = index === path.length - 1;
    node = node?.type === "array" ? child : child.children?.[last && part === "key" ? 0 : 1];
  }
  if (node === undefined) return { file, line: 1, column: 1, endLine: 1, endColumn: 1 };
  const start = positionOf(text, node.offset);
  const end = positionOf(text, node.offset + node.length);
  return { file, ...start, endLine: end.line, endColumn: end.column };
}
