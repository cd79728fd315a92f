/** What a value of the wrong type or form must have been meant as. */
import type { Value } from "../document/source.ts";
import type { Path } from "../document/place.ts";
import { tomlKey, tomlText, type Writable } from "../document/toml-text.ts";

/** Another value for the same key. */
export interface Correction {
  readonly value: Value;
  /** What differs, if that is hard to see: "without https://". */
  readonly how?: string;
  /** It says the same as what is written: `nixgen lint --fix` may write it. */
  readonly isSame: boolean;
}

/** Names that stand for something which only the author knows. */
const NAME = "NAME";

/**
 * The values that may have been meant, the likeliest first. Most of them are as wrong as what is written:
 * the schema has to be asked.
 * @param type what the schema wants, as JSON Schema says it, or undefined where the type is right.
 */
export function correctionsOf(value: Value, type: string | undefined): Correction[] {
  const same = (...values: readonly Value[]): Correction[] =>
    values.map((each) => ({ value: each, isSame: true }));
  const other = (...values: readonly Value[]): Correction[] =>
    values.map((each) => ({ value: each, isSame: false }));
  switch (type) {
    case "integer":
    case "number":
      return isText(value) && /^\s*[0-9]{1,15}\s*$/.test(value) ? same(Number(value)) : [];
    case "boolean":
      if (!isText(value)) return [];
      if (/^(?:true|yes|on|1)$/i.test(value)) return same(true);
      return /^(?:false|no|off|0)$/i.test(value) ? same(false) : [];
    case "string":
      if (typeof value === "number" || typeof value === "boolean") {
        return [...same(String(value)), ...other(`${String(value)}s`)];
      }
      return isList(value) && value.length === 1 && isText(value[0]) ? same(value[0]) : [];
    case "array":
      if (isText(value)) {
        // One option of podman's, or a line of them.
        const items = value.split(/\s*,\s*/);
        return [...same([value]), ...(items.length > 1 ? same(items) : [])];
      }
      if (typeof value === "number") return same([value], [String(value)]);
      if (!isTable(value)) return [];
      return [
        ...same(Object.entries(value).map(([key, inner]) => `${key}=${text(inner)}`)),
        ...other([value]),
      ];
    case "object":
      if (!isList(value)) return isText(value) ? other({ [NAME]: value }) : [];
      return [
        ...other(Object.fromEntries(value.filter(isText).map(keyAndValue))),
        ...(value.length === 1 && value[0] !== undefined
          ? other(value[0], { [NAME]: value[0] })
          : []),
      ];
    case undefined:
      return isText(value) ? corrected(value) : [];
    default:
      return [];
  }
}

/** Texts of another form. */
function corrected(text: string): Correction[] {
  const [scheme = ""] = /^[a-z]+:\/\//i.exec(text) ?? [];
  const trimmed = text.trim();
  // A word in capitals alone is no slip: it is another word in lower case.
  const lower = /\p{Ll}/u.test(text) ? text.toLowerCase() : text;
  const capitals = [...new Set(text.match(/\p{Lu}/gu) ?? [])].join(", ");
  return [
    { value: trimmed, how: "without blanks around it", isSame: true },
    { value: text.slice(scheme.length), how: `without ${scheme}`, isSame: false },
    { value: lower, how: `${capitals} in lower case`, isSame: false },
    {
      value: lower.slice(scheme.length),
      how: `without ${scheme}, ${capitals} in lower case`,
      isSame: false,
    },
    { value: text.replace(/^([0-9]+)$/, "$1s"), isSame: false },
  ].filter(({ value }) => value !== text);
}

/** Longer lines show nothing. */
const MOST_SHOWN = 100;

/**
 * The line of a key with another value, `uid = 850`.
 * @param path of the value that is wrong.
 * @param valueOf the value that is written at a path.
 * @returns undefined if the line is too long to be shown.
 */
export function lineWith(
  path: Path,
  value: Value,
  valueOf: (path: Path) => unknown,
): string | undefined {
  const at = path.findLastIndex((step) => typeof step === "string");
  const key = path[at];
  if (typeof key !== "string") return undefined;
  let whole = value;
  for (const [index, step] of [...path.entries()].slice(at + 1).reverse()) {
    const list = valueOf(path.slice(0, index));
    if (!isList(list as Value) || typeof step !== "number") return undefined;
    whole = (list as readonly Value[]).with(step, whole);
  }
  // Tables of an array have their headers.
  if (isList(whole) && whole.some(isTable))
    return `[[${path
      .filter(isText)
      .map((step) => tomlKey(step))
      .join(".")}]]`;
  if (hasDates(whole)) return undefined;
  const line = `${tomlKey(key)} = ${tomlText(whole as Writable)}`;
  return line.length > MOST_SHOWN ? undefined : line;
}

function keyAndValue(item: string): [string, string] {
  const at = item.search(/[=:]/);
  return at === -1 ? [NAME, item] : [item.slice(0, at), item.slice(at + 1).trim()];
}

function text(value: Value): string {
  return isText(value) ? value : tomlText(value as Writable);
}

function hasDates(value: Value): boolean {
  if (typeof value === "symbol") return true;
  return typeof value === "object" && Object.values(value).some(hasDates);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

function isTable(value: Value | undefined): value is Readonly<Record<string, Value>> {
  return typeof value === "object" && !Array.isArray(value);
}
