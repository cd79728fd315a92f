/** From files to documents; every way in which that can fail becomes a located problem. */
import { startOf } from "../document/place.ts";
import type { TextFile, Unreadable } from "../files/text-file.ts";
import { type Finding } from "../finding/finding.ts";
import { problem, RESTORE_LOCK, syntaxFinding } from "../finding/problem.ts";
import { positionOf } from "../document/scan.ts";
import {
  type FileText,
  parseJson,
  parseToml,
  type Source,
  SyntaxProblem,
  Unparsed,
} from "../document/source.ts";

/** Why a file cannot be used. */
export interface Unusable {
  readonly problem: Finding;
  /** What was read all the same, to show its lines. */
  readonly read?: FileText;
}

/** A file that was read and parsed, or why it was not. */
export type ReadResult = { readonly source: Source; readonly problem?: never } | Unusable;

/** What a file holds, which its name tells where nothing else does. */
export type Format = "toml" | "json";

function formatOf(file: string): Format {
  return file.endsWith(".json") ? "json" : "toml";
}

/**
 * Parses a file.
 * @param read what came of reading it.
 * @param file how findings call it.
 * @param format what it is, where its name does not tell.
 */
export async function parseFile(
  read: TextFile | Unreadable,
  file: string,
  format: Format = formatOf(file),
): Promise<ReadResult> {
  if (read.reason !== undefined) return unreadable(read, file);
  return parseText(read.text, file, format, read.again);
}

/** What is said of a file that cannot be read. */
export function unreadable({ reason, help, at }: Unreadable, file: string): Unusable {
  if (at === undefined) return { problem: problem("unreadable", startOf(file), reason, help) };
  const { line, column, text } = at;
  const location = { file, line, column, endLine: line, endColumn: column + 1 };
  return { problem: problem("unreadable", location, reason, help), read: { file, text } };
}

/** @param again reads the text once more, so that it need not be kept. */
async function parseText(
  text: string,
  file: string,
  format: Format,
  again?: () => string,
): Promise<ReadResult> {
  try {
    return { source: format === "json" ? parseJson(file, text, again) : parseToml(file, text) };
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    const refused =
      error instanceof Unparsed
        ? (await import("../document/syntax-problem.ts")).syntaxProblemOf(text, format, error)
        : error;
    return {
      problem:
        emptyFile(file, text) ??
        mergeConflict(file, text) ??
        syntaxFinding(file, refused, correction(file, format, refused.help)),
      read: { file, text },
    };
  }
}

/** What to do about a syntax that is wrong: what programs write was most often cut off. */
function correction(file: string, format: Format, known: string | undefined): string {
  if (file.endsWith(".lock")) return RESTORE_LOCK;
  return format === "toml"
    ? (known ?? "Correct the syntax here; https://toml.io says what TOML is.")
    : "Have what wrote it write it again: it may have been cut off, as by a lost connection.";
}

/** No JSON is empty: the shell makes the file before it runs what is to fill it, and that has failed. */
function emptyFile(file: string, text: string): Finding | undefined {
  if (text.trim() !== "") return undefined;
  return problem(
    "syntax",
    startOf(file),
    `${file} is empty`,
    "What was to write it has failed: run that again, and look at what it says.",
  );
}

/** The first marker that git left in a file, if it left one. */
function mergeConflict(file: string, text: string): Finding | undefined {
  const marker = /^(?:<{7}|={7}|>{7})(?: [^\r\n]*)?$/m.exec(text);
  if (marker === null) return undefined;
  const { line } = positionOf(text, marker.index);
  return problem(
    "syntax",
    { file, line, column: 1, endLine: line, endColumn: marker[0].length + 1 },
    `${file} has the markers of an unresolved merge conflict`,
    file.endsWith(".lock")
      ? "Keep the entries that only one side has, of both sides, and drop the markers. Where the sides have another uid, gid or range for one key, do not guess: the one that the host has is right (id USER, /etc/subuid). A port that both chose may be removed; nixgen build chooses anew."
      : "Resolve the conflict first: keep the lines of both sides that belong to it.",
  );
}
