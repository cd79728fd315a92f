/** What several commands print. */
import { isAbsolute, relative, sep } from "node:path";
import { InputError } from "../text/input-error.ts";
import { printable } from "../text/printable.ts";
import { type Io, wantsColour } from "./io.ts";

/** A path as the user would write it. */
export function display(cwd: string, path: string): string {
  const shown = relative(cwd, path);
  const far = shown.startsWith("..") || isAbsolute(shown);
  return (far ? path : shown).split(sep).join("/");
}

/** "1 file", "2 files". */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/**
 * Prints commands. A terminal would act on control characters of the input, and where they were shown
 * in another way, what is copied would not be what is meant.
 * @throws {InputError} where they would go to a terminal.
 */
export function writeCommands(io: Io, commands: string): void {
  if (io.stdout.isTerminal && forTerminal(commands) !== commands) {
    throw new InputError(
      "a value has control or invisible characters in it, which a terminal must not get",
      "Send the output to a file or another program.",
    );
  }
  io.stdout.write(commands);
}

/** Prints a unified diff. */
export async function writeDiff(io: Io, diff: string): Promise<void> {
  const shown = io.stdout.isTerminal ? forTerminal(diff) : diff;
  io.stdout.write(wantsColour(io, io.stdout) ? await colourDiff(shown) : shown);
}

/** Lines and tabs stay. */
function forTerminal(text: string): string {
  return text
    .split(/([\n\t])/)
    .map((part) => (part === "\n" || part === "\t" ? part : printable(part)))
    .join("");
}

async function colourDiff(text: string): Promise<string> {
  const { styleText } = await import("node:util");
  const paint = (style: Parameters<typeof styleText>[0], line: string): string =>
    styleText(style, line, { validateStream: false });
  return text
    .split("\n")
    .map((line) => {
      if (/^(?:---|\+\+\+) /.test(line)) return paint("bold", line);
      if (line.startsWith("@@")) return paint("cyan", line);
      if (line.startsWith("+")) return paint("green", line);
      return line.startsWith("-") ? paint("red", line) : line;
    })
    .join("\n");
}
