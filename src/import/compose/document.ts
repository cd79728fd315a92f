/** A Compose file as values that know where they were written; aliases and merge keys are resolved. */
import type { Location, Path, Where } from "../../document/place.ts";
import {
  type Alias,
  type Document,
  isAlias,
  isScalar,
  isSeq,
  type Node as YamlNode,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { type Lines, positionOf, type Range } from "../../document/scan.ts";
import { SyntaxProblem } from "../../document/source.ts";

/** What stands alone in YAML. */
export type Atom = string | number | boolean | null;

/** A value. What an alias or a merge key brings in has the place where it was written. */
export type Node = AtomNode | ListNode | TableNode;

interface Placed {
  readonly range: Range;
  /** How many values it is made of, and how deeply they lie, with everything that aliases repeat. */
  readonly size: number;
  readonly depth: number;
}

/** What stands alone, as it was meant and as it was written. */
export interface AtomNode extends Placed {
  readonly kind: "atom";
  readonly value: Atom;
  /** As it is written, without quotes. */
  readonly written: string;
}

/** A list. */
export interface ListNode extends Placed {
  readonly kind: "list";
  readonly items: readonly Node[];
}

/** A table, with the entries of merge keys. */
export interface TableNode extends Placed {
  readonly kind: "table";
  readonly entries: ReadonlyMap<string, Entry>;
}

/** A key and its value. */
export interface Entry {
  readonly key: Range;
  readonly node: Node;
}

/** A value without places, as JSON has them. Tables have no prototype, so that no key is special. */
export type Plain = Atom | readonly Plain[] | { readonly [key: string]: Plain };

/** No Compose file comes near these; what does was made to exhaust whoever reads it. */
const MAX_CHARACTERS = 1024 * 1024;
const MAX_VALUES = 100_000;
const MAX_DEPTH = 100;

/** The tags that say no more than what a value's form says. */
const PLAIN_TAGS: ReadonlySet<string> = new Set(
  ["str", "int", "float", "bool", "null", "map", "seq"].map((name) => `tag:yaml.org,2002:${name}`),
);

/**
 * Parses a Compose file.
 * @throws {SyntaxProblem} at the first place that is no YAML, or that cannot be understood.
 */
export function parseCompose(text: string): Node {
  if (text.length > MAX_CHARACTERS) throw problemAt(text, 0, "this is larger than 1 MiB");
  // Each of these may be a node, and the library takes some 10 µs for each.
  if ((text.match(/[\n,]/g)?.length ?? 0) > MAX_VALUES) {
    throw problemAt(text, 0, `this has more than ${MAX_VALUES} lines and commas`);
  }
  refuseDepth(text);
  const document = parseDocument(text, {
    prettyErrors: false,
    // In silence, a second document would be left out.
    logLevel: "error",
    // Its search for keys that are there twice takes the square of their number.
    uniqueKeys: false,
    // Merge keys are resolved here, where they cannot hide a key that is there twice.
    merge: false,
  });
  const [error] = document.errors;
  if (error !== undefined) {
    const message =
      error.code === "MULTIPLE_DOCS"
        ? "there are several documents in this file"
        : error.message.charAt(0).toLowerCase() + error.message.slice(1);
    throw problemAt(text, error.pos[0], message);
  }
  return new Reader(text).read(document);
}

/** Refuses a text before the parser calls itself for each of too many levels. */
function refuseDepth(text: string): void {
  // Every level of a flow has its bracket. Those in strings count as well, but are mostly closed.
  let depth = 0;
  for (const { 0: bracket, index } of text.matchAll(/[[\]{}]/g)) {
    if (bracket === "[" || bracket === "{") depth += 1;
    else if (depth > 0) depth -= 1;
    if (depth > MAX_DEPTH) throw tooDeep(text, index);
  }
  // Other levels stand behind two signs each at the least: spaces, or the "- " of a list.
  for (const line of text.matchAll(INDENTED)) throw tooDeep(text, line.index);
}

/** A line that begins with four such signs for each level there may be. */
const INDENTED = new RegExp(`^[ ?:-]{${4 * MAX_DEPTH}}`, "gm");

function tooDeep(text: string, at: number): SyntaxProblem {
  return problemAt(text, at, `this is nested more than ${MAX_DEPTH} levels deep`);
}

/** Makes nodes of the library's ones, in the order of the document, as aliases want it. */
class Reader {
  readonly #anchors = new Map<string, Node | "open">();
  /** How many entries merge keys have copied. */
  #merged = 0;

  constructor(readonly text: string) {}

  read(document: Document.Parsed): Node {
    return this.#node(document.contents, 0);
  }

  #node(node: YamlNode | null, start: number): Node {
    if (node === null) return this.#atom(null, "", { start, end: start });
    const range = rangeOf(node, start);
    if (isAlias(node)) return this.#alias(node, range);
    const { tag } = node;
    if (tag !== undefined && !PLAIN_TAGS.has(tag)) {
      throw this.#problem(range, `the tag ${tag} is not supported`);
    }
    const { anchor } = node as Scalar;
    if (anchor !== undefined) this.#anchors.set(anchor, "open");
    const made = this.#own(node, range);
    if (anchor !== undefined) this.#anchors.set(anchor, made);
    return made;
  }

  #own(node: YamlNode, range: Range): Node {
    if (isScalar(node)) {
      const { value, source } = node;
      const isAtom = value === null || ["string", "number", "boolean"].includes(typeof value);
      if (!isAtom) throw this.#problem(range, "this value is not supported");
      return this.#atom(value as Atom, source ?? String(value), range);
    }
    return isSeq(node)
      ? this.#list(node as YAMLSeq<YamlNode | null>, range)
      : this.#table(node as YAMLMap<YamlNode, YamlNode | null>, range);
  }

  #alias({ source }: Alias, range: Range): Node {
    const found = this.#anchors.get(source);
    if (found === undefined)
      throw this.#problem(range, `there is no anchor &${source} before this`);
    if (found === "open") throw this.#problem(range, `*${source} is inside of &${source}`);
    return found;
  }

  #atom(value: Atom, written: string, range: Range): AtomNode {
    if (typeof value === "string" && value.includes("\0")) {
      throw this.#problem(range, "a text cannot hold a NUL character");
    }
    // A long text that is repeated fills the memory as many short values do.
    const size = 1 + Math.floor(written.length / 64);
    return { kind: "atom", value, written, range, size, depth: 0 };
  }

  #list(list: YAMLSeq<YamlNode | null>, range: Range): ListNode {
    const items = list.items.map((item) => this.#node(item, range.start));
    return { kind: "list", items, range, ...this.#measure(items, range) };
  }

  #table(map: YAMLMap<YamlNode, YamlNode | null>, range: Range): TableNode {
    const own = new Map<string, Entry>();
    const merged = new Map<string, Entry>();
    for (const pair of map.items) {
      const { name, key, isMerge } = this.#key(pair, range);
      const node = this.#node(pair.value, key.end);
      if (isMerge) this.#merge(node, key, merged);
      else if (own.has(name)) {
        throw this.#problem(key, `the key ${JSON.stringify(name)} is there twice`);
      } else own.set(name, { key, node });
    }
    // A key of the table itself wins, and stays where it stands.
    for (const [name, entry] of merged) if (!own.has(name)) own.set(name, entry);
    const nodes = [...own.values()].map(({ node }) => node);
    return { kind: "table", entries: own, range, ...this.#measure(nodes, range) };
  }

  #key(
    { key }: Pair<YamlNode, YamlNode | null>,
    table: Range,
  ): { name: string; key: Range; isMerge: boolean } {
    const range = rangeOf(key, table.start);
    const node = this.#node(key, table.start);
    if (node.kind !== "atom" || node.value === null) {
      throw this.#problem(range, "a key must be a text");
    }
    const plain = isScalar(key) && key.type === "PLAIN";
    return {
      name: typeof node.value === "string" ? node.value : node.written,
      key: range,
      isMerge: plain && node.written === "<<",
    };
  }

  /** Of several tables, the first that has a key gives its value. */
  #merge(node: Node, key: Range, into: Map<string, Entry>): void {
    for (const table of node.kind === "list" ? node.items : [node]) {
      if (table.kind !== "table") {
        throw this.#problem(key, "<< needs a table, or a list of tables");
      }
      this.#merged += table.entries.size;
      if (this.#merged > MAX_VALUES) throw this.#tooMany(key);
      for (const [name, entry] of table.entries) if (!into.has(name)) into.set(name, entry);
    }
  }

  #measure(nodes: readonly Node[], range: Range): { size: number; depth: number } {
    let size = 1;
    let depth = 0;
    for (const node of nodes) {
      size += node.size;
      depth = Math.max(depth, node.depth + 1);
    }
    if (size > MAX_VALUES) throw this.#tooMany(range);
    if (depth > MAX_DEPTH) throw tooDeep(this.text, range.start);
    return { size, depth };
  }

  #tooMany({ start }: Range): SyntaxProblem {
    return problemAt(
      this.text,
      start,
      `with everything that aliases repeat, this is more than ${MAX_VALUES} values`,
    );
  }

  #problem({ start }: Range, message: string): SyntaxProblem {
    return problemAt(this.text, start, message);
  }
}

function rangeOf(node: YamlNode, start: number): Range {
  const [first, end] = node.range ?? [start, start];
  return { start: first, end };
}

function problemAt(text: string, offset: number, message: string): SyntaxProblem {
  const { line, column } = positionOf(text, offset);
  return new SyntaxProblem(message, line, column);
}

/** The range of a path, or of the nearest thing above it that is there. */
export function locate(root: Node, path: Path, part?: Where["part"]): Range {
  let range = root.range;
  let node: Node | undefined = root;
  for (const [index, step] of path.entries()) {
    const entry: Entry | undefined = childOf(node, step);
    if (entry === undefined) break;
    node = entry.node;
    range = index === path.length - 1 && part === "key" ? entry.key : node.range;
    // A key without a value has no place but its own.
    if (range.start === range.end) range = entry.key;
  }
  return range;
}

/** The value at a path; undefined where there is none. */
export function nodeAt(root: Node, path: Path): Node | undefined {
  return path.reduce<Node | undefined>(
    (node, step) => (node === undefined ? undefined : childOf(node, step)?.node),
    root,
  );
}

function childOf(node: Node, step: string | number): Entry | undefined {
  if (node.kind === "table" && typeof step === "string") return node.entries.get(step);
  const item = node.kind === "list" && typeof step === "number" ? node.items[step] : undefined;
  return item === undefined ? undefined : { key: item.range, node: item };
}

/** A range as findings have it. */
export function locationOf(file: string, lines: Lines, { start, end }: Range): Location {
  const from = lines.positionOf(start);
  const to = lines.positionOf(Math.max(end, start + 1));
  return { file, ...from, endLine: to.line, endColumn: to.column };
}

/** The value without its places. */
export function plainValue(node: Node): Plain {
  if (node.kind === "atom") return node.value;
  if (node.kind === "list") return node.items.map(plainValue);
  const table = Object.create(null) as Record<string, Plain>;
  for (const [key, entry] of node.entries) table[key] = plainValue(entry.node);
  return table;
}
