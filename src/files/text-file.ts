/** Reads files as text; every way in which that can fail is said, and not thrown. */
import { isUtf8 } from "node:buffer";
import { constants, readFileSync, type Stats, statSync } from "node:fs";
import { MAX_BYTES } from "../text/limit.ts";
import { systemMessage } from "./system-message.ts";

/** A file that was read. */
export interface TextFile {
  /** Without a byte order mark. */
  readonly text: string;
  readonly reason?: never;
  /** Reads the text once more, so that it need not be kept; nothing where that is not possible any more. */
  readonly again?: () => string;
  /** Where a link led to that the call has named, and that leads out of the fleet. */
  readonly elsewhere?: string;
}

/** Why a file cannot be read. */
export interface Unreadable {
  /** What is wrong, with the file's name. */
  readonly reason: string;
  readonly text?: never;
  readonly help: string;
  /** Where in its text, which is there to show its lines; they count from 1. */
  readonly at?: { readonly line: number; readonly column: number; readonly text: string };
}

/**
 * How files are opened that have their text at once: some below /proc and /sys would be waited for for
 * ever. The type has the names of such flags alone, and Node takes the numbers of open(2), too.
 */
const AT_ONCE = (constants.O_RDONLY | constants.O_NONBLOCK) as unknown as string;

/**
 * Reads a file that the call names, wherever it leads.
 * @param name what messages call it.
 */
export function readText(path: string, name: string): TextFile | Unreadable {
  try {
    return readRegular(path, name, statSync(path));
  } catch (error) {
    return cannotBeRead(name, error);
  }
}

/**
 * Reads what is no link any more.
 * @param stat what was seen there.
 * @throws what Node throws.
 */
export function readRegular(path: string, name: string, stat: Stats): TextFile | Unreadable {
  // Reading a pipe or a device would wait for ever.
  if (!stat.isFile()) {
    return { reason: `${name} is not a regular file`, help: "Put a file in its place." };
  }
  if (stat.size > MAX_BYTES) return tooLarge(name);
  const text = readFileSync(path, { encoding: "utf8", flag: AT_ONCE });
  // What is no UTF-8 was read as this character, which may be there of its own accord.
  if (text.includes("\uFFFD")) return textOf(readFileSync(path, { flag: AT_ONCE }), name);
  return {
    text: withoutMark(text),
    again: () => readText(path, name).text ?? "",
  };
}

/** All of a file's text, with its byte order mark; undefined where it cannot be read. */
export function rawText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** What to say of a file that is larger than any input. */
export function tooLarge(name: string): Unreadable {
  return {
    reason: `${name} is larger than ${MAX_BYTES / 1024 / 1024} MiB`,
    help: name.endsWith(".toml")
      ? "Remove it, or narrow fleet.services so that it is not matched."
      : "Look at what wrote it, and have it written again: what nixgen reads is far smaller.",
  };
}

/** What to say of a file that the system does not let nixgen read. */
export function cannotBeRead(name: string, error: unknown): Unreadable {
  return {
    reason: `${name} cannot be read: ${systemMessage(error)}`,
    help: "Check the path and its permissions.",
  };
}

/** The text that bytes are. */
export function textOf(bytes: Uint8Array, name: string): TextFile | Unreadable {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = withoutMark(buffer.toString("utf8"));
  if (isUtf8(buffer)) return { text };
  const lines = validStart(buffer).split("\n");
  const column = (lines.at(-1)?.length ?? 0) + 1;
  return {
    reason: `${name} is not UTF-8`,
    help: "Save it as UTF-8.",
    at: { line: lines.length, column, text },
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
