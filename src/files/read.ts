/** Reads files as text; every way in which that can fail becomes a located problem. */
import { isUtf8 } from "node:buffer";
import { constants, readFileSync, statSync } from "node:fs";
import { type Finding, startOf } from "../fleet/finding.ts";
import { MAX_BYTES } from "../text/limit.ts";
import { problem, RESTORE_LOCK, syntaxFinding } from "../fleet/problem.ts";
import { positionOf } from "../fleet/scan.ts";
import {
  type FileText,
  parseJson,
  parseToml,
  type Source,
  SyntaxProblem,
  Unparsed,
} from "../fleet/source.ts";

/**
 * How files are opened that have their text at once: some below /proc and /sys would be waited for for
 * ever. The type has the names of such flags alone, and Node takes the numbers of open(2), too.
 */
const AT_ONCE = (constants.O_RDONLY | constants.O_NONBLOCK) as unknown as string;

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
 * Reads and parses a TOML or JSON file.
 * @param path where it is.
 * @param file how findings call it.
 */
export async function readSource(path: string, file: string, format?: Format): Promise<ReadResult> {
  const text = readText(path, file);
  if (typeof text !== "string") return text;
  return parseText(text, file, format, () => {
    const again = readText(path, file);
    return typeof again === "string" ? again : "";
  });
}

/**
 * The text of a file of any format.
 * @param source where it is, or what was read already.
 * @param file how findings call it.
 */
export function readText(source: string | Uint8Array, file: string): string | Unusable {
  if (typeof source !== "string") return decode(Buffer.from(source), file);
  const problem = whyUnreadable(source, file);
  if (problem !== undefined) return { problem };
  try {
    const text = readFileSync(source, { encoding: "utf8", flag: AT_ONCE });
    // What is no UTF-8 was read as this character, which may be there of its own accord.
    return text.includes("\uFFFD")
      ? decode(readFileSync(source, { flag: AT_ONCE }), file)
      : withoutMark(text);
  } catch (error) {
    return { problem: unreadable(file, error) };
  }
}

/**
 * Parses what was read already.
 * @param file how findings call it.
 */
export async function parseSource(
  bytes: Uint8Array,
  file: string,
  format: Format = formatOf(file),
): Promise<ReadResult> {
  const text = decode(Buffer.from(bytes), file);
  return typeof text === "string" ? parseText(text, file, format) : text;
}

/** @param again reads the text once more, so that it need not be kept. */
async function parseText(
  text: string,
  file: string,
  format: Format = formatOf(file),
  again?: () => string,
): Promise<ReadResult> {
  try {
    return { source: format === "json" ? parseJson(file, text, again) : parseToml(file, text) };
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    const refused =
      error instanceof Unparsed
        ? (await import("../fleet/syntax-problem.ts")).syntaxProblemOf(text, format, error)
        : error;
    return {
      problem:
        emptyFile(file, text) ??
        mergeConflict(file, text) ??
        syntaxFinding(file, refused, correction(file, format)),
      read: { file, text },
    };
  }
}

/** What to do about a syntax that is wrong: what programs write was most often cut off. */
function correction(file: string, format: Format): string {
  if (file.endsWith(".lock")) return RESTORE_LOCK;
  return format === "toml"
    ? "Correct the syntax here."
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

/** Why a file is not to be read; undefined where nothing is known against it. */
function whyUnreadable(path: string, file: string): Finding | undefined {
  try {
    const stat = statSync(path);
    // Reading a pipe or a device would wait for ever.
    if (!stat.isFile()) {
      const help = "Put a file in its place.";
      return problem("unreadable", startOf(file), `${file} is not a regular file`, help);
    }
    if (stat.size <= MAX_BYTES) return undefined;
    return problem(
      "unreadable",
      startOf(file),
      `${file} is larger than ${MAX_BYTES / 1024 / 1024} MiB`,
      file.endsWith(".toml")
        ? "Remove it, or narrow fleet.services so that it is not matched."
        : "Look at what wrote it, and have it written again: what nixgen reads is far smaller.",
    );
  } catch (error) {
    return unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown): Finding {
  const message = `${file} cannot be read: ${systemMessage(error)}`;
  return problem("unreadable", startOf(file), message, "Check the path and its permissions.");
}

function decode(bytes: Buffer, file: string): string | Unusable {
  const text = withoutMark(bytes.toString("utf8"));
  if (isUtf8(bytes)) return text;
  const lines = validStart(bytes).split("\n");
  const line = lines.length;
  const column = (lines.at(-1)?.length ?? 0) + 1;
  return {
    problem: problem(
      "unreadable",
      { file, line, column, endLine: line, endColumn: column + 1 },
      `${file} is not UTF-8`,
      "Save it as UTF-8.",
    ),
    read: { file, text },
  };
}

/** The text before the first bytes that are not UTF-8. They decode to U+FFFD, which may be there too. */
function validStart(bytes: Buffer): string {
  let text = "";
  let offset = 0;
  for (const part of bytes.toString("utf8").split("\uFFFD")) {
    text += part;
    offset += Buffer.byteLength(part);
    if (bytes.toString("hex", offset, offset + 3) !== "efbfbd") break;
    text += "\uFFFD";
    offset += 3;
  }
  return withoutMark(text);
}

/** Without the byte order mark, which some editors put at the beginning. */
function withoutMark(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

/** The operating system's own words for an error, without node's code and call. */
export function systemMessage(error: unknown): string {
  if (!(error instanceof Error && "code" in error)) throw error;
  return error.message.replace(/^[A-Z0-9]+: /, "").replace(/, [a-z]+(?: '.*')?$/s, "");
}
