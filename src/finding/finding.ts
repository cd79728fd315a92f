/**
 * What nixgen says about a fleet: the one vocabulary that loading, linting and every reporter share.
 */
import type { Edit } from "../document/edit.ts";
import type { Location, Where } from "../document/place.ts";
import { compareText } from "../text/order.ts";

/** How bad a finding is. Only errors stop `nixgen build`. */
export type Severity = "error" | "warning" | "info";

/** The severities, worst first. */
export const SEVERITIES = ["error", "warning", "info"] as const satisfies readonly Severity[];

/** A place together with what is to be seen there. */
export interface Annotated extends Where {
  readonly message: string;
}

/** A range together with what is to be seen there. */
export interface RelatedLocation extends Location {
  readonly message: string;
}

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
