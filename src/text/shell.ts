/** How text becomes a word of a POSIX shell: the only place where a string of the input meets one. */
import { replaceUnsafe } from "./printable.ts";

/**
 * One argument that any POSIX shell reads as the text: bare where that is safe, quoted otherwise. In the place
 * of a command `a=b` would be an assignment, so the command itself is ours. Whoever looks at it on a terminal
 * or in the log of a job sees the text and nothing else: what cannot be seen is written by printf, and no line
 * begins a command of GitHub's.
 * @throws {RangeError} for NUL, which no argument can hold.
 */
export function shellQuote(text: string): string {
  if (/^(?!::)[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$/.test(text)) return text;
  if (text.includes("\0")) throw new RangeError("an argument cannot hold NUL");
  const quoted = `'${text.replaceAll("'", "'\\''")}'`
    .replaceAll("##[", `##'"["'`)
    .replaceAll(/\n(?=[^!-~\n]*:)/g, "\n''");
  return replaceUnsafe(quoted, (char) =>
    char === "\n" || char === "\t" ? char : `'"$(printf '${octal(char)}')"'`,
  );
}

function octal(char: string): string {
  return [...Buffer.from(char)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
}

/** A command line of quoted words. */
export function shellCommand(words: readonly string[]): string {
  return words.map(shellQuote).join(" ");
}
