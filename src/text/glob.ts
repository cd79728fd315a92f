/**
 * Patterns of file names: * is any part of a name, ** any number of folders, ? a character, [a-z] one of
 * several, {a,b} one of two. No pattern takes long, whatever it is made for.
 */

/** Nobody writes more alternatives; a pattern that has more matches nothing. */
const MAX_ALTERNATIVES = 1000;

/** What is in a folder, as far as a pattern wants to know; a Dirent of Node's is one. */
export interface FolderEntry {
  readonly name: string;
  readonly isDirectory: () => boolean;
  readonly isSymbolicLink: () => boolean;
}

/** A part of a pattern, between slashes. */
interface Part {
  readonly text: string;
  /** Whether a name is one that it stands for. */
  readonly matches: (name: string) => boolean;
}

/** Whether a text is more than the name of one file. */
export function isGlob(text: string): boolean {
  return /[*?[{]/.test(text);
}

/** Whether a file matches. */
export function matchesGlob(pattern: string, file: string): boolean {
  const names = file.split("/");
  return alternatives(pattern).some((parts) => matchesPath(parts, names));
}

/**
 * The files that match, below a folder and never outside of it. Hidden ones only match what begins with
 * a dot as well; folders that ** stands for are no links, which might lead back.
 * @param entriesOf what is in a folder, by its path below that one.
 * @param isFolder whether a link leads to a folder.
 */
export function filesMatching(
  pattern: string,
  entriesOf: (folder: string) => readonly FolderEntry[],
  isFolder: (path: string) => boolean,
): string[] {
  const found = new Set<string>();
  const walk = (parts: readonly Part[], folder: string, depth: number): void => {
    const part = parts[depth];
    const isDeep = parts.slice(0, depth + 1).some(({ text }) => text === "**");
    const isLast = depth === parts.length - 1;
    for (const entry of entriesOf(folder)) {
      const { name } = entry;
      if (name.startsWith(".") && part?.text.startsWith(".") !== true) continue;
      if (!isDeep && part?.matches(name) !== true) continue;
      const path = folder + name;
      const isLink = entry.isSymbolicLink() && isFolder(path);
      if (!entry.isDirectory() && !isLink) {
        // Without **, each part has matched its folder on the way.
        if (isDeep ? matchesPath(parts, path.split("/")) : isLast) found.add(path);
      } else if (isDeep ? !isLink : !isLast) walk(parts, `${path}/`, depth + 1);
    }
  };
  for (const parts of alternatives(pattern)) {
    if (parts.some(({ text }) => text === "..")) continue;
    const start = parts.slice(0, -1).findIndex(({ text }) => isGlob(text));
    const plain = start === -1 ? parts.length - 1 : start;
    walk(
      parts,
      parts
        .slice(0, plain)
        .map(({ text }) => `${text}/`)
        .join(""),
      plain,
    );
  }
  return [...found];
}

/** The parts of each pattern that one with braces stands for. */
function alternatives(pattern: string): Part[][] {
  const open = [pattern];
  const done: string[] = [];
  for (let text = open.pop(); text !== undefined; text = open.pop()) {
    const braces = /\{([^{}]*)\}/.exec(text);
    if (braces === null) done.push(text);
    else {
      const [before, after] = [
        text.slice(0, braces.index),
        text.slice(braces.index + braces[0].length),
      ];
      const inner = (braces[1] ?? "").split(",");
      if (open.length + done.length + inner.length > MAX_ALTERNATIVES) return [];
      open.push(...inner.map((each) => before + each + after));
    }
  }
  return done.map((text) =>
    text
      .split("/")
      .filter((part) => part !== "" && part !== ".")
      .map((part) => ({ text: part, matches: nameMatcher(part) })),
  );
}

function matchesPath(parts: readonly Part[], names: readonly string[]): boolean {
  return matches(
    parts,
    names,
    ({ text }) => text === "**",
    (part, name) => part.matches(name),
  );
}

function nameMatcher(part: string): Part["matches"] {
  if (!isGlob(part)) return (name) => name === part;
  const tokens = part.match(/\*+|\[[!^]?\]?[^\]]*\]|[^]/gu) ?? [];
  return (name) => matches(tokens, [...name], (token) => token.startsWith("*"), matchesCharacter);
}

function matchesCharacter(token: string, char: string): boolean {
  if (token === "?" || token === char) return true;
  if (!token.startsWith("[")) return false;
  const group = /^\[([!^]?)([^]+)\]$/u.exec(token);
  if (group === null) return false;
  const ranges = (group[2] ?? "").match(/[^]-[^]|[^]/gu) ?? [];
  const isIn = ranges.some((range) => {
    const [first = "", dash, last = first] = range;
    return dash === undefined ? char === first : first <= char && char <= last;
  });
  return isIn === (group[1] === "");
}

/**
 * Whether the items are those of the pattern, whose wildcards stand for any number of them. To go back
 * to the last wildcard is enough, so no pattern takes long.
 */
function matches<T>(
  pattern: readonly T[],
  items: readonly string[],
  isWildcard: (part: T) => boolean,
  same: (part: T, item: string) => boolean,
): boolean {
  let at = 0;
  /** What follows the last wildcard, and the item from which that was tried. */
  let retry: { at: number; item: number } | undefined;
  for (let item = 0; item < items.length;) {
    const [part, found] = [pattern[at], items[item]];
    if (part !== undefined && isWildcard(part)) {
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
  return pattern.slice(at).every(isWildcard);
}
