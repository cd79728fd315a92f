/** How podman reads --health-cmd (5.4.2 to 6.1.1). */

/** What a text is given to. */
export const SHELL = ["/bin/sh", "-c"] as const;

/** What podman runs for the words of a check: one word with blanks is a text for a shell. */
export function healthArgv(command: readonly string[]): readonly string[] {
  return isForShell(command) ? [...SHELL, ...command] : command;
}

/** The words as the value of --health-cmd. podman would give any list of one word to a shell, which not every image has. */
export function healthOption(command: readonly string[]): string {
  const [only = "", ...rest] = command;
  return rest.length > 0 || isForShell(command) ? JSON.stringify(command) : `CMD ${only}`;
}

function isForShell([only = "", ...rest]: readonly string[]): boolean {
  return rest.length === 0 && (only === "" || /\s/.test(only));
}
