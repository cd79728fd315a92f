/**
 * Markdown in the layout that prettier gives it, so that a formatter leaves a generated file alone. Text
 * of the input stands in blocks of code only, where it cannot end what surrounds it.
 */

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
