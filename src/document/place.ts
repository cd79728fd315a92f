/** Places in documents: by path, as a parsed value has them, and by line and column, as people see them. */

/** The way from the top of a document to a value: `["components", 0, "ports", 2]`. */
export type Path = readonly (string | number)[];

/**
 * A place in a document, named by path. Rules return these; the ranges are looked up late and only
 * for what is reported, so that a clean run pays nothing for positions.
 */
export interface Where {
  /** Relative to the fleet's folder, with forward slashes. */
  readonly file: string;
  readonly path: Path;
  /** Mark the key instead of its value (for keys that should not be there). */
  readonly part?: "key" | "value";
}

/** A range in a file. Lines and columns count from 1, in UTF-16 code units; the end is exclusive. */
export interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** The first character of a file. */
export function startOf(file: string): Location {
  return { file, line: 1, column: 1, endLine: 1, endColumn: 1 };
}
