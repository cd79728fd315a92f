/** A cost that grows with the fleet and with nothing else, counted in operations. */
// First, see there.
import { operations } from "./support/operations.ts";
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { composeFile, fleetFiles, type FleetSize } from "../bench/fleet.ts";
import { countFindings } from "../src/finding/finding.ts";
import type { Fleet } from "../src/fleet/model.ts";
import { onlyNear, withReplaced, suggestion, vocabulary } from "../src/text/suggest.ts";
import { lint } from "../src/lint/engine.ts";
import { bootGraph } from "../src/generate/graph/boot-graph.ts";
import { dotDiagram } from "../src/generate/graph/dot.ts";
import { mermaidDiagram } from "../src/generate/graph/mermaid.ts";
import { svgDiagram } from "../src/generate/graph/svg.ts";
import { runCli } from "./support/cli.ts";
import { inventory, loadFiles, writeFiles } from "./support/fleet.ts";
import { emitFiles, planFleet } from "./support/plan.ts";

function filesOf(size: FleetSize): Record<string, string> {
  return Object.fromEntries(fleetFiles(size));
}

function numbered<T>(number: number, make: (index: number) => T): T[] {
  return Array.from({ length: number }, (_, index) => make(index));
}

/** A fleet whose containers mount as many paths that are not theirs. */
function foreignFiles(number: number): Record<string, string> {
  const components = numbered(10, (component) => {
    const paths = numbered(
      number / 10,
      (index) => `"/srv/web/${component}/${index}:/data/${index}"`,
    );
    return `[[components]]
name = "web-${component}"
image = "registry.example/web:v1.0.0"
volumes = [${paths.join(", ")}]
`;
  });
  const srv = numbered(number, (index) => ({
    path: `/srv/web/${index % 10}/${Math.floor(index / 10)}`,
    uid: 995,
    gid: 995,
  }));
  return {
    "nixgen.toml": inventory(),
    "services/web.toml": `name = "web"\nnode = "alpha"\n\n${components.join("\n")}`,
    "facts/alpha.json": JSON.stringify({ schema: 1, host: "alpha", srv }),
  };
}

/** A fleet on as many hosts, on each of which the uid was another one. */
function acceptedChanges(number: number): Record<string, string> {
  const nodes = numbered(
    number,
    (index) =>
      `[[nodes]]\nname = "host-${index}"\nos = "nixos"\nnixos_release = "25.11"\nrole = "edge"\n`,
  );
  const uids = numbered(number, (index) => `"pod@host-${index}" = 995`);
  const accepted = numbered(
    number,
    (index) => `[[accepted]]
kind = "uid"
key = "pod@host-${index}"
from = "995"
to = "850"
reason = "995 was sshd's"
`,
  );
  return {
    "nixgen.toml": inventory(nodes.join("\n")),
    "nixgen.lock": `version = 1\n\n[uids]\n${uids.join("\n")}\n\n${accepted.join("\n")}`,
  };
}

/** A fleet whose agent listens on as many ports of one of two addresses. */
function agentFiles(number: number): Record<string, string> {
  const listen = numbered(number, (index) => `"192.168.1.10:${index + 1}"`);
  return {
    "nixgen.toml": inventory(`[[nodes]]
name = "alpha"
os = "nixos"
nixos_release = "25.11"
role = "master"
addresses = { lan = "192.168.1.10", vpn = "10.0.0.10" }
agent = { listen = [${listen.join(", ")}] }
`),
  };
}

/** A fleet in which as many containers want one port. */
function samePort(number: number): Record<string, string> {
  const components = numbered(
    number / 100,
    (index) => `[[components]]
name = "web-${index}"
image = "registry.example/web:v1.0.0"
ports = [${numbered(100, () => '"192.168.1.10:80:80"').join(", ")}]
`,
  );
  return {
    "nixgen.toml": inventory(),
    "services/web.toml": `name = "web"\nnode = "alpha"\n\n${components.join("\n")}`,
  };
}

/** How many times the operations of the first work the second one takes. */
function growth(first: () => void, second: () => void): number {
  return operations(second) / operations(first);
}

describe("a generated fleet", () => {
  it("is the same on every machine", () => {
    const hash = createHash("sha256");
    for (const [path, text] of fleetFiles({ services: 120 })) hash.update(`${path}\0${text}\0`);
    hash.update(composeFile({ services: 120 }));
    expect(hash.digest("hex")).toMatchInlineSnapshot(
      `"321e752222ec72fc57b212bcdb6ed69cbec2f7a8255fbe757d44e69d7a91fd47"`,
    );
  });

  it("has only what a careful team has left, is built, and is up to date then", async () => {
    const root = writeFiles(filesOf({ services: 350, flawedEvery: 10 }));
    const { stdout, status } = await runCli(root, ["lint", "--format", "json"]);
    const { findings } = JSON.parse(stdout) as { findings: { rule: string }[] };
    const rules = new Set(findings.map(({ rule }) => rule));
    expect(status).toBe(0);
    expect([...rules].sort()).toEqual([
      "boot-unstaged",
      "image-latest",
      "restart-vs-systemd",
      "route-and-ports",
      "runtime-drift",
      "single-address-binding",
      "volume-outside-srv",
    ]);
    const build = await runCli(root, ["build"]);
    expect(build).toMatchObject({ status: 0 });
    // The lock that was generated is the one that nixgen would write.
    expect(build.stdout).not.toContain("nixgen.lock");
    expect(await runCli(root, ["build", "--check"])).toMatchObject({ status: 0, stdout: "" });
  });
});

describe("the cost of a fleet ten times as large", () => {
  /** Ten times the work, and something for sorting and larger facts; a hundred times would be squares. */
  const LIMIT = 1.5 * 10;

  it.each<[how: string, small: FleetSize, large: FleetSize]>([
    [
      "on ten times as many hosts",
      { services: 100, hosts: 2, flawedEvery: 10 },
      { services: 1000, hosts: 20, flawedEvery: 10 },
    ],
    // Enough findings for one in the facts of each: the places in these take longer than all rules.
    [
      "on the same hosts",
      { services: 100, hosts: 1, flawedEvery: 10 },
      { services: 1000, hosts: 1, flawedEvery: 10 },
    ],
    [
      "in which each service has a finding",
      { services: 100, hosts: 2, flawedEvery: 1 },
      { services: 1000, hosts: 20, flawedEvery: 1 },
    ],
  ])("is ten times that, %s", async (_, small, large) => {
    const [first, second] = [await loadFiles(filesOf(small)), await loadFiles(filesOf(large))];
    expect(countFindings(lint(first)).error).toBe(0);
    expect(
      growth(
        // Other fleets each time: some of what rules need is made once for a fleet.
        () => lint({ ...first }),
        () => lint({ ...second }),
      ),
    ).toBeLessThan(LIMIT);
  });

  it.each<[what: string, rule: string, files: (number: number) => Record<string, string>]>([
    ["what it mounts belongs to somebody else", "srv-ownership", foreignFiles],
    ["changes of uids were accepted", "uid-changed", acceptedChanges],
    ["an agent listens on many ports", "single-address-binding", agentFiles],
  ])("is ten times that, when %s", async (_, rule, files) => {
    const [first, second] = [await loadFiles(files(400)), await loadFiles(files(4000))];
    const look = (fleet: Fleet) => (): void => void lint({ ...fleet }, { only: [rule] });
    expect(growth(look(first), look(second))).toBeLessThan(LIMIT);
  });

  it("is one finding each, when all want one port", async () => {
    for (const number of [100, 1000]) {
      const found = lint(await loadFiles(samePort(number)), { only: ["port-conflict"] });
      expect(found.length).toBe(number - 1);
    }
  });

  it("is ten times that, when every name that is used in it is mistyped", () => {
    const names = (word: string, number: number): string[] =>
      numbered(number, (index) => `${word}-${index}`);
    const ask = (number: number) => (): void => {
      const known = vocabulary(names("service", number));
      for (const name of names("servise", number)) {
        // Two rules that ask about the same names, and one for what else there is in a service.
        suggestion(name, known);
        onlyNear(name, withReplaced(known, { without: "service-0", also: ["web", "db"] }));
      }
    };
    expect(growth(ask(1000), ask(10_000))).toBeLessThan(LIMIT);
  });

  it("is ten times that, when it is built", async () => {
    const emit = (fleet: Awaited<ReturnType<typeof loadFiles>>) => (): void => {
      for (const plan of planFleet(fleet)) emitFiles(plan);
    };
    const small = await loadFiles(filesOf({ services: 100, hosts: 1 }));
    const large = await loadFiles(filesOf({ services: 1000, hosts: 1 }));
    expect(growth(emit(small), emit(large))).toBeLessThan(LIMIT);
  });

  it("is ten times that, when its boot order is drawn", async () => {
    const draw = (fleet: Awaited<ReturnType<typeof loadFiles>>) => (): void => {
      const graph = bootGraph(fleet, fleet.hosts);
      for (const diagram of [mermaidDiagram, dotDiagram, svgDiagram]) diagram(graph);
    };
    const small = await loadFiles(filesOf({ services: 100, hosts: 1 }));
    const large = await loadFiles(filesOf({ services: 1000, hosts: 1 }));
    expect(growth(draw(small), draw(large))).toBeLessThan(LIMIT);
  });
});
