/** What several commands print. */
import { isAbsolute, relative, sep } from "node:path";
import { printableLines } from "../text/printable.ts";
import { withoutWorkflowCommands } from "../text/workflow-commands.ts";
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

/** Prints commands. What words of the input have that cannot be seen is written by printf (fleet/shell.ts). */
export function writeCommands(io: Io, commands: string): void {
  io.stdout.write(printableLines(commands));
}

/**
 * Prints a unified diff. Where it has what must not be printed as it is, that is shown by its number, and
 * nothing can apply the diff any more.
 */
export async function writeDiff(io: Io, diff: string): Promise<void> {
  const shown = withoutWorkflowCommands()(printableLines(diff));
  io.stdout.write(wantsColour(io, io.stdout) ? await colourDiff(shown) : shown);
  if (shown === diff) return;
  io.stderr.write(
    "The diff shows control characters and commands to GitHub's runner as escapes; it cannot be applied.\n",
  );
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
