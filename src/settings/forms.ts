/** The forms that most settings have: a text, a number, a switch, a list or a table, said by one option of podman's. */
import { bind, type Binding, str, texts as textsBinding } from "../nix/ast.ts";
import type { Inspect } from "../podman/inspect.ts";
import { splitVariable } from "../podman/variable.ts";
import { at, textAt, textEntries, textsAt } from "../text/json.ts";
import { inWords, isTrue, oneOrMore, pairsOf } from "./compose-service.ts";
import type { ComposeFace, Deviation, InspectFace, None, Setting } from "./setting.ts";

/** What is said of a setting, whatever its form. */
interface Common<V> {
  /** The option's long name, without dashes. */
  readonly option: string;
  /** Where `podman inspect` shows it; why it does not otherwise. */
  readonly path: readonly string[] | None;
  /** The option of oci-containers, if it has one. */
  readonly nixos?: ((value: V) => readonly Binding[]) | None;
  /** The key of a Compose service; all that is to be said, where it is of another form there. */
  readonly compose: string | ComposeFace<V> | None;
  /** The image may bring a value, so that nothing is known of a container without one in its definition. */
  readonly fromImage?: true;
}

/** A text. */
export function text(
  said: Common<string> & {
    /** What podman makes of a value, if it shows another one. */
    readonly shown?: (value: string) => string;
    /** What it shows if nothing was said, besides an empty text. */
    readonly absent?: readonly string[];
  },
): Setting<string> {
  const { option, absent = [], shown = (value: string) => value } = said;
  return {
    podman: (value) => [{ name: option, value }],
    nixos: said.nixos ?? "extraOptions",
    inspect: shows(said, {
      read: (inspect, path) => textAt(inspect, ...path),
      isDefault: (value) => absent.includes(shown(value)),
      isSame: (value, actual) => shown(value) === actual,
    }),
    command: { options: [option], read: (given) => given.at(-1)?.value },
    compose: composeFace(said.compose, (value) => {
      const found = inWords(value);
      return found === "" ? undefined : found;
    }),
  };
}

/** A whole number. */
export function number(
  said: Common<number> & {
    /** What podman shows if nothing was said. */
    readonly absent?: readonly number[];
  },
): Setting<number> {
  const { option, absent = [0] } = said;
  return {
    podman: (value) => [{ name: option, value: String(value) }],
    nixos: said.nixos ?? "extraOptions",
    inspect: shows(said, {
      read: numberAt,
      isDefault: (value) => absent.includes(value),
      isSame: (value, actual) => value === actual,
    }),
    command: {
      options: [option],
      read: (given, _, leave) => {
        const value = given.at(-1)?.value ?? "";
        if (/^-?[0-9]{1,15}$/.test(value)) return Number(value);
        leave(option, value);
        return undefined;
      },
    },
    compose: composeFace(said.compose, (value) => {
      const found = inWords(value);
      return /^-?[0-9]{1,15}$/.test(found) ? Number(found) : undefined;
    }),
  };
}

/** Yes or no; no is podman's default. */
export function flag(said: Common<boolean>): Setting<boolean> {
  const { option, path } = said;
  const read = (inspect: Inspect): boolean | undefined =>
    isPath(path) && at(inspect, ...path) === true ? true : undefined;
  return {
    podman: (value) => (value ? [{ name: option, value: undefined }] : []),
    nixos: said.nixos ?? "extraOptions",
    inspect: isPath(path)
      ? {
          observe: read,
          differences: (value = false, inspect) => {
            const actual = at(inspect, ...path);
            if (typeof actual !== "boolean" || actual === value) return [];
            return [{ text: actual ? `has --${option}` : `lacks --${option}`, path }];
          },
        }
      : path,
    command: {
      options: [option],
      read: (given) => (given.at(-1)?.value === "false" ? undefined : true),
    },
    compose: composeFace(said.compose, (value) => isTrue(value) || undefined),
  };
}

/** A list of texts, each said by itself. */
export function texts(
  said: Common<string[]> & {
    /** What podman makes of an element, if it shows another one. */
    readonly shown?: (value: string) => string;
    /** The elements that inspect shows, if they are not a list of texts. */
    readonly actual?: (inspect: Inspect) => readonly string[];
    /** Elements that podman adds by itself: they count only where they are asked for. */
    readonly ignored?: (value: string) => boolean;
    /** Whether podman shows what was asked for, and not what became of it on that host. */
    readonly isComparable?: (value: string) => boolean;
  },
): Setting<string[]> {
  const { option, path, shown = (value: string) => value } = said;
  const { ignored = () => false, isComparable = () => true } = said;
  const read = (inspect: Inspect): readonly string[] =>
    said.actual?.(inspect) ?? (isPath(path) ? textsAt(inspect, ...path) : []);
  return {
    podman: (value) => value.map((each) => ({ name: option, value: each })),
    nixos: said.nixos ?? "extraOptions",
    inspect: isPath(path)
      ? {
          observe: (inspect) => nonEmpty(read(inspect).filter((value) => !ignored(value))),
          differences: (value = [], inspect) => {
            if (at(inspect, ...path) === undefined || !value.every(isComparable)) return [];
            const wanted = value.map(shown);
            const actual = read(inspect).filter((each) => !ignored(each) || wanted.includes(each));
            return listDeviations(option, wanted, actual, path);
          },
        }
      : path,
    command: {
      options: [option],
      read: (given) => nonEmpty(given.flatMap(({ value = "" }) => (value === "" ? [] : [value]))),
    },
    compose: composeFace(said.compose, (value) => nonEmpty(oneOrMore(value))),
  };
}

/** A table of texts, each entry said as KEY=VALUE. */
export function table(
  said: Common<Record<string, string>> & {
    /** Entries that podman adds by itself. */
    readonly ignored?: (key: string) => boolean;
  },
): Setting<Record<string, string>> {
  const { option, path, ignored = () => false } = said;
  const read = (inspect: Inspect): [string, string][] =>
    isPath(path) ? textEntries(inspect, ...path).filter(([key]) => !ignored(key)) : [];
  return {
    podman: (value) =>
      Object.entries(value).map(([key, inner]) => ({ name: option, value: `${key}=${inner}` })),
    nixos: said.nixos ?? "extraOptions",
    inspect: isPath(path)
      ? {
          observe: (inspect) => nonEmptyTable(read(inspect)),
          differences: (value = {}, inspect) => {
            if (at(inspect, ...path) === undefined) return [];
            const actual = new Map(read(inspect));
            const found: Deviation[] = [];
            for (const [key, wanted] of Object.entries(value)) {
              const its = actual.get(key);
              if (its === undefined) found.push({ text: `lacks the ${option} ${key}`, path });
              else if (its !== wanted) {
                found.push({ text: `has another value of the ${option} ${key}`, path });
              }
            }
            if (said.fromImage === true) return found;
            for (const key of actual.keys()) {
              if (!Object.hasOwn(value, key))
                found.push({ text: `has the ${option} ${key}`, path });
            }
            return found;
          },
        }
      : path,
    command: {
      options: [option],
      read: (given) =>
        nonEmptyTable(
          given.map(({ value = "" }) => splitVariable(value)).filter(([key]) => !ignored(key)),
        ),
    },
    compose: composeFace(said.compose, (value) =>
      nonEmptyTable(pairsOf(value).map(([key, inner = ""]): [string, string] => [key, inner])),
    ),
  };
}

/** What a list has, and what it lacks. The order counts in none of those that are written so. */
export function listDeviations(
  what: string,
  wanted: readonly string[],
  actual: readonly string[],
  path: readonly string[],
): Deviation[] {
  return [
    ...wanted
      .filter((value) => !actual.includes(value))
      .map((value) => ({ text: `lacks --${what} ${value}`, path })),
    ...actual
      .filter((value) => !wanted.includes(value))
      .map((value) => ({ text: `has --${what} ${value}`, path })),
  ];
}

/** How inspect shows one value. */
export function shows<V>(
  { option, path, fromImage }: Pick<Common<V>, "option" | "path" | "fromImage">,
  value: {
    /** What inspect shows; undefined for none. */
    readonly read: (inspect: Inspect, path: readonly string[]) => V | undefined;
    /** Whether a container has it to which nothing was said. */
    readonly isDefault: (value: V) => boolean;
    readonly isSame: (value: V, actual: V) => boolean;
  },
): InspectFace<V> | None {
  if (!isPath(path)) return path;
  const observe = (inspect: Inspect): V | undefined => {
    const found = value.read(inspect, path);
    return found === undefined || value.isDefault(found) ? undefined : found;
  };
  return {
    observe,
    differences: (wanted, inspect) => {
      const found = value.read(inspect, path);
      const isUnreadable = found === undefined && typeof at(inspect, ...path) === "number";
      // Facts do not have all of it. podman 4 shows signals as numbers, which differ from machine to machine.
      if (at(inspect, ...path) === undefined || isUnreadable) return [];
      const actual = observe(inspect);
      if (wanted === undefined) {
        if (actual === undefined || fromImage === true) return [];
        return [{ text: `has --${option} ${String(actual)}`, path }];
      }
      if (found !== undefined && value.isSame(wanted, found)) return [];
      if (actual === undefined) {
        return value.isDefault(wanted)
          ? []
          : [{ text: `lacks --${option} ${String(wanted)}`, path }];
      }
      return [{ text: `has --${option} ${String(actual)}, not ${String(wanted)}`, path }];
    },
  };
}

/** A number of the container's data. */
function numberAt(inspect: Inspect, path: readonly string[]): number | undefined {
  const found = at(inspect, ...path);
  return typeof found === "number" ? found : undefined;
}

/** The face of a key of Compose's. */
export function composeFace<V>(
  said: string | ComposeFace<V> | None,
  read: (value: unknown) => V | undefined,
): ComposeFace<V> | None {
  if (typeof said !== "string") return said;
  const path = said.split(".");
  return { keys: [said], read: ({ definition }) => read(at(definition, ...path)) };
}

/** One option of oci-containers with a text. */
export function nixText(name: string): (value: string) => readonly Binding[] {
  return (value) => [bind(name, str(value))];
}

/** One option of oci-containers with a list of texts. */
export function nixTexts(name: string): (values: readonly string[]) => readonly Binding[] {
  return (values) => textsBinding(name, values);
}

/** A list, if there is something in it. */
export function nonEmpty<T>(values: T[]): T[] | undefined {
  return values.length === 0 ? undefined : values;
}

function nonEmptyTable(entries: [string, string][]): Record<string, string> | undefined {
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function isPath(path: readonly string[] | None): path is readonly string[] {
  return !("none" in path);
}
