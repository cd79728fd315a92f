/** Files of variables for a Compose file: `.env`, and what --env-file names. */
import { SyntaxProblem } from "../../document/source.ts";
import { interpolateStrictly, type Variables } from "./interpolate.ts";

/**
 * Reads the variables of such a file. Values may use those that are known before.
 * @param before the variables of earlier files.
 * @returns these and the file's own.
 * @throws {SyntaxProblem} at the first line that is none.
 */
export function readVariables(text: string, before: Variables): Variables {
  const variables = new Map(before);
  let at = 0;
  while (at < text.length) {
    const line = /[^\n]*/y;
    line.lastIndex = at;
    const written = line.exec(text)?.[0] ?? "";
    if (/^\s*(?:#|$)/.test(written)) {
      at += written.length + 1;
      continue;
    }
    const start = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*[=:][ \t]*/.exec(written);
    if (start === null) throw problemAt(text, at, "write NAME=VALUE");
    const [head, name = ""] = start;
    const { value, end } = readValue(text, at + head.length, variables);
    variables.set(name, value);
    at = end + 1;
  }
  return variables;
}

/** A value: in single quotes as it is, in double ones with escapes, or to the end of its line. */
function readValue(
  text: string,
  start: number,
  variables: Variables,
): { value: string; end: number } {
  const quote = text[start];
  if (quote !== '"' && quote !== "'") {
    const lineEnd = text.indexOf("\n", start);
    const end = lineEnd === -1 ? text.length : lineEnd;
    const written = text.slice(start, end);
    const comment = written.search(/\s#/);
    const value = (comment === -1 ? written : written.slice(0, comment)).trimEnd();
    return { value: expand(text, start, value, variables), end };
  }
  let last = start + 1;
  while (last < text.length && text[last] !== quote) {
    last += quote === '"' && text[last] === "\\" ? 2 : 1;
  }
  if (last >= text.length) throw problemAt(text, start, `the quote ${quote} is not closed`);
  const close = last + 1;
  const rest = /[ \t\r]*(?:#[^\n]*)?(?:\n|$)/y;
  rest.lastIndex = close;
  const after = rest.exec(text);
  if (after === null) throw problemAt(text, close, "nothing may follow the quotes");
  const inner = text.slice(start + 1, last);
  const value =
    quote === "'"
      ? inner
      : unescape(expand(text, start, inner.replaceAll("\\$", "$$$$"), variables));
  return { value, end: close + after[0].replace(/\n$/, "").length };
}

function expand(text: string, at: number, value: string, variables: Variables): string {
  const result = interpolateStrictly(value, variables);
  if ("refusal" in result) throw problemAt(text, at, result.refusal.message);
  return result.text;
}

const ESCAPES: Readonly<Record<string, string>> = {
  ...{ a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" },
  ...{ '"': '"', "\\": "\\" },
};

/** As compose-go reads double quotes (2.16.2): what is no escape keeps its backslash, and \\0 and three digits are octal. */
function unescape(text: string): string {
  return text.replaceAll(
    /\\(?:0([0-7]{3})|([^]))/g,
    (whole, octal: string | undefined, char = "") => {
      if (octal !== undefined) return String.fromCharCode(parseInt(octal, 8) & 0xff);
      return char === "0" ? "\\" : (ESCAPES[String(char)] ?? whole);
    },
  );
}

function problemAt(text: string, offset: number, message: string): SyntaxProblem {
  const before = text.slice(0, offset).split("\n");
  return new SyntaxProblem(message, before.length, (before.at(-1)?.length ?? 0) + 1);
}
