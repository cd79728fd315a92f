import type { Location } from "../../document/place.ts";
import { styleText } from "node:util";
import {
  countFindings,
  type Finding,
  SEVERITIES,
  type Severity,
  unsuppressed,
} from "../../finding/finding.ts";
import { groupBy } from "../../text/group.ts";
import { printable } from "../../text/printable.ts";
import type { Reporter, ReportContext } from "./reporter.ts";

type Style = Parameters<typeof styleText>[0];
type Paint = (style: Style, text: string) => string;

const STYLES: Readonly<Record<Severity, Style>> = {
  error: ["bold", "red"],
  warning: ["bold", "yellow"],
  info: ["bold", "cyan"],
};

/** How much of a long line is shown around the place that is meant. */
const FRAME_WIDTH = 120;

/** For people: every place in its line of the file, what to do about it, and a summary. */
export const reportPretty: Reporter = (findings, context) => {
  // Whether to colour has been decided; styleText would ask the process's own output again.
  const paint: Paint = (style, text) =>
    context.colour ? styleText(style, text, { validateStream: false }) : text;
  const shown = unsuppressed(findings);
  const lines = linesOf(shown, context);
  const blocks = shown.map((finding) => block(finding, lines, paint));
  return `${[...blocks, summary(findings, paint)].join("\n\n")}\n`;
};

/** Lines of files by their numbers, from 1. */
type LinesByFile = ReadonlyMap<string, ReadonlyMap<number, string>>;

/** The lines that are shown. Each file is gone through once, however many of its lines are. */
function linesOf(findings: readonly Finding[], { sources }: ReportContext): LinesByFile {
  const places = findings.flatMap(({ location, related }) => [location, ...related]);
  return new Map(
    [...groupBy(places, ({ file }) => file)].map(([file, inFile]) => {
      const all = sources.get(file)?.text.split("\n") ?? [];
      const shown = inFile.flatMap(({ line }): [number, string][] => {
        const text = all[line - 1];
        return text === undefined ? [] : [[line, text]];
      });
      return [file, new Map(shown)];
    }),
  );
}

function block(finding: Finding, lines: LinesByFile, paint: Paint): string {
  const { rule, severity, message, help, location, related } = finding;
  const places = [{ ...location, message: "" }, ...related];
  const gutter = String(places.reduce((most, { line }) => Math.max(most, line), 0)).length;
  const margin = " ".repeat(gutter);
  return [
    `${paint(STYLES[severity], `${severity}[${rule}]`)}${paint("bold", `: ${printable(message)}`)}`,
    ...places.flatMap((place, index) => {
      const style = index === 0 ? STYLES[severity] : "blue";
      return frame(place, place.message, gutter, style, lines, paint);
    }),
    `${margin} ${paint("blue", "=")} ${paint("bold", "help")}: ${printable(help)}`,
  ].join("\n");
}

/** The place's name, its line, and a mark below the part that is meant. */
function frame(
  place: Location,
  message: string,
  gutter: number,
  style: Style,
  lines: LinesByFile,
  paint: Paint,
): string[] {
  const margin = " ".repeat(gutter);
  const head = `${margin}${paint("blue", "-->")} ${printable(place.file)}:${place.line}:${place.column}`;
  const line = lines.get(place.file)?.get(place.line);
  if (line === undefined)
    return message === "" ? [head] : [head, `${margin}     ${printable(message)}`];
  const end = place.endLine === place.line ? place.endColumn : line.length + 1;
  const cut = window(line.replace(/\r$/, ""), place.column - 1, Math.max(end - 1, place.column));
  const marks = "^".repeat(Math.max(1, cut.end - cut.start));
  const label = message === "" ? "" : ` ${printable(message)}`;
  const bar = paint("blue", "|");
  return [
    head,
    `${paint("blue", String(place.line).padStart(gutter))} ${bar} ${cut.text}`,
    `${margin} ${bar} ${" ".repeat(cut.start)}${paint(style, marks + label)}`,
  ];
}

/** The part of a line around [start, end), made printable, with the range in terms of that part. */
function window(
  line: string,
  start: number,
  end: number,
): { text: string; start: number; end: number } {
  // A column is of two units at most: of a longer line no more is looked at.
  const far = 2 * FRAME_WIDTH;
  const isShort = line.length <= far && columns(printableLine(line)) <= FRAME_WIDTH;
  const head = [...line.slice(Math.max(0, start - far), start)].reverse();
  const before = fitting(head, isShort ? FRAME_WIDTH : FRAME_WIDTH / 4).reverse();
  const rest = [...line.slice(start, start + far)];
  const after = fitting(rest, FRAME_WIDTH - columns(before.join("")));
  const marked = after.slice(0, [...line.slice(start, Math.min(end, start + far))].length);
  const left = (before.length < head.length ? "…" : "") + before.join("");
  const right = after.join("") + (after.length < rest.length ? "…" : "");
  return {
    text: (left + right).trimEnd(),
    start: columns(left),
    end: columns(left) + columns(marked.join("")),
  };
}

/** The first of some characters, made printable, as many as there are columns for. */
function fitting(characters: readonly string[], width: number): string[] {
  const shown: string[] = [];
  let left = width;
  for (const character of characters) {
    const text = printableLine(character);
    left -= columns(text);
    if (left < 0) break;
    shown.push(text);
  }
  return shown;
}

/** Code points, which is what nearly every terminal shows as one column each. */
function columns(text: string): number {
  return [...text].length;
}

/** A line of the input; tabs are indentation there. */
function printableLine(text: string): string {
  return printable(text.replaceAll("\t", "  "));
}

function summary(findings: readonly Finding[], paint: Paint): string {
  const count = countFindings(findings);
  const parts = SEVERITIES.filter((severity) => count[severity] > 0).map((severity) =>
    paint(STYLES[severity], `${count[severity]} ${severity}${count[severity] === 1 ? "" : "s"}`),
  );
  if (parts.length === 0) parts.push(paint(["bold", "green"], "no findings"));
  const suppressed = findings.filter(({ suppression }) => suppression !== undefined).length;
  if (suppressed > 0) parts.push(`${suppressed} suppressed`);
  const fixable = unsuppressed(findings).filter(({ fix }) => fix !== undefined).length;
  const hint = fixable === 0 ? "" : `\n${fixable} can be fixed: nixgen lint --fix`;
  return parts.join(", ") + hint;
}
