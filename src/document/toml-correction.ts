/** What the line should be in which a text stops being TOML: the slips that people make most often. */
import { outlineToml } from "./toml-outline.ts";
import { endOfLine, offsetOf, positionOf, type Position } from "./scan.ts";
import { parseToml, SyntaxProblem } from "./source.ts";

/** Longer lines are not shown as they should be. */
const MOST_SHOWN = 200;

/**
 * The line as it should be, if one change of it makes the text TOML up to the end of that line.
 * @param text a text that is no TOML.
 * @param at where it stops being TOML.
 * @returns the line without indentation, or undefined if no change is known that helps.
 */
export function correctedLine(text: string, at: Position): string | undefined {
  const start = offsetOf(text, { line: at.line, column: 1 });
  const end = endOfLine(text, start);
  const line = text.slice(start, end).replace(/\r$/, "");
  if (line.length > MOST_SHOWN) return undefined;
  return candidates(line)
    .find((candidate) => parsesBeyond(text.slice(0, start) + candidate + text.slice(end), at.line))
    ?.trim();
}

/** Whether a text is TOML, at least to the end of a line. */
function parsesBeyond(text: string, line: number): boolean {
  try {
    parseToml("", text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxProblem) return error.line > line;
    throw error;
  }
}

const WORD_VALUES: Readonly<Record<string, string>> = {
  true: "true",
  yes: "true",
  on: "true",
  false: "false",
  no: "false",
  off: "false",
};

/** Lines that may have been meant, the likeliest first; most are no TOML, either. */
function candidates(line: string): string[] {
  const straight = line
    .replaceAll(/[\u201C-\u201F\u00AB\u00BB]/g, '"')
    .replaceAll(/[\u2018-\u201B]/g, "'");
  const all = [straight];
  const [, indent = "", header] = /^(\s*)\[+\s*([^[\]#]*?)\s*\]*\s*(?:#.*)?$/.exec(straight) ?? [];
  if (header !== undefined && /^\s*\[\[|\]\]/.test(straight)) all.push(`${indent}[[${header}]]`);
  else if (header !== undefined) all.push(`${indent}[${header}]`);

  const pair = /^(\s*)("[^"]*"|'[^']*'|[^\s:="'#[\]]+)\s*(?::=|==|=>|=|:|\s)\s*(.*?)\s*$/.exec(
    straight,
  );
  if (pair !== null) {
    const [, space = "", key = "", rest = ""] = pair;
    const name = /^[A-Za-z0-9_-]+$|^["']/.test(key) ? key : JSON.stringify(key);
    const [, value = "", comment = ""] = /^(.*?)(\s+(?:#|\/\/).*)?$/.exec(rest) ?? [];
    const remark = comment.replace(/^(\s+)\/\//, "$1#");
    const bare = value.replace(/[,;]$/, "");
    const known = WORD_VALUES[bare.toLowerCase()];
    const values = [
      value,
      bare,
      ...(known === undefined ? [] : [known]),
      // A quote is missing at one of the ends.
      ...(bare.startsWith('"') ? [`${bare}"`] : []),
      ...(bare.startsWith("'") ? [`${bare}'`] : []),
      ...(/["']$/.test(bare) ? [`${bare.at(-1) ?? ""}${bare}`] : []),
      // A backslash in a text begins an escape; not so between single quotes.
      ...(/^".*\\.*"$/.test(bare) && !bare.includes("'") ? [`'${bare.slice(1, -1)}'`] : []),
      ...(bare.startsWith("[") ? [`[${quotedItems(bare)}]`] : []),
      ...(bare === "" || /["'[\]{}\\]/.test(bare) ? [] : [`"${bare}"`]),
    ];
    all.push(...values.map((each) => `${space}${name} = ${each}${remark}`));
  }
  if (/^\s*\/\//.test(straight)) all.push(straight.replace("//", "#"));
  return all;
}

/** The items of an array of one line, each between quotes. */
function quotedItems(array: string): string {
  const items = array.replace(/^\[\s*|\s*\]$/g, "").split(/\s*,\s*/);
  return items
    .filter((item) => item !== "")
    .map((item) =>
      /^(?:".*"|'.*'|[0-9]+)$/.test(item) ? item : `"${item.replaceAll(/["'\\]/g, "")}"`,
    )
    .join(", ");
}

/** What is defined twice, and the line in which it was defined first. */
export interface Repeated {
  /** As it is written: `node`, or `[user]` for a header. */
  readonly name: string;
  readonly line: number;
}

/**
 * What a text defines a second time.
 * @param at where the second definition begins.
 * @returns undefined if the first one is not found.
 */
export function repeated(text: string, at: Position): Repeated | undefined {
  const start = offsetOf(text, at);
  const { tables } = outlineToml(text.slice(0, endOfLine(text, start)));
  const defined = tables.flatMap(({ path, key, pairs }) => [
    ...(key === undefined
      ? []
      : [{ path, start: key.start, name: `[${text.slice(key.start, key.end)}]` }]),
    ...pairs.map(({ key: inner }) => ({
      path: [...path, ...inner.names.map(({ name }) => name)],
      start: inner.start,
      name: text.slice(inner.start, inner.end),
    })),
  ]);
  const second = defined.find((each) => each.start === start);
  if (second === undefined) return undefined;
  const wanted = JSON.stringify(second.path);
  const first = defined.find((each) => each.start < start && JSON.stringify(each.path) === wanted);
  return first && { name: second.name, line: positionOf(text, first.start).line };
}
