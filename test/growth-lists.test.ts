/** Work and output for each list of the schemas, which grow with the list and no faster. */
// First, see there.
import { operationsOf } from "./support/operations.ts";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { runCli } from "./support/cli.ts";
import { writeFiles } from "./support/fleet.ts";
import { CONTAINER_LISTS, KINDS, LISTS, stressFleet, type StressFiles } from "./support/stress.ts";

const CALLS = [["lint"], ["lint", "--format", "sarif"], ["build", "--check"]] as const;

/** What the calls do with a fleet: operations, and bytes that are printed. */
async function costOf(files: StressFiles): Promise<{ work: number; bytes: number }> {
  const root = writeFiles(files);
  let bytes = 0;
  const work = await operationsOf(async () => {
    for (const argv of CALLS) {
      const { status, stdout, stderr } = await runCli(root, argv);
      expect(status, stderr).not.toBe(3);
      bytes += stdout.length + stderr.length;
    }
  });
  return { work, bytes };
}

/** Ten times, and something for what is done once for each digit of a number, or for the first of its kind. */
const LIMIT = 15;

describe("a list that is ten times as long", () => {
  it.each(
    [...LISTS, ...CONTAINER_LISTS].map((list) => [`${list.document} ${list.path}`, list] as const),
  )(
    "takes at most some ten times the work, and prints no more than that: %s",
    async (_, list) => {
      for (const kind of KINDS) {
        const [small, large] = [
          await costOf(stressFleet(list, kind, 100)),
          await costOf(stressFleet(list, kind, 1000)),
        ];
        expect(large.work / small.work, kind).toBeLessThan(LIMIT);
        expect(large.bytes / small.bytes, kind).toBeLessThan(LIMIT);
      }
    },
    120_000,
  );
});

/** The part of JSON Schema that says what is a list or a table. */
interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
}

/** The lists and tables of a schema, by the ways to them. */
function listsOf(schema: Schema, path: readonly string[] = []): string[] {
  const { properties = {}, patternProperties = {}, additionalProperties, items } = schema;
  const values = [
    ...Object.values(patternProperties),
    ...(typeof additionalProperties === "object" ? [additionalProperties] : []),
  ];
  return [
    ...(schema.type === "array" || values.length > 0 ? [path.join(".")] : []),
    ...Object.entries(properties).flatMap(([key, inner]) => listsOf(inner, [...path, key])),
    ...(items === undefined ? [] : listsOf(items, [...path, "0"])),
    ...values.flatMap((inner) => listsOf(inner, [...path, "*"])),
    ...[...(schema.oneOf ?? []), ...(schema.anyOf ?? [])].flatMap((inner) => listsOf(inner, path)),
  ];
}

describe("the lists that are made long", () => {
  it.each(LISTS.map((list) => [`${list.document} ${list.path}`, list] as const))(
    "have entries that are right, so that all rules see them: %s",
    async (_, list) => {
      const { status, stdout } = await runCli(writeFiles(stressFleet(list, "different", 3)), [
        "lint",
      ]);
      // Every pattern wants a file.
      if (list.path !== "fleet.services") expect(status, stdout).toBeLessThan(2);
    },
  );

  it.each(["nixgen", "service", "facts", "lock", "baseline"])(
    "are all that the schema of %s has",
    (kind) => {
      const schema = JSON.parse(readFileSync(`schemas/${kind}.schema.json`, "utf8")) as Schema;
      const made = LISTS.filter(({ document }) => document === kind).map(({ path }) => path);
      // A container of podman's is in CONTAINER_LISTS; what is in each entry of a table is tried in one.
      const known = new Set(made.map((path) => path.replace("interfaces.eth0", "interfaces.*")));
      expect(
        [...new Set(listsOf(schema))].filter(
          (path) => !known.has(path) && path !== "podman.0.containers.0",
        ),
      ).toEqual([]);
    },
  );
});
