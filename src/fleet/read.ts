/** Reads files as text; every way in which that can fail becomes a located problem. */
import { isUtf8 } from "node:buffer";
import { readFileSync, statSync } from "node:fs";
import type { Finding } from "./finding.ts";
import { problem, startOf } from "./problem.ts";
import { parseJson, parseToml, type Source, SyntaxProblem } from "./source.ts";

/** No definition is larger; what is, is something else under that name. */
const MAX_BYTES = 16 * 1024 * 1024;

/** A file that was read and parsed, or why it was not. */
export type ReadResult =
  { readonly source: Source; readonly problem?: never } | { readonly problem: Finding };

/** What a file holds, which its name tells where nothing else does. */
export type Format = "toml" | "json";

/**
 * Reads and parses a TOML or JSON file.
 * @param path where it is.
 * @param file how findings call it.
 */
export function readSource(path: string, file: string, format?: Format): ReadResult {
  const bytes = readBytes(path, file);
  return bytes instanceof Uint8Array ? parseSource(bytes, file, format) : { problem: bytes };
}

/**
 * The text of a file of any format.
 * @param source where it is, or what was read already.
 * @param file how findings call it.
 */
export function readText(source: string | Uint8Array, file: string): string | Finding {
  const bytes = typeof source === "string" ? readBytes(source, file) : source;
  return bytes instanceof Uint8Array ? decode(Buffer.from(bytes), file) : bytes;
}

/**
 * Parses what was read already.
 * @param file how findings call it.
 */
export function parseSource(
  bytes: Uint8Array,
  file: string,
  format: Format = file.endsWith(".json") ? "json" : "toml",
): ReadResult {
  const text = decode(Buffer.from(bytes), file);
  if (typeof text !== "string") return { problem: text };
  try {
    return { source: format === "json" ? parseJson(file, text) : parseToml(file, text) };
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    const { line, column } = error;
    const location = { file, line, column, endLine: line, endColumn: column + 1 };
    return {
      problem:
        mergeConflict(file, text) ??
        problem("syntax", location, `${file}: ${error.message}`, "Correct the syntax here."),
    };
  }
}

/** The first marker that git left in a file, if it left one. */
function mergeConflict(file: string, text: string): Finding | undefined {
  const lines = text.split(/\r?\n/);
  const index = lines.findIndex((line) => /^(?:<{7}|={7}|>{7})(?: |$)/.test(line));
  const marker = lines[index];
  if (marker === undefined) return undefined;
  const line = index + 1;
  return problem(
    "syntax",
    { file, line, column: 1, endLine: line, endColumn: marker.length + 1 },
    `${file} has the markers of an unresolved merge conflict`,
    file.endsWith(".lock")
      ? "Keep the entries that only one side has, of both sides, and drop the markers. Where the sides have another uid, gid or range for one key, do not guess: the one that the host has is right (id USER, /etc/subuid). A port that both chose may be removed; nixgen build chooses anew."
      : "Resolve the conflict first: keep the lines of both sides that belong to it.",
  );
}

function readBytes(path: string, file: string): Uint8Array | Finding {
  const unreadable = (message: string, help: string): Finding =>
    problem("unreadable", startOf(file), `${file} ${message}`, help);
  try {
    const stat = statSync(path);
    // Reading a pipe or a device would wait for ever.
    if (!stat.isFile()) return unreadable("is not a regular file", "Put a file in its place.");
    if (stat.size > MAX_BYTES) {
      return unreadable(
        `is larger than ${MAX_BYTES / 1024 / 1024} MiB`,
        "Remove it, or narrow fleet.services so that it is not matched.",
      );
    }
    return readFileSync(path);
  } catch (error) {
    return unreadable(
      `cannot be read: ${systemMessage(error)}`,
      "Check the path and its permissions.",
    );
  }
}

function decode(bytes: Buffer, file: string): string | Finding {
  if (!isUtf8(bytes)) {
    const lines = validStart(bytes).split("\n");
    const line = lines.length;
    const column = (lines.at(-1)?.length ?? 0) + 1;
    return problem(
      "unreadable",
      { file, line, column, endLine: line, endColumn: column + 1 },
      `${file} is not UTF-8`,
      "Save it as UTF-8.",
    );
  }
  return withoutMark(bytes.toString("utf8"));
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
