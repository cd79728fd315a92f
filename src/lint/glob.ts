/** Patterns of file names in [[lint.ignore]]. */

/** Whether a file matches: * is any part of a name, ** any number of folders. */
export function matchesGlob(pattern: string, file: string): boolean {
  return matches(pattern.split("/"), file.split("/"), "**", (part, name) =>
    matches([...part], [...name], "*", (a, b) => a === b),
  );
}

/**
 * Whether the items are those of the pattern, whose wildcards stand for any number of them. To go back
 * to the last wildcard is enough, so no pattern takes long.
 */
function matches(
  pattern: readonly string[],
  items: readonly string[],
  wildcard: string,
  same: (part: string, item: string) => boolean,
): boolean {
  let at = 0;
  /** What follows the last wildcard, and the item from which that was tried. */
  let retry: { at: number; item: number } | undefined;
  for (let item = 0; item < items.length;) {
    const [part, found] = [pattern[at], items[item]];
    if (part === wildcard) {
      at += 1;
      retry = { at, item };
    } else if (part !== undefined && found !== undefined && same(part, found)) {
      at += 1;
      item += 1;
    } else if (retry !== undefined) {
      retry.item += 1;
      ({ at, item } = retry);
    } else return false;
  }
  return pattern.slice(at).every((part) => part === wildcard);
}
