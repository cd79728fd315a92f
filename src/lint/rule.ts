/** What a rule is: metadata, and a check that says what is wrong and where, by path. */
import type { Location, Where } from "../document/place.ts";
import type { Annotated, Finding, Fix, Severity } from "../finding/finding.ts";
import type { Fleet } from "../fleet/model.ts";

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
  readonly unsuppressible?: true;
  /**
   * About what suppresses findings: it runs when all others have, and what it finds is not
   * suppressed, but can be switched off.
   */
  readonly last?: true;
  /**
   * It says that something is missing or not needed, so it is silent while a file cannot be used: what
   * is missing may be in that one.
   */
  readonly needsAll?: true;
  /** @param run what is known when the rule runs; complete only for the last ones. */
  readonly check: (fleet: Fleet, run: LintRun) => Iterable<Report>;
}

/** One rule that a comment or an entry of [[lint.ignore]] ignores. */
export interface Ignore {
  readonly kind: "comment" | "config";
  readonly rule: string;
  /** Empty where there is none; nothing is then suppressed. */
  readonly reason: string;
  /** Where it was written. */
  readonly at: Where | Location;
  readonly covers: (finding: Finding) => boolean;
}

/** What the engine knows while it runs; the last rules get all of it. */
export interface LintRun {
  /** Every rule that there is, by id. */
  readonly known: ReadonlyMap<string, Rule>;
  /** The ids of the rules that are run. */
  readonly chosen: ReadonlySet<string>;
  readonly ignores: readonly Ignore[];
  /** Comments that are meant as ignores and have another form. */
  readonly malformed: readonly Location[];
  /** The ignores that suppressed something. */
  readonly used: ReadonlySet<Ignore>;
  /** How often each entry of the baseline, by its number, was not found any more. */
  readonly stale: ReadonlyMap<number, number>;
}
