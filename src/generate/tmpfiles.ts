/** Lines of tmpfiles.d(5). */

/**
 * A line that makes a directory for a user where it is missing. The colons leave mode and owner alone
 * where the directory is there already: a service that runs as another user inside its container owns
 * its data as a subordinate id, and giving it to the user at each boot would lock the service out.
 */
export function directoryLine(path: string, owner: string): string {
  return `d ${quotePath(path)} :0750 :${owner} :${owner} -`;
}

/**
 * A path as one field, with `%` doubled, for it begins a specifier. In double quotes a backslash before
 * a quote or another backslash means the same to every version of systemd; other escapes do not.
 * @throws {RangeError} for line breaks, which end a line even in quotes.
 */
function quotePath(path: string): string {
  if (/[\n\r\0]/.test(path)) throw new RangeError("a line of tmpfiles.d cannot hold a line break");
  const text = path.replaceAll("%", "%%");
  if (/^[\w/.,:@%+=-]*$/.test(text)) return text;
  return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}
