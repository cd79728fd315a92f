import { type Finding, type Severity, unsuppressed } from "../../finding/finding.ts";
import { printable } from "../../text/printable.ts";
import { pathOf, type ReportContext, type Reporter } from "./reporter.ts";

const COMMANDS: Readonly<Record<Severity, string>> = {
  error: "error",
  warning: "warning",
  info: "notice",
};

/** For GitHub Actions: workflow commands, which become annotations of a pull request's lines. */
export const reportGithub: Reporter = (findings, context) =>
  unsuppressed(findings)
    .map((finding) => `${command(finding, context)}\n`)
    .join("");

function command(finding: Finding, context: ReportContext): string {
  const { rule, severity, message, help, location, related } = finding;
  const { file, line, column, endLine, endColumn } = location;
  const properties = {
    file: pathOf(file, context),
    line,
    endLine,
    // The runner refuses columns of a place of several lines.
    ...(line === endLine && { col: column, endColumn }),
    title: `nixgen ${rule}`,
  };
  const text = [
    message,
    ...related.map((place) => `${pathOf(place.file, context)}:${place.line}: ${place.message}`),
    help,
  ];
  const list = Object.entries(properties)
    .map(([name, value]) => `${name}=${escapeProperty(String(value))}`)
    .join(",");
  return `::${COMMANDS[severity]} ${list}::${escapeData(text.map(printable).join("\n"))}`;
}

/** The runner undoes %25, %0D and %0A everywhere, %3A and %2C in properties alone. */
function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(printable(text)).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
