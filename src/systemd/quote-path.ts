/**
 * A path as one word in files of systemd (tmpfiles.d(5), and lists of paths of systemd.unit(5)), with `%`
 * doubled, for it begins a specifier. In double quotes a backslash before a quote or another backslash
 * means the same to every version of systemd; other escapes do not.
 * @throws {RangeError} for line breaks, which end a line even in quotes.
 */
export function quotePath(path: string): string {
  if (/[\n\r\0]/.test(path))
    throw new RangeError("no file of systemd can hold a line break in a path");
  const text = path.replaceAll("%", "%%");
  if (/^[\w/.,:@%+=-]*$/.test(text)) return text;
  return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}

/**
 * Whether a unit file can have a text in it: no line break, and no code point that is no character, for systemd
 * reads no line with one (utf8_is_valid).
 */
export function isUnitText(text: string): boolean {
  return !/[\n\r\p{Noncharacter_Code_Point}]/u.test(text);
}
