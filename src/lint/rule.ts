/** What a rule is: metadata, and a check that says what is wrong and where, by path. */
import type { Annotated, Fix, Location, Severity, Where } from "../fleet/finding.ts";
import type { Fleet } from "../fleet/model.ts";
import type { LintRun } from "./suppression.ts";

/** Something that a rule found, before the engine has looked up where it is. */
export interface Report {
  /** One sentence that names the host and the user or service. */
  readonly message: string;
  /** The next step: what to write instead. */
  readonly help: string;
  /** By path; by range where there is no path, as of a comment. */
  readonly at: Where | Location;
  readonly related?: readonly Annotated[];
  /** Where it differs from the rule's own. */
  readonly severity?: Severity;
  readonly fix?: Fix;
}

/** What rules are about, in the order in which docs/rules.md has them. */
export const GROUPS = ["identity", "dns", "addresses", "boot", "containers", "inventory"] as const;

/** One of them. */
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
  /** What it reports carries a fix, at least sometimes: `nixgen lint --fix`. */
  readonly fixable?: true;
  /**
   * No comment, no table of nixgen.toml, no option and no baseline takes its findings away or makes
   * them less than they are; `nixgen lock accept` is the way.
   */
  readonly unsilenceable?: true;
  /**
   * About what suppresses findings: it runs when all others have, and what it finds is not
   * suppressed, but can be switched off.
   */
  readonly last?: true;
  /** @param run what is known when the rule runs; complete only for the last ones. */
  readonly check: (fleet: Fleet, run: LintRun) => Iterable<Report>;
}
