/** Positions in a text that was parsed as TOML. */
import type { Location, Path, Where } from "./finding.ts";
import { startOf } from "./problem.ts";
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
  readonly #tables: readonly OutlineTable[];
  readonly #lines: Lines;

  constructor(file: string, text: string) {
    this.#file = file;
    this.#tables = outlineToml(text);
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

/** The range of a path, or of the nearest thing above it; undefined where that is the document. */
function find(tables: readonly OutlineTable[], path: Path, part: Where["part"]): Range | undefined {
  let best: { depth: number; range: Range | undefined } = { depth: 0, range: undefined };
  const reach = (depth: number, range: Range | undefined): void => {
    if (depth > best.depth) best = { depth, range };
  };
  const inside = (pairs: readonly OutlinePair[], base: number): void => {
    for (const { key, value } of pairs) {
      const { names } = key;
      // Most keys are others: they must cost nothing.
      if (names[0]?.name !== path[base]) continue;
      const common = names.findIndex(({ name }, index) => name !== path[base + index]);
      const depth = base + (common === -1 ? names.length : common);
      reach(depth, names[depth - base - 1]);
      if (common !== -1) continue;
      if (depth === path.length && part === "key") return;
      // A value lies as deep as its key, and is what is meant where no part is named.
      best = { depth, range: value };
      within(value, depth);
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
  for (const table of tables) {
    const common = table.path.findIndex((step, index) => step !== path[index]);
    if (common === -1) {
      reach(table.path.length, table.key);
      inside(table.pairs, table.path.length);
    } else {
      const names = table.path.slice(0, common).filter((step) => typeof step === "string");
      reach(common, table.key?.names[names.length - 1]);
    }
  }
  return best.range;
}
