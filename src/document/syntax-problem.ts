/** Says well what is wrong with a text that was refused. */
import { visit } from "jsonc-parser";
import { endOfLastWord, offsetOf, positionOf, type Range } from "./scan.ts";
import { SyntaxProblem, type Unparsed } from "./source.ts";
import { correctedLine, repeated } from "./toml-correction.ts";

/** What is wrong with a text that was refused, and where. */
export function syntaxProblemOf(
  text: string,
  format: "toml" | "json",
  refused: Unparsed,
): SyntaxProblem {
  return format === "json" ? jsonProblemOf(text) : tomlProblemOf(text, refused);
}

/** What the parser of TOML says, in words for whoever has to correct it. */
const WORDS: Readonly<Record<string, string>> = {
  "invalid value": "this is no value; a text stands between quotes",
  "expected comma or end of structure": "a comma or a closing bracket is missing before this",
  "each key-value declaration must be followed by an end-of-line":
    "a new line must begin before this",
  "illegal character in key": "this cannot stand in a key; behind a key is a =",
  "incomplete key-value: cannot find end of key": "this is not complete",
  "unexpected end of key": "a key is missing before this",
  "illegal empty bare key": "a key is missing before this",
  "expected end of table array declaration": "a second ] is missing before this",
  "trying to redefine an already defined table or value": "this was defined before",
  "trying to redefine an already defined value": "this was defined before",
  "unfinished string": "this text is not closed",
  "unfinished array": "this array is not closed",
  "unfinished table": "this table is not closed",
  "unrecognised escape sequence": "this cannot stand behind a backslash; write two of them for one",
};

function tomlProblemOf(text: string, { message, line, column }: Unparsed): SyntaxProblem {
  const start = offsetOf(text, { line, column });
  const [word = ""] = /^[\w.-]+/.exec(text.slice(start, start + MOST_MARKED)) ?? [];
  const range = { start, end: start + word.length };
  const twice = message.startsWith("trying to redefine an already defined")
    ? repeated(text, { line, column })
    : undefined;
  if (twice !== undefined) {
    const found = `${twice.name} was defined before, in line ${twice.line}`;
    const isHeader = twice.name.startsWith("[");
    const help = isHeader
      ? `Move these keys below the ${twice.name} of line ${twice.line}.`
      : "Keep one of the two lines.";
    return problemAt(text, range, found, help);
  }
  const corrected = correctedLine(text, { line, column });
  const help = corrected === undefined ? undefined : `Write: ${corrected}`;
  return problemAt(text, range, WORDS[message] ?? message, help);
}

/** A longer word is not shown as a whole. */
const MOST_MARKED = 100;

/** Where a text stops being JSON. */
export function jsonProblemOf(text: string): SyntaxProblem {
  let first: Range | undefined;
  const onError = (_: unknown, start: number, length: number): void => {
    first ??= { start, end: start + length };
  };
  visit(text, { onError }, { disallowComments: true, allowTrailingComma: false });
  return problemAt(text, first ?? { start: 0, end: 0 }, "this is not valid JSON");
}

/** Behind the last word of a line or of the text there is nothing to be seen: that is what is wrong. */
function problemAt(
  text: string,
  { start, end }: Range,
  message: string,
  help?: string,
): SyntaxProblem {
  const last = endOfLastWord(text);
  if (start >= last) {
    return problemIn(
      text,
      { start: last, end: last },
      "the text ends before this is complete",
      help,
    );
  }
  if (/^\r?\n/.test(text.slice(start, start + 2))) {
    return problemIn(text, { start, end: start }, "the line ends before this is complete", help);
  }
  return problemIn(text, { start, end }, message, help);
}

/** At least one column is marked. */
function problemIn(
  text: string,
  { start, end }: Range,
  message: string,
  help: string | undefined,
): SyntaxProblem {
  const { line, column } = positionOf(text, start);
  const after = { line, column: column + Math.max(1, end - start) };
  return new SyntaxProblem(message, line, column, after, help);
}
