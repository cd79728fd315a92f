/**
 * What nixgen costs, beside what could be had at best and beside its peers: `npm run bench`.
 *
 *   start     only the reference fleet
 *   --write   put the tables into docs/performance.md
 */
import { buildSync } from "esbuild";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { composeFile, fleetFiles, type FleetSize } from "./fleet.ts";
import { type Cost, measure, slope, type Subject, workFolder } from "./measure.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const nixgen = join(root, "dist/nixgen.cjs");
const page = join(root, "docs/performance.md");
const { values, positionals } = parseArgs({
  options: { write: { type: "boolean", default: false } },
  allowPositionals: true,
});

/** Sizes by the number of services; the growth is that over the larger ones. */
const SIZES = [10, 100, 1000, 10_000] as const;
const GROWTH: readonly number[] = [100, 1000, 10_000];
const LARGEST = 10_000;

const node = process.execPath;
const bareNode: Subject = { name: "node -e 0", command: [node, "-e", "0"], cwd: root };

/** A table of Markdown. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, at) =>
    Math.max(...[head, ...rows].map((row) => row[at]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join(" | ")} |`;
  const rule = widths.map((width, at) =>
    at === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return [line(head), `| ${rule.join(" | ")} |`, ...rows.map(line)].join("\n");
}

function ratio(value: number, base: number): string {
  return `${(value / base).toFixed(value / base < 10 ? 2 : 1)} ×`;
}

function isOnPath(program: string): boolean {
  try {
    execFileSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

let setAsideCount = 0;

/**
 * Makes room for what a build is to write. What is there goes away only later, with everything: on some
 * file systems new files are slow for seconds after many were removed.
 */
function setAside(out: string): void {
  if (existsSync(out)) renameSync(out, join(workFolder, `before-${(setAsideCount += 1)}`));
}
/** Whole processes on the reference fleet: what a commit hook waits for. */
function measureStart(): string {
  const cwd = join(root, "examples/metacircular");
  const own = (name: string, ...args: string[]): Subject => ({
    name: `nixgen ${name}`,
    command: [node, nixgen, ...args],
    cwd,
  });
  const out = join(workFolder, "reference");
  const peers = ["knip", "spectral"].filter(isOnPath);
  const subjects = [
    bareNode,
    own("--version", "--version"),
    own("lint", "lint"),
    {
      ...own("build", "build", "--out", out),
      before: () => {
        setAside(out);
      },
    },
    own("build --check", "build", "--check", "--out", join(root, "out")),
    ...peers.map((peer): Subject => ({
      name: `${peer} --version`,
      command: [peer, "--version"],
      cwd,
    })),
  ];
  const costs = measure(subjects, 31, false);
  const base = costs.get(bareNode.name)?.wall ?? NaN;
  for (const [name, { wall }] of costs)
    console.log(`${name.padEnd(24)}${wall.toFixed(1).padStart(8)} ms`);
  return table(
    ["whole process", "beside bare node"],
    [...costs].map(([name, { wall }]) => [`\`${name}\``, ratio(wall, base)]),
  );
}

/** What is done with a fleet; the first one is what the others are compared with. */
const WORK = ["parse TOML", "parse TOML and JSON", "lint", "build", "build --check"] as const;

function makeFleet(folder: string, size: FleetSize): void {
  for (const [path, text] of fleetFiles(size)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

function measureFleet(size: FleetSize, runs: number): ReadonlyMap<string, Cost> {
  const folder = join(workFolder, "fleet");
  const [out, built] = [join(workFolder, "out"), join(workFolder, "built")];
  makeFleet(folder, size);
  const own = (...args: string[]): Subject["command"] => [node, nixgen, ...args];
  execFileSync(node, [nixgen, "build", "--out", built], { cwd: folder, stdio: "ignore" });
  const parser = join(workFolder, "parse.cjs");
  const commands: Readonly<Record<(typeof WORK)[number], Subject["command"]>> = {
    "parse TOML": [node, parser, folder],
    "parse TOML and JSON": [node, parser, folder, "facts"],
    lint: own("lint"),
    build: own("build", "--out", out),
    "build --check": own("build", "--check", "--out", built),
  };
  const subjects = WORK.map((name): Subject => ({
    name,
    command: commands[name],
    cwd: folder,
    ...(name === "build" && {
      before: () => {
        setAside(out);
      },
    }),
  }));
  const costs = measure([bareNode, ...subjects], runs, true);
  for (const name of [folder, out, built]) rmSync(name, { recursive: true, force: true });
  return costs;
}

function fleetRow(name: string, costs: ReadonlyMap<string, Cost>): string[] {
  const beside = (what: "wall" | "cpu", works: readonly string[]): string[] =>
    works.map((work) => ratio(costs.get(work)?.[what] ?? NaN, costs.get(WORK[0])?.[what] ?? NaN));
  const memory = ["lint", "build"].map(
    (work) => `${(costs.get(work)?.megabytes ?? NaN).toFixed(0)} MB`,
  );
  for (const [work, { cpu, wall, megabytes }] of costs) {
    console.log(
      `${name.padEnd(28)}${work.padEnd(20)}${cpu.toFixed(0).padStart(8)} ms CPU${wall.toFixed(0).padStart(8)} ms${megabytes.toFixed(0).padStart(6)} MB`,
    );
  }
  return [name, ...beside("wall", WORK.slice(1)), ...beside("cpu", ["lint", "build"]), ...memory];
}

/** Generated fleets: one host for each 100 services, and the same services in other ways. */
function measureGrowth(): string {
  buildSync({
    entryPoints: [join(root, "bench/parse.ts")],
    bundle: true,
    platform: "node",
    minify: true,
    outfile: join(workFolder, "parse.cjs"),
  });
  const bySize = new Map(
    SIZES.map((services) => [services, measureFleet({ services }, services < LARGEST ? 5 : 3)]),
  );
  const thousands = (count: number): string => count.toLocaleString("en-US");
  const rows = [...bySize].map(([services, costs]) => fleetRow(thousands(services), costs));
  const identities = measureFleet({ services: LARGEST, facts: "identities" }, 3);
  const crowded = measureFleet({ services: LARGEST, hosts: LARGEST / 1000 }, 1);
  const flawed = measureFleet({ services: LARGEST, flawedEvery: 1 }, 1);
  rows.push(
    fleetRow(`${thousands(LARGEST)}, facts of users only`, identities),
    fleetRow(`${thousands(LARGEST)}, 1,000 a host`, crowded),
    fleetRow(`${thousands(LARGEST)}, each with a finding`, flawed),
  );
  const exponents = WORK.map((work) => {
    const points = GROWTH.map((services): [number, number] => {
      const costs = bySize.get(services as (typeof SIZES)[number]);
      const start = costs?.get(bareNode.name)?.cpu ?? NaN;
      return [Math.log(services), Math.log((costs?.get(work)?.cpu ?? NaN) - start)];
    });
    return [`\`${work}\``, slope(points).toFixed(2)];
  });
  return [
    table(
      ["services", ...WORK.slice(1), "CPU: lint", "CPU: build", "memory: lint", "memory: build"],
      rows,
    ),
    table(["work", "exponent of its growth"], exponents),
  ].join("\n\n");
}

/** The same containers as a Compose file, for those who make units of one. */
function measurePeers(): string {
  const folder = join(workFolder, "peers");
  const size: FleetSize = { services: 100 };
  makeFleet(folder, size);
  writeFileSync(join(folder, "compose.yaml"), composeFile(size));
  const out = join(workFolder, "out");
  const peers: Readonly<Record<string, Subject["command"]>> = {
    compose2nix: [
      "compose2nix",
      "-inputs",
      "compose.yaml",
      "-output",
      join(workFolder, "compose.nix"),
    ],
    podlet: ["podlet", "--file", workFolder, "--overwrite", "compose", "compose.yaml"],
  };
  const there = Object.entries(peers).filter(([name]) => isOnPath(name));
  const own: Subject = {
    name: "nixgen build",
    command: [node, nixgen, "build", "--out", out],
    cwd: folder,
  };
  const costs = measure(
    [
      {
        ...own,
        before: () => {
          setAside(out);
        },
      },
      ...there.map(([name, command]): Subject => ({ name, command, cwd: folder })),
    ],
    5,
    false,
  );
  const base = costs.get(own.name)?.wall ?? NaN;
  for (const [name, { wall }] of costs)
    console.log(`${name.padEnd(24)}${wall.toFixed(1).padStart(8)} ms`);
  return table(
    ["100 services of one host", "whole process"],
    [
      ...[...costs].map(([name, { wall }]) => [`\`${name}\``, ratio(wall, base)]),
      ...Object.keys(peers)
        .filter((name) => !costs.has(name))
        .map((name) => [`\`${name}\``, "not on PATH"]),
    ],
  );
}

const onlyStart = positionals.includes("start");
const tables = [measureStart(), ...(onlyStart ? [] : [measureGrowth(), measurePeers()])].join(
  "\n\n",
);
console.log(`\n${tables}`);
if (values.write) {
  const [begin, end] = ["<!-- bench -->\n", "<!-- /bench -->\n"];
  const text = readFileSync(page, "utf8");
  const [before = "", rest = ""] = text.split(begin);
  const [, after = ""] = rest.split(end);
  writeFileSync(page, `${before}${begin}\n${tables}\n\n${end}${after}`);
}
