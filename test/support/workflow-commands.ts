/**
 * The lines of a text that GitHub's runner takes for commands, by the rules of its source: any line break
 * ends one, white space before "::" does not count, "##[" may stand anywhere, and nothing that cannot be seen
 * is compared.
 */
export function workflowCommands(printed: string): string[] {
  return printed.split(/\r\n|[\r\n]/).filter((line) => {
    const seen = line.replaceAll(/[\p{C}\p{M}\p{Default_Ignorable_Code_Point}]/gu, "");
    return /^\p{Z}*::/u.test(seen) || /^\s*::/.test(line) || seen.includes("##[");
  });
}
