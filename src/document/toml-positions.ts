/** Positions in a text that was parsed as TOML. */
import { type Location, type Path, startOf, type Where } from "./place.ts";
import { Lines, type Range } from "./scan.ts";
import {
  outlineToml,
  type OutlinePair,
  type OutlineTable,
  type OutlineValue,
} from "./toml-outline.ts";

/** Looks up paths in one text. */
export class TomlPositions {
  readonly #file: string;
  readonly #tables: ReadonlyMap<string, TablesAt>;
  readonly #lines: Lines;

  constructor(file: string, text: string) {
    this.#file = file;
    this.#tables = byPrefix(outlineToml(text).tables);
    this.#lines = new Lines(text);
  }

  /** The range of a path, or of the nearest thing above it that is there. */
  locate(path: Path, part?: Where["part"]): Location {
    const range = find(this.#tables, path, part);
    if (range === undefined) return startOf(this.#file);
    const { line, column } = this.#lines.positionOf(range.start);
    const end = this.#lines.positionOf(range.end);
    return { file: this.#file, line, column, endLine: end.line, endColumn: end.column };
  }
}

/** What a path is known by. */
const keyOf = (path: Path): string => JSON.stringify(path);

/** The tables whose paths begin with a path. */
interface TablesAt {
  readonly first: OutlineTable;
  /** The one that has this very path. */
  exact?: OutlineTable;
}

/** Tables by all that their paths begin with: a large file has as many tables as places to look up. */
function byPrefix(tables: readonly OutlineTable[]): ReadonlyMap<string, TablesAt> {
  const index = new Map<string, TablesAt>();
  for (const table of tables) {
    for (let depth = 0; depth <= table.path.length; depth += 1) {
      const key = keyOf(table.path.slice(0, depth));
      const at = index.get(key) ?? { first: table };
      if (depth === table.path.length) at.exact ??= table;
      index.set(key, at);
    }
  }
  return index;
}

/** The keys of a table by all that their names begin with: a large one has as many as places to look up. */
interface PairsAt {
  readonly first: OutlinePair;
  /** The one that has these very names. */
  exact?: OutlinePair;
}

function pairsIndex(pairs: readonly OutlinePair[]): ReadonlyMap<string, PairsAt> {
  const known = indexes.get(pairs);
  if (known !== undefined) return known;
  const index = new Map<string, PairsAt>();
  for (const pair of pairs) {
    const names = pair.key.names.map(({ name }) => name);
    for (let depth = 1; depth <= names.length; depth += 1) {
      const key = keyOf(names.slice(0, depth));
      const at = index.get(key) ?? { first: pair };
      if (depth === names.length) at.exact ??= pair;
      index.set(key, at);
    }
  }
  indexes.set(pairs, index);
  return index;
}

const indexes = new WeakMap<readonly OutlinePair[], ReadonlyMap<string, PairsAt>>();

/** The range of a path, or of the nearest thing above it; undefined where that is the document. */
function find(
  tables: ReadonlyMap<string, TablesAt>,
  path: Path,
  part: Where["part"],
): Range | undefined {
  let best: { depth: number; range: Range | undefined } = { depth: 0, range: undefined };
  const reach = (depth: number, range: Range | undefined): void => {
    if (depth > best.depth) best = { depth, range };
  };
  const inside = (pairs: readonly OutlinePair[], base: number): void => {
    const index = pairsIndex(pairs);
    for (let depth = path.length; depth > base; depth -= 1) {
      const at = index.get(keyOf(path.slice(base, depth)));
      if (at === undefined) continue;
      const { first, exact } = at;
      reach(depth, (exact ?? first).key.names[depth - base - 1]);
      if (exact === undefined || (depth === path.length && part === "key")) return;
      // A value lies as deep as its key, and is what is meant where no part is named.
      best = { depth, range: exact.value };
      within(exact.value, depth);
      return;
    }
  };
  const within = ({ elements, pairs }: OutlineValue, depth: number): void => {
    if (pairs !== undefined) inside(pairs, depth);
    const step = path[depth];
    const element = typeof step === "number" ? elements?.[step] : undefined;
    if (element === undefined) return;
    reach(depth + 1, element);
    within(element, depth + 1);
  };
  for (let depth = 0; depth <= path.length; depth += 1) {
    const at = tables.get(keyOf(path.slice(0, depth)));
    if (at === undefined) break;
    const { first, exact } = at;
    const names = first.path.slice(0, depth).filter((step) => typeof step === "string");
    reach(depth, depth === first.path.length ? first.key : first.key?.names[names.length - 1]);
    if (exact !== undefined) inside(exact.pairs, depth);
  }
  return best.range;
}
