/**
 * What nixgen says about a fleet: the one vocabulary that loading, linting and every reporter share.
 */
import { compareText } from "../text/order.ts";

export { compareText };

/** How bad a finding is. Only errors stop `nixgen build`. */
export type Severity = "error" | "warning" | "info";

/** The severities, worst first. */
export const SEVERITIES = ["error", "warning", "info"] as const satisfies readonly Severity[];

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

/** A place together with what is to be seen there. */
export interface Annotated extends Where {
  readonly message: string;
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

/** A range together with what is to be seen there. */
export interface RelatedLocation extends Location {
  readonly message: string;
}

/** A value that a fix writes. */
export type EditValue = string | number | boolean | readonly string[];

/** A change of a document, by path like everything that a rule says; the rest of it stays as it is. */
export type Edit =
  /** Another value. */
  | { readonly kind: "replace"; readonly at: Where; readonly value: EditValue }
  /** A key more in the table at a path. */
  | { readonly kind: "add"; readonly at: Where; readonly key: string; readonly value: EditValue }
  /** Elements more at the end of the array at a path. */
  | { readonly kind: "append"; readonly at: Where; readonly values: readonly string[] }
  /** Another name for the last key of a path. */
  | { readonly kind: "rename"; readonly at: Where; readonly key: string };

/** What can be changed without a decision of the user's. All edits are made, or none. */
export interface Fix {
  /** Completes "nixgen can …", e.g. "add 1.1.1.1 and 8.8.8.8 to dns.public". */
  readonly title: string;
  readonly edits: readonly Edit[];
}

/** Why a finding is not counted. */
export interface Suppression {
  /** A comment above or beside it, [[lint.ignore]], or the baseline. */
  readonly kind: "comment" | "config" | "baseline";
  readonly reason: string;
}

/** One finding, as it is reported. */
export interface Finding {
  /** The rule's id, kebab-case. */
  readonly rule: string;
  readonly severity: Severity;
  /** One sentence that names the host and the user or service. */
  readonly message: string;
  /** The next step. */
  readonly help: string;
  readonly location: Location;
  readonly related: readonly RelatedLocation[];
  readonly fix?: Fix;
  readonly suppression?: Suppression;
}

/** Orders findings by file, line, column, rule and message, by code unit: the same in every locale. */
export function compareFindings(a: Finding, b: Finding): number {
  return (
    compareText(a.location.file, b.location.file) ||
    a.location.line - b.location.line ||
    a.location.column - b.location.column ||
    compareText(a.rule, b.rule) ||
    compareText(a.message, b.message)
  );
}

/** The findings that count: those that nothing suppresses. */
export function unsuppressed(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ suppression }) => suppression === undefined);
}

/** How many findings there are of each severity; suppressed ones do not count. */
export function countFindings(findings: readonly Finding[]): Record<Severity, number> {
  const count = { error: 0, warning: 0, info: 0 };
  for (const finding of unsuppressed(findings)) count[finding.severity] += 1;
  return count;
}
