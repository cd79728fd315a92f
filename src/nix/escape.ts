/**
 * How text becomes Nix: the only place where a string of the input meets the language.
 * Source: the Nix manual, "String literal" and "Identifiers", and the lexer of Nix itself.
 */

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  '"': '\\"',
  "${": "\\${",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/**
 * A `"…"` literal that evaluates to the text.
 * @throws {RangeError} for NUL and lone surrogates, which no Nix string can hold.
 */
export function quote(text: string): string {
  if (/^[ !#%-[\]-~]*$/.test(text)) return `"${text}"`;
  // `$${` would be read as two literal dollars and a brace, so the `$` before it may stay as it is.
  return `"${representable(text).replaceAll(/[\\"\n\r\t]|\$\{/g, (found) => ESCAPES[found] ?? found)}"`;
}

/**
 * The lines of a `''…''` literal that evaluates to the text, or undefined where `"…"` must be used:
 * where Nix would strip indentation that belongs to the text, or nixfmt would change the literal.
 * @throws {RangeError} as {@link quote} does.
 */
export function indentedLines(text: string): string[] | undefined {
  if (!text.endsWith("\n") || text.includes("\r")) return undefined;
  const lines = representable(text).slice(0, -1).split("\n");
  if (lines.some((line) => /^\s+$/.test(line))) return undefined;
  if (!lines.some((line) => /^[^ ]/.test(line))) return undefined;
  return lines.map(escapeIndented);
}

/** `''` is the literal's end and `''${` an escaped `${`; a lone `'` before `${` would join them. */
function escapeIndented(line: string): string {
  return line.replaceAll(/''|'(?=\$\{)|\$\{/g, (found) =>
    found === "''" ? "'''" : found === "'" ? "''\\'" : "''${",
  );
}

/** Words that cannot be bare attribute names; `or` can, but older versions of Nix trip over it. */
const KEYWORDS: ReadonlySet<string> = new Set(
  "if then else let in rec with inherit assert or".split(" "),
);

/** One part of an attribute path: bare where it is an identifier, quoted otherwise. */
export function attributeName(name: string): string {
  return isIdentifier(name) ? name : quote(name);
}

/** Whether a name may stand in an attribute path without quotes. */
export function isIdentifier(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_'-]*$/.test(name) && !KEYWORDS.has(name);
}

/** The text of a `#` comment line: control characters, which could end it, become spaces. */
export function commentText(text: string): string {
  if (/^[ -~]*$/.test(text)) return text.trimEnd();
  return text.replaceAll(/\p{Cc}|[\u2028\u2029]/gu, " ").trimEnd();
}

/** One segment of a path literal. Only what needs no escaping may be one. */
export function pathSegment(segment: string): string {
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(segment)) {
    throw new RangeError(`not a path segment: ${JSON.stringify(segment)}`);
  }
  return segment;
}

function representable(text: string): string {
  if (/[\0\ud800-\udfff]/.test(text) && /\0|\p{Cs}/u.test(text)) {
    throw new RangeError("a Nix string cannot hold NUL or half of a surrogate pair");
  }
  return text;
}
