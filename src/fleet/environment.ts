/** Environment variables as facts have them: facts are committed, and values may be secrets. */

/**
 * What facts say of a variable: its name, and of its value enough to see that it changed. Four digits
 * tell nobody whether a guess was right.
 * @param variable NAME=VALUE
 * @returns NAME=sha256:<four hexadecimal digits>
 */
export function environmentDigest(variable: string): string {
  const end = variable.indexOf("=");
  // Loaded only where there is a value to digest: it costs 6 ms.
  const { hash } = process.getBuiltinModule("node:crypto");
  const digest = hash("sha256", variable.slice(end + 1), "hex");
  return `${variable.slice(0, end)}=sha256:${digest.slice(0, 4)}`;
}
