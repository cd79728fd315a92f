/**
 * Text of the input as it may go to a terminal: nothing that moves the cursor, sets colours, changes
 * the direction of what follows or cannot be seen. Such characters are shown by their numbers.
 */
export function printable(text: string): string {
  return replaceUnsafe(text, numbered);
}

/** The same for a text of lines: line breaks stay, a carriage return before one too, and tabs. */
export function printableLines(text: string): string {
  return text
    .split("\r\n")
    .map((part) =>
      replaceUnsafe(part, (char) => (char === "\n" || char === "\t" ? char : numbered(char))),
    )
    .join("\r\n");
}

/** A text with something else in the place of each character that must not go to a terminal. */
export function replaceUnsafe(text: string, replacement: (char: string) => string): string {
  // Nearly every text; for others V8 has to make tables of Unicode, which takes 1 ms.
  if (/^[ -~\u00A1-\u00AC\u00AE-\u00FF\u2013\u2014\u2026]*$/.test(text)) return text;
  return text.replaceAll(unsafe(), replacement);
}

/** A character by its number. */
export function numbered(char: string): string {
  return `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
}

/**
 * JSON that may go to a terminal: what `printable` would show by its number is written as an escape of
 * JSON's own, so that a program still reads the very same text; so is what would be a command of GitHub's.
 */
export function printableJson(value: unknown): string {
  return JSON.stringify(value, null, 2)
    .replaceAll(unsafe(), (char) =>
      // Every line break of the text is JSON's own; those of a string are escaped already.
      char === "\n" ? char : char.replaceAll(/[^]/g, escapeUnit),
    )
    .replaceAll("##[", `##${escapeUnit("[")}`);
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Control and format characters, halves of pairs, and every space or line break but U+0020. */
const unsafe = (): RegExp => /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;
