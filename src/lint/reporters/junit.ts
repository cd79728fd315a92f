import { type Finding, SEVERITIES, unsuppressed } from "../../finding/finding.ts";
import { escapeXml } from "../../text/xml.ts";
import { pathOf, type ReportContext, type Reporter } from "./reporter.ts";

/**
 * For CI that knows tests only: a finding is a test case, failed if it fails the run and skipped if it
 * does not. A clean run is one case that passed, for a suite without any is taken for a mistake.
 */
export const reportJunit: Reporter = (findings, context) => {
  const shown = unsuppressed(findings);
  const cases = shown.map((finding) => testCase(finding, context));
  if (cases.length === 0) cases.push('    <testcase name="no findings" classname="nixgen"/>');
  const failures = shown.filter((finding) => isFailure(finding, context)).length;
  const counts = `tests="${cases.length}" failures="${failures}" errors="0" skipped="${shown.length - failures}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="nixgen" ${counts}>`,
    `  <testsuite name="nixgen lint" ${counts}>`,
    ...cases,
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
};

function testCase(finding: Finding, context: ReportContext): string {
  const { rule, severity, message, help, location, related } = finding;
  const file = pathOf(location.file, context);
  const places = [{ ...location, message }, ...related].map(
    (place) => `${pathOf(place.file, context)}:${place.line}:${place.column}: ${place.message}`,
  );
  const name = escapeXml(`${rule}: ${message}`);
  const open = `<testcase name="${name}" classname="${escapeXml(file)}" file="${escapeXml(file)}" line="${location.line}">`;
  const title = escapeXml(message);
  const result = isFailure(finding, context)
    ? [
        `      <failure type="${escapeXml(rule)}" message="${title}">`,
        ...[...places, help].map(escapeXml),
        "      </failure>",
      ]
    : [
        `      <skipped message="${escapeXml(severity)}: ${title}"/>`,
        `      <system-out>${[...places, help].map(escapeXml).join("\n")}</system-out>`,
      ];
  return [`    ${open}`, ...result, "    </testcase>"].join("\n");
}

function isFailure({ severity }: Finding, { failOn = "error" }: ReportContext): boolean {
  return SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(failOn);
}
