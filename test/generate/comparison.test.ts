/**
 * What `nixgen diff` says restarts is what a switch restarts: the units of which NixOS makes another file
 * of the emitted modules, and those that are PartOf= them. Held against the evaluated modules of both
 * sides, for random changes of the reference fleet.
 */
import fc from "fast-check";
import { join } from "node:path";
import { parse, stringify } from "smol-toml";
import { describe, expect, it } from "vitest";
import { loadFleet } from "../../src/fleet/load.ts";
import {
  compareFleets,
  type HostComparison,
  planForComparison,
  type PlannedFleet,
} from "../../src/compare/compare.ts";
import { hostLines } from "../../src/compare/lines.ts";
import { InputError } from "../../src/text/input-error.ts";
import { type Host, renderDefinitions } from "../e2e/boot/units.ts";
import { referenceFleet, temporaryFolder, writeFiles } from "../support/fleet.ts";
import { holdsForAll } from "../support/fuzz.ts";
import { emitAll } from "../support/plan.ts";
import { lacks } from "../support/tools.ts";
import { type Definitions, definitionsIn, writeTreeInto } from "./support.ts";

/** A table of a TOML document. */
type Table = Record<string, unknown>;

/** A fleet that can be edited: its inventory, and its services by their names. */
interface Draft {
  readonly inventory: Table;
  readonly services: Record<string, Table>;
}

function referenceDraft(): Draft {
  const files = referenceFleet();
  const services = Object.entries(files).filter(([path]) => path.startsWith("services/"));
  const draft = {
    inventory: parse(files["nixgen.toml"] ?? "") as Table,
    services: Object.fromEntries(
      services.map(([path, text]) => [
        path.replace(/^services\/|\.toml$/g, ""),
        parse(text) as Table,
      ]),
    ),
  };
  // What the reference fleet has none of.
  Object.assign(componentsOf(draft)[3] ?? {}, { depends_on: ["mcns", "api"], network: "mcpnet" });
  Object.assign(componentsOf(draft)[5] ?? {}, { depends_on: ["mcr/web"], env: ["A=1", "B=2"] });
  return draft;
}

function filesOf({ inventory, services }: Draft): Record<string, string> {
  return {
    "nixgen.toml": stringify(inventory),
    ...Object.fromEntries(
      Object.entries(services).map(([name, table]) => [`services/${name}.toml`, stringify(table)]),
    ),
  };
}

function componentsOf({ services }: Draft): Table[] {
  return Object.values(services).flatMap(({ components }) => components as Table[]);
}

/** A change of a draft; its text is for whoever reads what failed. */
interface DraftEdit {
  readonly text: string;
  readonly apply: (draft: Draft) => void;
}

function edit(text: string, apply: DraftEdit["apply"]): DraftEdit {
  return { text, apply };
}

function some<T>(values: readonly T[]): fc.Arbitrary<T[]> {
  return fc.shuffledSubarray([...values]);
}

function put(table: Table | undefined, key: string, value: unknown): void {
  if (table === undefined) return;
  if (value === undefined) Reflect.deleteProperty(table, key);
  else table[key] = value;
}

/** Values of a component's keys. */
const FIELDS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  image: fc.constantFrom("example/a:1", "example/a:2", "registry.example:5000/b@sha256:0"),
  network: fc.constantFrom(undefined, "mcpnet", "other", "host", "bridge"),
  user: fc.constantFrom(undefined, "0:0", "1000"),
  restart: fc.constantFrom(
    undefined,
    "no",
    "always",
    "unless-stopped",
    "on-failure",
    "on-failure:3",
  ),
  ports: some([
    "127.0.0.1:1800:80",
    "127.0.0.1:1801:80/udp",
    "[::1]:1802:80",
    "192.168.88.181:81:81",
  ]),
  volumes: some(["/srv/a:/a", "/srv/b/x.toml:/b:ro", "cache:/c", "/srv/a%:/d"]),
  cmd: fc.array(fc.constantFrom("", "server", "a b", "'${x}'", "--v=1"), { maxLength: 3 }),
  env: some(["A=1", "B=${b}", "C=", "D= x"]),
  env_files: some(["/srv/a.env", "/srv/b.env"]),
  depends_on: some(["mcns", "mc-proxy", "mcr/api", "metacrypt/web"]),
  pull: fc.constantFrom(undefined, "always", "never", "missing", "newer"),
  health: fc.constantFrom(
    undefined,
    { kind: "exec", command: ["true"] },
    { kind: "listen", port: 80 },
    { kind: "http", path: "/a" },
  ),
  routes: fc.constantFrom(undefined, [{ name: "rest", port: 443, hostname: "a.example" }]),
};

/** Values of the container user, for the fleet or for one host. */
const USER: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  uid: fc.constantFrom(850, 851),
  gid: fc.constantFrom(850, 852),
  home: fc.constantFrom("/srv/mcp", "/srv/other home"),
  sub_ids: fc.constantFrom(
    { start: 100000, count: 65536 },
    { start: 100000, count: 131072 },
    { start: 200000, count: 65536 },
  ),
};

const stagesOf = ({ inventory }: Draft): Table[] => {
  const { sequence } = inventory["boot"] as { sequence: Table[] };
  return sequence;
};
const nodesOf = ({ inventory }: Draft): Table[] => inventory["nodes"] as Table[];

/** What one key of a table becomes. */
function keyEdit(
  fields: Readonly<Record<string, fc.Arbitrary<unknown>>>,
  what: string,
  tableOf: (draft: Draft, index: number) => Table | undefined,
): fc.Arbitrary<DraftEdit> {
  return fc.tuple(fc.nat(20), fc.constantFrom(...Object.keys(fields))).chain(([index, key]) =>
    (fields[key] ?? fc.constant(undefined)).map((value) =>
      edit(`${what} ${index}: ${key} = ${JSON.stringify(value)}`, (draft) => {
        put(tableOf(draft, index), key, value);
      }),
    ),
  );
}

const at = (tables: readonly Table[], index: number): Table | undefined =>
  tables[index % tables.length];

const edits: fc.Arbitrary<DraftEdit> = fc.oneof(
  { weight: 12, arbitrary: keyEdit(FIELDS, "component", (draft, index) => at(componentsOf(draft), index)) },
  { weight: 2, arbitrary: keyEdit(USER, "user", ({ inventory }) => inventory["user"] as Table) },
  {
    weight: 1,
    arbitrary: keyEdit(USER, "user of host", (draft, index) => {
      const node = at(nodesOf(draft), index) ?? {};
      node["user"] ??= {};
      return node["user"] as Table;
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("mcp", "pod").map((name) =>
      edit(`user ${name}`, ({ inventory }) => {
        put(inventory["user"] as Table, "name", name);
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: keyEdit(
      {
        name: fc.constantFrom("foundation", "core", "ground"),
        timeout: fc.constantFrom("10s", "2m"),
        on_failure: fc.constantFrom(undefined, "block", "proceed"),
        health: fc.constantFrom(undefined, "tcp", "http"),
        services: some(["mcns", "mcr", "metacrypt", "mc-proxy", "mcq"]),
      },
      "stage",
      (draft, index) => at(stagesOf(draft), index),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("reverse", "shift", "clear").map((how) =>
      edit(`stages: ${how}`, (draft) => {
        const stages = stagesOf(draft);
        if (how === "reverse") stages.reverse();
        else stages.splice(0, how === "shift" ? 1 : stages.length);
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: keyEdit(
      { node: fc.constantFrom("rift", "orion", "svc"), active: fc.boolean() },
      "service",
      ({ services }, index) => at(Object.values(services), index),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.nat(20).map((index) =>
      edit(`component ${index} renamed`, (draft) => {
        put(at(componentsOf(draft), index), "name", "renamed");
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: keyEdit(
      {
        public: fc.constantFrom(["9.9.9.9"], ["1.1.1.1", "8.8.8.8"], ["8.8.8.8", "1.1.1.1"]),
        zones: fc.constantFrom(["a.example"], ["a.example", "b.example"]),
        service: fc.constantFrom("mcns", "mcr"),
      },
      "dns",
      ({ inventory }) => inventory["dns"] as Table,
    ),
  },
  {
    weight: 1,
    arbitrary: keyEdit(
      {
        nixos_release: fc.constantFrom("25.05", "25.11", "26.05"),
        os: fc.constantFrom("nixos", "debian"),
        addresses: fc.constantFrom({ lan: "192.168.88.181" }, { lan: "192.168.88.7" }),
      },
      "host",
      (draft, index) => at(nodesOf(draft), index),
    ),
  },
); // prettier-ignore

/** Two fleets: one with a few edits, and the same with a few more. */
const pair = fc.record({
  before: fc.array(edits, { maxLength: 3 }),
  change: fc.array(edits, { minLength: 1, maxLength: 3 }),
});

type Pair = typeof pair extends fc.Arbitrary<infer T> ? T : never;

/** One side, planned and emitted. */
interface Side {
  readonly fleet: PlannedFleet;
  /** The folders of the hosts that modules are emitted for. */
  readonly folders: ReadonlyMap<string, string>;
  readonly tree: ReadonlyMap<string, string>;
}

/** @returns undefined where nothing could be made of these files: the edits did not fit together. */
async function sideOf(files: Record<string, string>): Promise<Side | undefined> {
  const { fleet } = await loadFleet(join(writeFiles(files), "nixgen.toml"));
  if (fleet === undefined) return undefined;
  let planned: PlannedFleet;
  try {
    planned = planForComparison(fleet);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
  const plans = [...planned.hosts.values()].flatMap(({ plan }) => plan ?? []);
  const tree = emitAll(plans);
  const folder = writeTreeInto(tree, temporaryFolder());
  return {
    fleet: planned,
    tree,
    folders: new Map(plans.map(({ host }) => [host, join(folder, host)])),
  };
}

/** Of a unit what a switch looks at, with the scripts that it calls (switch-to-configuration). */
function comparable({ units, scripts }: Host, unit: string): string | undefined {
  return units
    .get(unit)
    ?.replace(/^(?:Description|RefuseManualStop)=.*\n/gm, "")
    .replace(/\/scripts\/[\w-]+/g, (path) => scripts.get(path) ?? path);
}

interface Containers {
  readonly restarts: readonly string[];
  readonly along: readonly string[];
  readonly added: readonly string[];
  readonly gone: readonly string[];
}

/** What a switch from one configuration to the other does to the units of containers. */
function switched(before: Host, after: Host): Containers {
  const containers = ({ units }: Host): string[] =>
    [...units.keys()].filter((unit) => unit.startsWith("podman-"));
  const [old, now] = [containers(before), containers(after)];
  const restarts = now.filter(
    (unit) => old.includes(unit) && comparable(before, unit) !== comparable(after, unit),
  );
  const gone = old.filter((unit) => !now.includes(unit));
  const stopped = new Set([...restarts, ...gone]);
  const along: string[] = [];
  // What is stopped, stops what is PartOf= it, by the units that systemd has then: the old ones.
  for (const stopping of stopped) {
    for (const unit of old) {
      const [, partOf = ""] = /^PartOf=(.*)$/m.exec(before.units.get(unit) ?? "") ?? [];
      if (!partOf.split(" ").includes(stopping) || stopped.has(unit)) continue;
      stopped.add(unit);
      along.push(unit);
    }
  }
  return named({ restarts, along, gone, added: now.filter((unit) => !old.includes(unit)) });
}

function named(units: Containers): Containers {
  const names = (list: readonly string[]): string[] =>
    list.map((unit) => unit.replace(/^podman-(.*)\.service$/, "$1")).sort();
  return {
    restarts: names(units.restarts),
    along: names(units.along),
    added: names(units.added),
    gone: names(units.gone),
  };
}

/** The same, as the comparison has it. */
function said(comparison: HostComparison | undefined): Containers {
  const containers = comparison?.containers ?? [];
  const names = (which: (change: (typeof containers)[number]) => boolean): string[] =>
    containers.filter(which).map(({ name }) => name).sort(); // prettier-ignore
  return {
    restarts: names(({ effect, because }) => effect === "restarts" && because.length > 0),
    along: names(({ effect, because }) => effect === "restarts" && because.length === 0),
    added: names(({ effect }) => effect === "new"),
    gone: names(({ effect }) => effect === "gone"),
  };
}

/** The files of a host, as text. */
function filesBelow(tree: ReadonlyMap<string, string>, host: string): [string, string][] {
  return [...tree].filter(([path]) => path.startsWith(`${host}/`));
}

const MARKS = { value: String, command: String, arrow: "->" };

/** What a check has met, so that it is seen whether it was about anything. */
interface Met {
  pairs: number;
  restarts: number;
  along: number;
  added: number;
  gone: number;
  quiet: number;
}

/** Compares what is said with what the evaluated modules of both sides make of it. */
async function check(pairs: readonly Pair[], met: Met): Promise<void> {
  const cases: { old: Side; now: Side; text: string }[] = [];
  for (const { before, change } of pairs) {
    const draft = referenceDraft();
    for (const { apply } of before) apply(draft);
    const old = await sideOf(filesOf(draft));
    for (const { apply } of change) apply(draft);
    const now = await sideOf(filesOf(draft));
    if (old === undefined || now === undefined) continue;
    const text = JSON.stringify([before, change].map((some) => some.map((each) => each.text)));
    cases.push({ old, now, text });
  }
  const folders = cases.flatMap(({ old, now }) => [
    ...old.folders.values(),
    ...now.folders.values(),
  ]);
  const all = definitionsIn(folders);
  const definitions = new Map(folders.map((folder, index) => [folder, all[index] ?? {}]));
  const definitionsOf = (side: Side, host: string): Definitions | undefined =>
    definitions.get(side.folders.get(host) ?? "");

  for (const { old, now, text } of cases) {
    const comparison = compareFleets(old.fleet, now.fleet);
    met.pairs += 1;
    for (const host of new Set([...old.folders.keys(), ...now.folders.keys()])) {
      const its = comparison.find((each) => each.host === host);
      const [had, has] = [definitionsOf(old, host), definitionsOf(now, host)];
      const where = `${host} after ${text}`;
      if (had === undefined || has === undefined) {
        expect(its?.modules, where).toBe(had === undefined ? "new" : "gone");
        continue;
      }
      const actual = switched(renderDefinitions(had), renderDefinitions(has));
      expect(said(its), where).toEqual(actual);
      for (const key of ["restarts", "along", "added", "gone"] as const) {
        met[key] += actual[key].length;
      }
      if (its === undefined) {
        expect(filesBelow(now.tree, host), where).toEqual(filesBelow(old.tree, host));
      } else if (hostLines(its, MARKS).every(({ label }) => label === "files")) {
        met.quiet += 1;
        // recovery.nix has the paths of the texts alone.
        const evaluated = (modules: Definitions): Definitions => ({
          ...modules,
          "recovery.nix": {},
        });
        expect(evaluated(has), where).toEqual(evaluated(had));
      } else {
        expect(filesBelow(now.tree, host), where).not.toEqual(filesBelow(old.tree, host));
      }
    }
  }
}

describe.skipIf(lacks("nix-instantiate"))("what is said to restart", { timeout: 120_000 }, () => {
  const nothing = { pairs: 0, restarts: 0, along: 0, added: 0, gone: 0, quiet: 0 };

  it("is what a switch restarts, and what is said to stay stays", async () => {
    const met = { ...nothing };
    await holdsForAll(pair, 60, (pairs) => check(pairs, met));
    // All that it is about was there.
    expect(Math.min(...Object.values(met)), JSON.stringify(met)).toBeGreaterThan(0);
    expect(met.pairs).toBeGreaterThan(40);
  });

  it("is so for each key of a component and of the user by itself", async () => {
    const met = { ...nothing };
    const single = (
      fields: typeof FIELDS,
      tableOf: (draft: Draft) => Table | undefined,
    ): DraftEdit[] =>
      Object.entries(fields).flatMap(([key, values]) =>
        fc.sample(values, { numRuns: 2, seed: 1 }).map((value) =>
          edit(`${key} = ${JSON.stringify(value)}`, (draft) => {
            put(tableOf(draft), key, value);
          }),
        ),
      );
    const all = [
      ...single(FIELDS, (draft) => componentsOf(draft)[3]),
      ...single(
        { ...USER, name: fc.constant("pod") },
        ({ inventory }) => inventory["user"] as Table,
      ),
    ];
    await check(
      all.map((each) => ({ before: [], change: [each] })),
      met,
    );
    expect(met.pairs).toBe(all.length);
    expect(met.restarts).toBeGreaterThan(Object.keys(FIELDS).length);
  });
});
