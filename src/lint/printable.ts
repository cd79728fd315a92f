/**
 * Text of the input as it may go to a terminal: nothing that moves the cursor, sets colours, changes
 * the direction of what follows or cannot be seen. Such characters are shown by their numbers.
 */
export function printable(text: string): string {
  return text.replaceAll(UNSAFE, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Control and format characters, halves of pairs, and every space or line break but U+0020. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;
