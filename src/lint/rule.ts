/** What a rule is: metadata, and a check that says what is wrong and where, by path. */
import type { Annotated, Fix, Severity, Where } from "../fleet/finding.ts";
import type { Fleet } from "../fleet/model.ts";

/** Something that a rule found, before the engine has looked up where it is. */
export interface Report {
  /** One sentence that names the host and the user or service. */
  readonly message: string;
  /** The next step: what to write instead. */
  readonly help: string;
  readonly at: Where;
  readonly related?: readonly Annotated[];
  /** Where it differs from the rule's own. */
  readonly severity?: Severity;
  readonly fix?: Fix;
}

/** What rules are about, in the order in which docs/rules.md has them. */
export const GROUPS = ["identity", "dns", "addresses", "boot", "containers", "inventory"] as const;

export type Group = (typeof GROUPS)[number];

/** A rule. Its file is named like its id; its doc comment explains it. */
export interface Rule {
  readonly id: string;
  readonly group: Group;
  readonly severity: Severity;
  /** What is wrong where it reports something, in a few words. */
  readonly summary: string;
  /** About what a host really has: `nixgen audit` runs it as well, or it is for that alone. */
  readonly audit?: "also" | "only";
  readonly check: (fleet: Fleet) => Iterable<Report>;
}
