/** Lines of tmpfiles.d(5). */

/**
 * A line that makes a directory for a user where it is missing. The colons leave mode and owner alone
 * where the directory is there already: a service that runs as another user inside its container owns
 * its data as a subordinate id, and giving it to the user at each boot would lock the service out.
 */
export function directoryLine(path: string, owner: string): string {
  return `d ${escapePath(path)} :0750 :${owner} :${owner} -`;
}

/** Spaces, quotes and control characters as C escapes; `%` doubled, for it begins a specifier. */
function escapePath(path: string): string {
  return path
    .replaceAll("%", "%%")
    .replaceAll(/[\s"'\\\p{Cc}]/gu, (char) =>
      [...Buffer.from(char)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join(""),
    );
}
