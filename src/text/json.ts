/** Reads values of unknown JSON: what is not of the wanted form is as if it were not there. */

/** The value at a path; undefined where there is none. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return follow(value, path);
}

function follow(value: unknown, path: readonly string[]): unknown {
  let inner = value;
  for (const key of path) {
    if (!isTable(inner) || !Object.hasOwn(inner, key)) return undefined;
    inner = inner[key];
  }
  return inner;
}

/** A text that is not empty. */
export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = follow(value, path);
  return typeof found === "string" && found !== "" ? found : undefined;
}

/** The texts of a list. */
export function textsAt(value: unknown, ...path: readonly string[]): string[] {
  const found = follow(value, path);
  return Array.isArray(found) ? found.filter((item) => typeof item === "string") : [];
}

/** The items of a list, whatever they are. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = follow(value, path);
  return Array.isArray(found) ? found : [];
}

/** The entries of a table, in the order of the document. */
export function entriesAt(value: unknown, ...path: readonly string[]): [string, unknown][] {
  const found = follow(value, path);
  return isTable(found) ? Object.entries(found) : [];
}

/** The entries of a table whose values are texts. */
export function textEntries(value: unknown, ...path: readonly string[]): [string, string][] {
  return entriesAt(value, ...path).flatMap(([key, inner]): [string, string][] =>
    typeof inner === "string" ? [[key, inner]] : [],
  );
}

/** Whether a value is an object, and no list. */
export function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
