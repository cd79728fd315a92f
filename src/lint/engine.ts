/** Runs rules over a fleet and turns what they report into findings: located, sorted, without repeats. */
import { compareFindings, type Finding, type Location, type Where } from "../fleet/finding.ts";
import type { Fleet } from "../fleet/model.ts";
import type { Rule } from "./rule.ts";
import { rules as allRules } from "./rules/index.ts";

/**
 * Lints a fleet.
 * @returns the findings, ordered by file, line, column and rule.
 */
export function lint(fleet: Fleet, rules: readonly Rule[] = allRules): Finding[] {
  const findings: Finding[] = [];
  for (const rule of rules) {
    for (const report of rule.check(fleet)) {
      findings.push({
        rule: rule.id,
        severity: report.severity ?? rule.severity,
        message: report.message,
        help: report.help,
        location: locate(fleet, report.at),
        related: (report.related ?? []).map((place) => ({
          ...locate(fleet, place),
          message: place.message,
        })),
        ...(report.fix !== undefined && { fix: report.fix }),
      });
    }
  }
  findings.sort(compareFindings);
  return findings.filter((finding, index) => {
    const before = findings[index - 1];
    return before === undefined || compareFindings(before, finding) !== 0;
  });
}

function locate(fleet: Fleet, where: Where): Location {
  const source = fleet.sources.get(where.file);
  if (source === undefined) throw new Error(`a rule points to ${where.file}, which was not read`);
  return source.locate(where.path, where.part);
}
