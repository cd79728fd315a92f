/** The JSON Schema of what emitted modules may define, made of the table of options. */
import type { Release } from "../src/fleet/model.ts";
import { groupBy } from "../src/text/group.ts";
import { RELEASES } from "../src/fleet/release.ts";
import { type JsonSchema, OPTION_SOURCES, type OptionType, type Since } from "./nixos-options.ts";

/** The types that an option has, in one release or another. */
export function typesOf(option: OptionType | Since): OptionType[] {
  return isType(option) ? [option] : Object.values(option);
}

/** The type that an option has in a release; undefined where the release has no such option. */
function typeIn(release: Release, option: OptionType | Since): OptionType | undefined {
  if (isType(option)) return option;
  return RELEASES.slice(0, RELEASES.indexOf(release) + 1)
    .map((each) => option[each])
    .findLast((type) => type !== undefined);
}

function isType(option: OptionType | Since): option is OptionType {
  return "schema" in option;
}

/** The parts of an option's path; a name in quotes may have dots in it. */
export function partsOf(path: string): string[] {
  return (path.match(/"[^"]*"|[^.]+/g) ?? []).map((part) => part.replaceAll('"', ""));
}

/** Whether a part of a path is a name of the option's own, or stands for any. */
export function isName(part: string): boolean {
  return part !== "<name>" && !part.endsWith("*");
}

/** An option that a release has: its path, or what is left of that below the place that is looked at. */
interface Declared {
  readonly parts: readonly string[];
  readonly type: OptionType;
  readonly description: string;
}

/** The schemas of all that one file may define, by release. */
export function optionsSchema(): JsonSchema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: "nixgen:nixos-options",
    description:
      "What emitted modules define, by release: only options that the release has, each of its type.",
    $defs: Object.fromEntries(RELEASES.map((release) => [release, schemaOf(declaredIn(release))])),
  };
}

/** Every option that a release has. */
function declaredIn(release: Release): Declared[] {
  return OPTION_SOURCES.flatMap(({ source, read, options }) =>
    Object.entries(options).flatMap(([path, option]) => {
      const type = typeIn(release, option);
      if (type === undefined) return [];
      const versions = read === undefined ? "" : ` (read: ${read})`;
      return [{ parts: partsOf(path), type, description: `${type.name}; ${source}${versions}` }];
    }),
  );
}

/** The schema of one place: of the option that is declared there, and of those below it. */
function schemaOf(declared: readonly Declared[]): JsonSchema {
  const option = declared.find(({ parts }) => parts.length === 0);
  const itself =
    option === undefined
      ? { type: "object" }
      : { description: option.description, ...option.type.schema };
  const below = groupBy(
    declared.filter(({ parts }) => parts.length > 0),
    ({ parts: [first = ""] }) => first,
  );
  const children = [...below].map(([part, options]): [string, JsonSchema] => [
    part,
    schemaOf(options.map(({ parts, ...rest }) => ({ ...rest, parts: parts.slice(1) }))),
  ]);
  if (children.length === 0) return itself;
  const named = children.filter(([part]) => isName(part));
  const {
    "*": items,
    "<name>": any,
    ...patterns
  } = Object.fromEntries(children.filter(([part]) => !isName(part)));
  if (items !== undefined) return { ...itself, items };
  return {
    ...itself,
    ...(named.length === 0 ? {} : { properties: Object.fromEntries(named) }),
    ...(Object.keys(patterns).length === 0 ? {} : { patternProperties: anchored(patterns) }),
    additionalProperties: any ?? false,
  };
}

/** Schemas by regular expression, of those by `folder/*`. */
function anchored(patterns: Readonly<Record<string, JsonSchema>>): Record<string, JsonSchema> {
  return Object.fromEntries(
    Object.entries(patterns).map(([pattern, schema]) => [
      `^${pattern.slice(0, -1).replaceAll(".", String.raw`\.`)}`,
      schema,
    ]),
  );
}
