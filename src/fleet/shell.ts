/** How text becomes a word of a POSIX shell: the only place where a string of the input meets one. */

/**
 * One argument that any POSIX shell reads as the text: bare where that is safe, in single quotes
 * otherwise. In the place of a command `a=b` would be an assignment, so the command itself is ours.
 * @throws {RangeError} for NUL, which no argument can hold.
 */
export function shellQuote(text: string): string {
  if (/^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$/.test(text)) return text;
  if (text.includes("\0")) throw new RangeError("an argument cannot hold NUL");
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A command line of quoted words. */
export function shellCommand(words: readonly string[]): string {
  return words.map(shellQuote).join(" ");
}
