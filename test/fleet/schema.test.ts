/** The published schemas, the validators made from them, and zod say the same. */
import { Ajv, type ValidateFunction } from "ajv";
import * as fc from "fast-check";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ZodType } from "zod";
import {
  baselineSchema,
  factsSchema,
  inventorySchema,
  lockSchema,
  serviceSchema,
} from "../../src/fleet/schema.ts";
import { parseJson, parseToml } from "../../src/document/source.ts";
import { type FileKind, validate } from "../../src/fleet/validate.ts";
import { holds } from "../support/fuzz.ts";

const ZOD: Readonly<Record<FileKind, ZodType>> = {
  nixgen: inventorySchema,
  service: serviceSchema,
  facts: factsSchema,
  baseline: baselineSchema,
  lock: lockSchema,
};

const KINDS = Object.keys(ZOD) as FileKind[];

function readJson(path: string): object {
  return JSON.parse(readFileSync(path, "utf8")) as object;
}

/** Compiles a schema as any user of it would, without the settings of the generator. */
function compile(path: string): ValidateFunction {
  const ajv = new Ajv({ strict: true, discriminator: true, keywords: ["expected"] });
  return ajv.compile(readJson(path));
}

const AJV = Object.fromEntries(
  KINDS.map((kind) => [kind, compile(`schemas/${kind}.schema.json`)]),
) as Record<FileKind, ValidateFunction>;

function kindOf(file: string): FileKind {
  if (file.endsWith("nixgen.toml")) return "nixgen";
  if (file.endsWith(".lock")) return "lock";
  return file.endsWith(".json") ? "facts" : "service";
}

const EXAMPLES = (readdirSync("examples", { recursive: true }) as string[])
  .filter((file) => /\.(?:toml|json|lock)$/.test(file))
  .map((file) => join("examples", file))
  .sort();

/** A document as JSON has it; the tables of TOML have no prototype. */
function plainValue(file: string): unknown {
  const text = readFileSync(file, "utf8");
  const { value } = file.endsWith(".json") ? parseJson(file, text) : parseToml(file, text);
  return JSON.parse(JSON.stringify(value));
}

/** A service with everything that a schema knows. */
const FULL_SERVICE = {
  name: "web",
  tier: "worker",
  build: { uses_mcdsl: true, images: { web: "Dockerfile" } },
  snapshot: { method: "grpc", exclude: ["a/"] },
  components: [
    { name: "a", image: "x:1", health: { kind: "http", port: 80, path: "/", tls: true } },
    { name: "b", image: "x:1", health: { kind: "grpc", service: "s" }, pull: "never" },
    {
      name: "c",
      image: "x:1",
      health: { kind: "dns", name: "a.example" },
      restart: "on-failure:3",
    },
    { name: "d", image: "x:1", health: { kind: "exec", command: ["true"] }, env: ["A=b"] },
    { name: "f", image: "x:1", health: { kind: "http" } },
    { name: "e", image: "x:1", routes: [{ name: "r", port: 80, mode: "l7", public: true }] },
  ],
};

/** The same for an inventory. */
const FULL_INVENTORY = {
  fleet: { name: "f", services: ["a/*.toml"], facts: "f", out: "o" },
  user: { name: "u", uid: 850, home: "/srv/u", sub_ids: { start: 1, count: 2 } },
  users: [{ name: "v", uid: 1, nodes: ["n"] }],
  dns: {
    zones: ["a.example"],
    service: "d",
    services: ["e"],
    public: ["1.1.1.1"],
    resolver: "resolved",
    forward: [{ zones: ["b.example"], servers: ["10.0.0.1"] }],
  },
  registry: { host: "r:1" },
  boot: { sequence: [{ name: "s", services: ["d"], timeout: "9s", on_failure: "block" }] },
  nodes: [
    {
      name: "n",
      os: "nixos",
      nixos_release: "26.05",
      role: "edge",
      addresses: { lan: "1.2.3.4" },
      agent: { listen: ["*:1"] },
      user: { uid: 3 },
    },
  ],
};

const DOCUMENTS: readonly (readonly [FileKind, unknown])[] = [
  ...EXAMPLES.map((file) => [kindOf(file), plainValue(file)] as const),
  ["service", FULL_SERVICE],
  ["nixgen", FULL_INVENTORY],
];

/** Every object and array in a document, itself included. */
function containers(value: unknown): (Record<string, unknown> | unknown[])[] {
  if (typeof value !== "object" || value === null) return [];
  return [value as Record<string, unknown>, ...Object.values(value).flatMap(containers)];
}

type Mutation = (document: unknown) => unknown;

const OTHER_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  1,
  -1,
  1.5,
  65536,
  4294967295,
  1e300,
  "",
  "x",
  "a\u0000b",
  "../x",
  "/x:y",
  "listen",
  "http",
  "9s",
  "1.1.1.1",
  [],
  ["x"],
  [1],
  {},
  { kind: "exec" },
];

const otherValue = fc.constantFrom(...OTHER_VALUES);

const otherKey = fc.constantFrom(
  "x",
  "name",
  "kind",
  "constructor",
  "toString",
  "uidd",
  "",
  "port",
);

/** Changes one place of a document: drops it, replaces it, or adds a key beside it. */
const mutation: fc.Arbitrary<Mutation> = fc
  .record({
    what: fc.constantFrom("drop", "replace", "replace", "add"),
    where: fc.nat(),
    which: fc.nat(),
    value: otherValue,
    key: otherKey,
  })
  .map(({ what, where, which, value: shared, key }) => (document) => {
    const value = structuredClone(shared);
    const found = containers(document);
    const target = found[where % Math.max(1, found.length)];
    if (target === undefined) return document;
    const keys = Object.keys(target);
    const chosen = keys[which % Math.max(1, keys.length)];
    if (Array.isArray(target)) {
      if (what === "add") target.push(value);
      else if (what === "drop") target.splice(Number(chosen ?? 0), 1);
      else if (chosen !== undefined) target[Number(chosen)] = value;
    } else if (what === "add") target[key] = value;
    else if (chosen !== undefined) {
      if (what === "replace") target[chosen] = value;
      else Reflect.deleteProperty(target, chosen);
    }
    return document;
  });

async function accepts(kind: FileKind, value: unknown): Promise<boolean> {
  return (await validate(kind, parseJson("a.json", JSON.stringify(value)))).length === 0;
}

describe("the schemas", () => {
  it("are one for each kind of file, and one for what is emitted", () => {
    expect(readdirSync("schemas").sort()).toEqual(
      [...KINDS, "nixos-options"].map((kind) => `${kind}.schema.json`).sort(),
    );
  });

  it.each(EXAMPLES)("accept %s", async (file) => {
    const kind = kindOf(file);
    expect(AJV[kind](plainValue(file)), JSON.stringify(AJV[kind].errors)).toBe(true);
    expect(await accepts(kind, plainValue(file))).toBe(true);
    expect(ZOD[kind].safeParse(plainValue(file)).success).toBe(true);
  });

  // taplo, which editors use, reads the expressions as Rust's regex does: it refuses a whole schema for \0.
  it.each(KINDS)("hold no expression that only JavaScript knows: %s", (kind) => {
    const patterns = [
      ...JSON.stringify(readJson(`schemas/${kind}.schema.json`)).matchAll(
        /"pattern":"((?:[^"\\]|\\.)*)"/g,
      ),
    ];
    for (const [, pattern = ""] of patterns) {
      const source = JSON.parse(`"${pattern}"`) as string;
      expect(source).not.toMatch(/\\[0-9]|\\c|\(\?<|\\k/);
      expect(() => new RegExp(source, "u")).not.toThrow();
    }
  });

  it.each<[FileKind, object]>([
    ["service", FULL_SERVICE],
    ["nixgen", FULL_INVENTORY],
    ["lock", { version: 1, uids: { a: 1 }, placement: { a: "b" }, ports: { a: 1 } }],
    ["lock", { version: 2, identities: { a: { name: "b", uid: 1, home: "/b", sub_ids: "1:2" } } }],
  ])("agree on every other value in every place of a %s", async (kind, document) => {
    const wrong: string[] = [];
    for (const [at, original] of containers(document).entries()) {
      for (const key of Object.keys(original)) {
        for (const other of OTHER_VALUES) {
          const value = structuredClone(document);
          (containers(value)[at] as Record<string, unknown>)[key] = structuredClone(other);
          const verdicts = [
            AJV[kind](structuredClone(value)),
            await accepts(kind, value),
            ZOD[kind].safeParse(value).success,
          ];
          if (new Set(verdicts).size > 1) {
            wrong.push(`${key} = ${JSON.stringify(other)}: ${verdicts.join()}`);
          }
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it("agree with the validators and with zod on whatever is wrong", async () => {
    let rejected = 0;
    let accepted = 0;
    await holds(
      fc.asyncProperty(
        fc.constantFrom(...DOCUMENTS),
        fc.array(mutation, { minLength: 1, maxLength: 3 }),
        async ([kind, original], mutations) => {
          const value = mutations.reduce(
            (document, mutate) => mutate(document),
            structuredClone(original),
          );
          const direct = AJV[kind](structuredClone(value));
          expect(await accepts(kind, value), `validator, ${kind}`).toBe(direct);
          expect(ZOD[kind].safeParse(value).success, `zod, ${kind}`).toBe(direct);
          if (direct) accepted += 1;
          else rejected += 1;
        },
      ),
      1500,
    );
    // Otherwise the property would say nothing.
    expect(rejected).toBeGreaterThan(200);
    expect(accepted).toBeGreaterThan(50);
  });

  it("give the same defaults as zod", async () => {
    for (const [kind, document] of DOCUMENTS) {
      const source = parseJson("a.json", JSON.stringify(document));
      expect(await validate(kind, source)).toEqual([]);
      expect(source.value).toEqual(ZOD[kind].parse(document));
    }
  });
});

describe("the #:schema line of a file", () => {
  const files = EXAMPLES.filter((file) => readFileSync(file, "utf8").startsWith("#:schema "));

  it("is in every definition of the starting point", () => {
    expect(files).toEqual(EXAMPLES.filter((file) => file.startsWith("examples/starter/")));
    expect(files.length).toBeGreaterThanOrEqual(2);
  });

  it.each(files)("%s names a schema that accepts it", (file) => {
    const [, path = ""] = /^#:schema (\S+)\n/.exec(readFileSync(file, "utf8")) ?? [];
    const schema = join(dirname(file), path);
    expect(existsSync(schema), schema).toBe(true);
    expect(schema).toBe(`schemas/${kindOf(file)}.schema.json`);
    const check = compile(schema);
    expect(check(plainValue(file)), JSON.stringify(check.errors)).toBe(true);
    expect(check({})).toBe(false);
  });
});
