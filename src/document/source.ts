/**
 * Documents with positions: a TOML or JSON text, its plain value, and the range of any path in it.
 */
import type { Location, Path, Where } from "./place.ts";
import { parse as parseTomlValue, TomlError, type TomlValue } from "smol-toml";
import { JsonPositions } from "./json-positions.ts";
import { endOfLine, endOfString, Lines, type Position, positionOf, type Range } from "./scan.ts";
import { outlineToml } from "./toml-outline.ts";
import { TomlPositions } from "./toml-positions.ts";

/**
 * A plain value as TOML and JSON have them. A date is a symbol: no schema has dates, and JSON Schema
 * would take an object for a table.
 */
export type Value =
  string | number | boolean | symbol | readonly Value[] | { readonly [key: string]: Value };

/** A file that has been read, whether it can be parsed or not: reports show its lines. */
export interface FileText {
  /** Relative to the fleet's folder, with forward slashes. */
  readonly file: string;
  /** That of a large file is read again: what is asked for it is little, and late. */
  readonly text: string;
}

/** A file that has been read and parsed. */
export interface Source extends FileText {
  readonly value: Value;
  /** To look up places. It may be as large as a parsed text: let go of it, and do so for no file twice. */
  positions(): Positions;
  /** The comments, in their order; JSON has none. */
  comments(): readonly Comment[];
}

/** The places of one file. */
export interface Positions {
  /** The range of a path, or of the nearest thing above it that is there. */
  locate(path: Path, part?: Where["part"]): Location;
}

/** A comment of a TOML file. */
export interface Comment {
  /** Without the #. */
  readonly text: string;
  readonly location: Location;
  /** Nothing else is on its line. */
  readonly alone: boolean;
}

/** The text is no TOML or no JSON. Line and column count from 1; the end is exclusive. */
export class SyntaxProblem extends Error {
  constructor(
    message: string,
    readonly line: number,
    readonly column: number,
    readonly end: Position = { line, column: column + 1 },
    /** The next step, if more is known than that the syntax is wrong here. */
    readonly help?: string,
  ) {
    super(message);
  }
}

/** What a parser refuses that is fast and says little of why: syntaxProblemOf knows more. */
export class Unparsed extends SyntaxProblem {}

/**
 * How deeply brackets may be nested. No definition comes near it, and the parsers, which call
 * themselves for each level, must not exhaust the stack.
 */
const MAX_DEPTH = 100;

const TOO_DEEP = `this is nested more than ${MAX_DEPTH} levels deep`;

/**
 * How long a text or a key may be as it is written. No program can be given a longer argument (Linux:
 * MAX_ARG_STRLEN), and the tree's parser would exhaust the stack.
 */
const MAX_TEXT = 64 * 1024;

/**
 * Parses TOML 1.1. What is read at each start must be read fast, so a parser without positions gives the
 * value, and an outline the places of what is asked for. A syntax tree would take longest.
 * @throws {SyntaxProblem} at the first place that is no TOML.
 */
export function parseToml(file: string, text: string): Source {
  return { file, text, value: tomlValueOf(text), positions, comments };

  function positions(): Positions {
    return new TomlPositions(file, text);
  }
  function comments(): Comment[] {
    const lines = new Lines(text);
    return outlineToml(text).comments.map((range) => commentOf(file, text, lines, range));
  }
}

/** @throws {SyntaxProblem} at the first place that is no TOML. */
function tomlValueOf(text: string): Value {
  checkTexts(text);
  try {
    return plain(parseTomlValue(text), 0);
  } catch (error) {
    checkDepth(text, "toml");
    if (error instanceof RangeError) throw new SyntaxProblem(TOO_DEEP, ...deepestKey(text));
    if (!(error instanceof TomlError)) throw error;
    // Its messages are of several lines, with the place drawn.
    const [message = ""] = error.message.replace(/^Invalid TOML document: /, "").split("\n");
    throw new Unparsed(message, error.line, error.column);
  }
}

/**
 * Parses JSON.
 * @param again reads the text once more, which is then not kept.
 * @throws {SyntaxProblem} at the first place that is no JSON.
 */
export function parseJson(file: string, text: string, again?: () => string): Source {
  return jsonSource(file, jsonValueOf(text), again ?? (() => text));
}

/** A function of its own, so that nothing here keeps the text. */
function jsonSource(file: string, value: Value, read: () => string): Source {
  return {
    file,
    get text() {
      return read();
    },
    value,
    positions: () => new JsonPositions(file, read()),
    comments: () => [],
  };
}

/**
 * However deeply JSON is nested, it can be parsed, and nothing that looks at it calls itself for each level.
 * @throws {SyntaxProblem} at the first place that is no JSON.
 */
function jsonValueOf(text: string): Value {
  try {
    return JSON.parse(text) as Value;
  } catch {
    // Other than JSON.parse, what finds the place does call itself.
    checkDepth(text, "json");
    // The message of JSON.parse does not say where in every version of Node.
    throw new Unparsed("this is not valid JSON", 1, 1);
  }
}

/**
 * Refuses a text before a parser can choke on it. Brackets in strings and comments do not count.
 * @throws {SyntaxProblem} at the first bracket that is too deep.
 */
export function checkDepth(text: string, format: "toml" | "json"): void {
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

/** Refuses texts and keys that are too long, in TOML. */
function checkTexts(text: string): void {
  if (text.length <= MAX_TEXT || hasShortLinesOnly(text)) return;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? "";
    const start = at;
    if (char === "#") at = endOfLine(text, at);
    else if (char === '"' || char === "'") at = endOfString(text, at, char);
    else if (isWord(char)) while (isWord(text[at + 1])) at += 1;
    if (char === "#" || at - start <= MAX_TEXT) continue;
    const { line, column } = positionOf(text, start);
    throw new SyntaxProblem(`this is longer than ${MAX_TEXT} characters`, line, column);
  }
}

/** Whether no line is too long, and so nothing in them. Only between three quotes a text may go on. */
function hasShortLinesOnly(text: string): boolean {
  if (/"""|'''/.test(text)) return false;
  for (let start = 0; start < text.length;) {
    const end = endOfLine(text, start);
    if (end - start > MAX_TEXT) return false;
    start = end + 1;
  }
  return true;
}

function isWord(char: string | undefined): boolean {
  return char !== undefined && /[A-Za-z0-9_-]/.test(char);
}

/** Line and column of the first key of too many parts. */
function deepestKey(text: string): [line: number, column: number] {
  const key = new RegExp(`^[^\\n=]*?(?:\\.[^\\n=.]*){${MAX_DEPTH}}`, "m").exec(text);
  const { line, column } = positionOf(text, key?.index ?? 0);
  return [line, column];
}

/**
 * A parsed value with numbers for large integers, symbols for dates, and plain objects for tables. The
 * parser makes its tables without prototype: V8 has those as hash tables, of four times the size.
 * @throws {RangeError} for what is nested too deeply: keys with dots do that without brackets.
 */
function plain(value: TomlValue, depth: number): Value {
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "object") return value;
  if (value instanceof Date) return Symbol("date");
  if (depth > MAX_DEPTH) throw new RangeError(TOO_DEEP);
  if (Array.isArray(value)) return value.map((inner) => plain(inner, depth + 1));
  const table: Record<string, Value> = {};
  // Of hash tables, Object.entries() is slow.
  for (const key of Object.keys(value)) {
    const given = value[key];
    if (given === undefined) continue;
    const inner = plain(given, depth + 1);
    // An assignment would take this key for the prototype.
    if (key === "__proto__") {
      Object.defineProperty(table, key, {
        value: inner,
        writable: true,
        enumerable: true,
        configurable: true,
      });
    } else table[key] = inner;
  }
  return table;
}

function commentOf(file: string, text: string, lines: Lines, { start, end }: Range): Comment {
  const { line, column } = lines.positionOf(start);
  return {
    text: text.slice(start + 1, end),
    location: { file, line, column, endLine: line, endColumn: column + end - start },
    alone: text.slice(start - column + 1, start).trim() === "",
  };
}
