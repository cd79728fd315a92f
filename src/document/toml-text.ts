/** Values and keys as TOML writes them. */

/** The two kinds of quotes; a text in single ones has no escapes. */
export type Quote = "basic" | "literal";

/** A value that can be written on one line. */
export type Writable =
  string | number | boolean | readonly Writable[] | { readonly [key: string]: Writable };

/** A value on one line. */
export function tomlText(value: Writable, quote: Quote = "basic"): string {
  if (typeof value === "string") return tomlString(value, quote);
  if (typeof value === "number") return tomlNumber(value);
  if (typeof value === "boolean") return String(value);
  if (isArray(value)) return `[${value.map((element) => tomlText(element, quote)).join(", ")}]`;
  const pairs = Object.entries(value).map(
    ([key, inner]) => `${tomlKey(key)} = ${tomlText(inner, quote)}`,
  );
  return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`;
}

/** A string, in the wanted quotes unless it has characters that need escapes. */
export function tomlString(text: string, quote: Quote = "basic"): string {
  if (
    quote === "literal" &&
    !text.includes("'") &&
    text.search(UNSEEN) === -1 &&
    text.search(COMMAND) === -1
  )
    return `'${text}'`;
  return `"${text.replaceAll(/["\\]/g, "\\$&").replaceAll(UNSEEN, escape).replaceAll(COMMAND, escape)}"`;
}

/** A key, bare where that is possible. */
export function tomlKey(name: string, quote?: Quote): string {
  return quote === undefined && /^[A-Za-z0-9_-]+$/.test(name) ? name : tomlString(name, quote);
}

/** A comment, on one line whatever the text is. */
export function tomlComment(text: string): string {
  return `# ${text.replaceAll(UNSEEN, escape).replaceAll(COMMAND, escape)}`;
}

/** Control and format characters, and every space or line break but U+0020: nobody would see them. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;

/** What would make a command of GitHub's runner, in the log of a job. */
const COMMAND = /(?<=##)\[/g;

const SHORT: Readonly<Record<string, string>> = {
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\f": "\\f",
  "\r": "\\r",
};

function escape(char: string): string {
  const hex = (char.codePointAt(0) ?? 0).toString(16).toUpperCase();
  return (
    SHORT[char] ?? (hex.length > 4 ? `\\U${hex.padStart(8, "0")}` : `\\u${hex.padStart(4, "0")}`)
  );
}

function tomlNumber(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return String(value);
  // A float has a point or an exponent.
  const text = Object.is(value, -0) ? "-0" : String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function isArray(value: Writable): value is readonly Writable[] {
  return Array.isArray(value);
}
