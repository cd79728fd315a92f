/**
 * Runs rules over a fleet and turns what they report into findings: located, sorted, without repeats,
 * with the severities of [lint.rules], and each with what suppresses it.
 */
import { type Location, startOf, type Where } from "../document/place.ts";
import { compareFindings, type Finding, type Suppression } from "../finding/finding.ts";
import { groupBy } from "../text/group.ts";
import { locateAll } from "../document/locate.ts";
import type { Fleet } from "../fleet/model.ts";
import { AcceptedFindings } from "./baseline.ts";
import type { Ignore, LintRun, Report, Rule } from "./rule.ts";
import { rules as allRules } from "./rules/index.ts";
import { readIgnores } from "./suppression.ts";

/** What a run is to do. */
export interface LintOptions {
  /** Run the rules about what hosts really have, instead of those about the definitions. */
  readonly audit?: boolean;
  /** Files of the fleet are missing, because they are wrong: no rules that need all of them. */
  readonly isPartial?: boolean;
  /** The rules to choose from. Default: all. */
  readonly rules?: readonly Rule[];
  /** The ids of the only rules to run, also of those that [lint.rules] has switched off. Default: all. */
  readonly only?: readonly string[];
  /** The ids of rules not to run. */
  readonly except?: readonly string[];
}

/**
 * Lints a fleet.
 * @returns all findings, ordered by file, line, column and rule. Those that are suppressed say by what;
 * the others are what counts (`unsuppressed`).
 */
export function lint(fleet: Fleet, options: LintOptions = {}): Finding[] {
  const rules = chooseRules(fleet, options);
  const { ignores, malformed } = readIgnores(fleet);
  const used = new Set<Ignore>();
  const accepted = new AcceptedFindings(fleet.baseline?.baseline);
  const run: LintRun = {
    known: new Map([...allRules, ...rules].map((rule) => [rule.id, rule])),
    chosen: new Set(rules.map(({ id }) => id)),
    ignores,
    malformed,
    used,
    stale: accepted.left,
  };
  const check = (chosen: readonly Rule[]): Finding[] => {
    const reported = chosen.flatMap((rule) =>
      Array.from(reportsOf(rule, fleet, run), (report) => ({ rule, report })),
    );
    const places = reported.flatMap(({ report }) => [report.at, ...(report.related ?? [])]);
    const locations = locateAll(
      fleet.sources,
      places.filter((place): place is Where => !("line" in place)),
    );
    return sorted(reported.map(({ rule, report }) => toFinding(fleet, rule, report, locations)));
  };

  // A comment is about its own file alone.
  const ignoresBy = groupBy(ignores, ({ kind, rule, at }) =>
    kind === "comment" ? `${rule} ${at.file}` : rule,
  );
  const suppressed = (finding: Finding): Suppression | undefined => {
    if (run.known.get(finding.rule)?.unsuppressible === true) return undefined;
    const { rule, location } = finding;
    const ignore = [
      ...(ignoresBy.get(rule) ?? []),
      ...(ignoresBy.get(`${rule} ${location.file}`) ?? []),
    ].find((each) => each.reason !== "" && each.covers(finding));
    if (ignore === undefined) return accepted.take(finding);
    used.add(ignore);
    return { kind: ignore.kind, reason: ignore.reason };
  };

  const findings = check(rules.filter(({ last }) => last !== true)).map((finding) => {
    const suppression = suppressed(finding);
    return suppression === undefined ? finding : { ...finding, suppression };
  });
  return sorted([...findings, ...check(rules.filter(({ last }) => last === true))]);
}

/** Nobody reads more of one rule, and a report of a million findings is more than programs can read. */
const MOST_REPORTS = 10_000;

/** What a rule reports, up to that number. */
function* reportsOf(rule: Rule, fleet: Fleet, run: LintRun): Generator<Report> {
  let count = 0;
  for (const report of rule.check(fleet, run)) {
    if (count === MOST_REPORTS) {
      yield {
        message: `${rule.id} finds more than ${MOST_REPORTS} times that ${rule.summary}; the rest is not shown`,
        help: "Correct these first; most often they have one cause.",
        at: startOf(fleet.file),
      };
      return;
    }
    count += 1;
    yield report;
  }
}

/** The rules that are run. */
function chooseRules(
  fleet: Fleet,
  { rules = allRules, audit = false, isPartial = false, only = [], except = [] }: LintOptions,
): Rule[] {
  const severities = fleet.inventory.lint.rules;
  return rules.filter(({ id, unsuppressible, needsAll, audit: about }) => {
    if (isPartial && needsAll === true) return false;
    if (only.length > 0) return only.includes(id) && !except.includes(id);
    if (audit ? about === undefined : about === "only") return false;
    return unsuppressible === true || (severities[id] !== "off" && !except.includes(id));
  });
}

function toFinding(
  fleet: Fleet,
  rule: Rule,
  report: Report,
  locations: ReadonlyMap<Where, Location>,
): Finding {
  const locate = (place: Where | Location): Location =>
    "line" in place ? place : (locations.get(place) ?? startOf(place.file));
  const configured = rule.unsuppressible === true ? undefined : fleet.inventory.lint.rules[rule.id];
  return {
    rule: rule.id,
    severity:
      configured === undefined || configured === "off"
        ? (report.severity ?? rule.severity)
        : configured,
    message: report.message,
    help: report.help,
    location: locate(report.at),
    related: (report.related ?? []).map((place) => ({ ...locate(place), message: place.message })),
    ...(report.fix !== undefined && { fix: report.fix }),
  };
}

/** In order, and none twice. */
function sorted(findings: readonly Finding[]): Finding[] {
  return [...findings].sort(compareFindings).filter((finding, index, all) => {
    const before = all[index - 1];
    return before === undefined || compareFindings(before, finding) !== 0;
  });
}
