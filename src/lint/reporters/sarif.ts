/** SARIF 2.1.0, for code scanning: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html */
import type { Location } from "../../document/place.ts";
import { createHash } from "node:crypto";
import { homepage, version } from "../../../package.json";
import type {
  Finding,
  Fix,
  RelatedLocation,
  Severity,
  Suppression,
} from "../../finding/finding.ts";
import type { RuleDoc } from "../../generated/rule-docs.js";
import { catalogue, type Entry } from "../catalogue.ts";
import { applyFix } from "../fix.ts";
import { printable, printableJson } from "../../text/printable.ts";
import { ruleMarkdown } from "../rule-markdown.ts";
import { rules } from "../rules/index.ts";
import { pathOf, type ReportContext, type Reporter } from "./reporter.ts";

const LEVELS: Readonly<Record<Severity, string>> = {
  error: "error",
  warning: "warning",
  info: "note",
};

const SUPPRESSION_KINDS: Readonly<Record<Suppression["kind"], string>> = {
  comment: "inSource",
  config: "external",
  baseline: "external",
};

/** What all names of files are relative to: for code scanning, the repository. */
const BASE_ID = "%SRCROOT%";

/**
 * The reporter, which says of every rule what there is to say.
 * @param docs the explanations, by id.
 */
export function sarifReporter(docs: Readonly<Record<string, RuleDoc>>): Reporter {
  return (findings, context) => {
    const entries = catalogue(rules);
    const indexes = new Map(entries.map(({ id }, index) => [id, index]));
    const fingerprints = fingerprintsOf(findings);
    const changes = changesOf(findings, context);
    const run = {
      tool: {
        driver: {
          name: "nixgen",
          version,
          semanticVersion: version,
          informationUri: homepage,
          rules: entries.map((entry) => descriptor(entry, docs[entry.id])),
        },
      },
      originalUriBaseIds: {
        [BASE_ID]: { description: { text: "The folder that names of files are relative to." } },
      },
      columnKind: "utf16CodeUnits",
      results: findings.map((finding, index) => ({
        ruleId: finding.rule,
        ruleIndex: indexes.get(finding.rule) ?? -1,
        ...result(finding, changes[index] ?? [], context),
        partialFingerprints: { "nixgen/v1": fingerprints[index] },
      })),
    };
    return `${printableJson({
      $schema: "https://json.schemastore.org/sarif-2.1.0.json",
      version: "2.1.0",
      runs: [run],
    })}\n`;
  };
}

function descriptor({ id, group, severity, summary, url }: Entry, doc: RuleDoc | undefined) {
  const [first = summary] = doc?.text.split("\n\n") ?? [];
  return {
    id,
    shortDescription: { text: summary },
    fullDescription: { text: first.replaceAll("\n", " ") },
    ...(doc !== undefined && { help: { text: doc.text, markdown: ruleMarkdown(doc) } }),
    helpUri: url,
    defaultConfiguration: { level: LEVELS[severity] },
    properties: { tags: [group] },
  };
}

function result(
  finding: Finding,
  changes: ReturnType<typeof artifactChanges>,
  context: ReportContext,
) {
  const { severity, location, related, fix, suppression } = finding;
  return {
    level: LEVELS[severity],
    message: { text: messageText(finding) },
    locations: [{ physicalLocation: physicalLocation(location, context) }],
    relatedLocations: related.map((place, index) => ({
      id: index + 1,
      physicalLocation: physicalLocation(place, context),
      message: { text: plain(place.message) },
    })),
    ...(fix !== undefined &&
      changes.length > 0 && {
        fixes: [{ description: { text: plain(fix.title) }, artifactChanges: changes }],
      }),
    // An empty list says that nothing suppresses it; without one that would not be known.
    suppressions:
      suppression === undefined
        ? []
        : [
            {
              kind: SUPPRESSION_KINDS[suppression.kind],
              status: "accepted",
              justification: printable(suppression.reason),
            },
          ],
  };
}

/** The message with links to the related places: GitHub shows no others. */
function messageText({ message, related, help }: Finding): string {
  const links = related.map(link).join(", ");
  return `${plain(message)}${links === "" ? "" : ` (${links})`}. ${plain(help)}`;
}

function link({ message }: RelatedLocation, index: number): string {
  return `[${printable(message).replaceAll(/[\\[\]]/g, "\\$&")}](${index + 1})`;
}

/** Text in which nothing is a link or a placeholder (SARIF 2.1.0, 3.11.5 and 3.11.6). */
function plain(text: string): string {
  return printable(text)
    .replaceAll(/\[(?=[^[]*\]\()/g, "\\[")
    .replaceAll(/\{([0-9]+)\}/g, "{{$1}}");
}

function physicalLocation(location: Location, context: ReportContext) {
  const { file, line, column, endLine, endColumn } = location;
  return {
    artifactLocation: artifactLocation(file, context),
    region: { startLine: line, startColumn: column, endLine, endColumn },
  };
}

function artifactLocation(file: string, context: ReportContext) {
  return { uri: toUri(pathOf(file, context)), uriBaseId: BASE_ID };
}

/**
 * How much text fixes are made in, in characters. Each one is made in a whole file, and nobody looks at
 * thousands one by one: nixgen lint --fix makes them.
 */
const MOST_EDITED = 4_000_000;

/** What the fixes change: those of the first findings, as many as take a moment. */
function changesOf(findings: readonly Finding[], context: ReportContext) {
  let left = MOST_EDITED;
  return findings.map(({ fix }) => {
    if (fix === undefined || left <= 0) return [];
    for (const { at } of fix.edits) left -= context.sources.get(at.file)?.text.length ?? 0;
    return artifactChanges(fix, context);
  });
}

/** What a fix changes, file by file; nothing where one of its edits cannot be made. */
function artifactChanges(fix: Fix, context: ReportContext) {
  const { sources } = context;
  const texts = applyFix(fix, { sources, texts: new Map() }, (file) => file.endsWith(".toml"));
  return [...(texts ?? [])].map(([file, after]) => ({
    artifactLocation: artifactLocation(file, context),
    replacements: [replacement(sources.get(file)?.text ?? "", after)],
  }));
}

/** The smallest change of whole lines that makes one text of another. */
function replacement(before: string, after: string) {
  const [old, now] = [linesOf(before), linesOf(after)];
  const shorter = Math.min(old.length, now.length);
  let start = 0;
  while (start < shorter && old[start] === now[start]) start += 1;
  let same = 0;
  while (same < shorter - start && old.at(-1 - same) === now.at(-1 - same)) same += 1;
  return {
    deletedRegion: { startLine: start + 1, startColumn: 1, ...endOf(old, old.length - same) },
    insertedContent: { text: now.slice(start, now.length - same).join("") },
  };
}

/** The lines of a text, each with its end. */
function linesOf(text: string): string[] {
  return text.split(/(?<=\n)/);
}

/** The position after a number of lines: where the next one begins, or else the end of the last. */
function endOf(lines: readonly string[], number: number) {
  const last = lines[number - 1];
  return last === undefined || last.endsWith("\n")
    ? { endLine: number + 1, endColumn: 1 }
    : { endLine: number, endColumn: last.length + 1 };
}

function toUri(path: string): string {
  // Half of a surrogate pair has no UTF-8.
  return path
    .replaceAll(/\p{Cs}/gu, "\uFFFD")
    .split("/")
    .map(encodeURIComponent)
    .join("/");
}

/** What each finding is known again by, wherever its lines have moved to. */
function fingerprintsOf(findings: readonly Finding[]): string[] {
  const seen = new Map<string, number>();
  return findings.map(({ rule, message, location: { file } }) => {
    const identity = JSON.stringify([rule, file, message]);
    const number = (seen.get(identity) ?? 0) + 1;
    seen.set(identity, number);
    return `${createHash("sha256").update(identity).digest("hex")}:${number}`;
  });
}
