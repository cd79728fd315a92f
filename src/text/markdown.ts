/**
 * Markdown in the layout that prettier gives it, so that a formatter leaves a generated file alone. Text
 * of the input stands in code only, where it cannot end what surrounds it, nor mention anybody.
 */
import { printable } from "./printable.ts";

/** A part of a document: blocks are separated by an empty line. */
export type Block = string;

/** A heading; the text is ours, or a name that is safe. */
export function heading(level: 1 | 2 | 3, text: string): Block {
  return `${"#".repeat(level)} ${text}`;
}

/** Lines of code, between fences that no line of it can close. */
export function code(language: string, text: string): Block {
  let fence = "```";
  while (text.includes(fence)) fence += "`";
  return `${fence}${language}\n${text}${text.endsWith("\n") ? "" : "\n"}${fence}`;
}

/** A text of one line as code, whatever is in it; not for a table, where a | would end its cell. */
export function inlineCode(text: string): string {
  const shown = printable(text === "" ? '""' : text);
  let fence = "`";
  while (shown.includes(fence)) fence += "`";
  // One space at either end is not shown, and keeps backticks apart from the fence.
  const apart = /^[` ]|[` ]$/.test(shown) ? " " : "";
  return fence + apart + shown + apart + fence;
}

/** A list; an item may have several lines. */
export function bullets(items: readonly string[]): Block {
  return items.map((item) => `- ${item.replaceAll("\n", "\n  ")}`).join("\n");
}

/** A table with columns of equal width. Cells hold ASCII without `|`. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): Block {
  const widths = head.map((title, column) =>
    Math.max(3, title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}

/** The text of a whole file, in pieces. */
export function* document(blocks: Iterable<Block>): Generator<string> {
  let before = "";
  for (const block of blocks) {
    yield before + block;
    before = "\n\n";
  }
  yield "\n";
}
