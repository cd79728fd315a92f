/** Names inside of containers through the incident's outages: real podman, glibc and musl, what is emitted. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { HostPlan } from "../../../src/plan/plan.ts";
import { createNetwork, podmanCommand } from "../../../src/generate/podman.ts";
import { type Files, temporaryFolder } from "../../support/fleet.ts";
import { lacks } from "../../support/tools.ts";
import { dnsmasqFiles, planOrion, resolvedFiles, withResolved } from "./emitted.ts";
import { type Drill, fleetNames, MCR, resolved, runOutages, tree, WORLD } from "./outages.ts";

const missing = tree === undefined || ["nix-instantiate", "gcc", "musl-gcc"].some(lacks);

/** Three containers of a service on orion: one on the default network, two on a network with a name. */
const PROBE = ["alone", "inner", "peer"]
  .map(
    (name) => `[[components]]
name = "${name}"
image = "localhost/probe:v1"
cmd = ["busybox", "sleep", "1000"]
${name === "alone" ? "" : 'network = "inner"'}
`,
  )
  .reduce((text, component) => text + component, 'name = "probe"\nnode = "orion"\n');

const withProbe = (files: Files): Files => ({ ...files, "services/probe.toml": PROBE });

/** probe.c, linked with each C library. */
function probes(): Files {
  const folder = temporaryFolder();
  const source = join(import.meta.dirname, "probe.c");
  return Object.fromEntries(
    Object.entries({ glibc: "gcc", musl: "musl-gcc" }).map(([libc, compiler]) => {
      const program = join(folder, libc);
      // glibc says that such a program needs its libraries for more than files and DNS.
      const run = spawnSync(compiler, ["-static", "-o", program, source], { encoding: "utf8" });
      expect(run.status, run.stderr).toBe(0);
      return [`probe-${libc}`, readFileSync(program)];
    }),
  );
}

/** Runs a script of containers.sh with what is emitted for a host, but for some changes of the commands. */
function drill(
  script: string,
  orion: HostPlan,
  resolver: Files,
  change: (commands: string) => string = (same) => same,
): Drill {
  const containers = orion.containers.filter(({ service }) => service === "probe");
  const commands = [
    createNetwork({ name: "inner", options: "" }),
    ...containers.map(podmanCommand),
  ];
  return runOutages(`. /sandbox/containers.sh\n${script}`, {
    ...probes(),
    ...resolver,
    "commands.sh": `set -e\n${change(commands.join("\n"))}\n`,
  });
}

const PLACES = ["host", "probe-alone", "probe-inner"];
const LIBRARIES = ["glibc", "musl"];
const EVERYWHERE = PLACES.flatMap((place) => LIBRARIES.map((libc) => ({ place, libc })));

/** Expects the same of every place and library. */
function expectEverywhere(
  { phase }: Drill,
  name: string,
  expected: readonly (readonly [name: string, address: string | RegExp])[],
): void {
  for (const { place, libc } of EVERYWHERE) {
    const own = (name: string): string => name.replace("%", `${place}-${libc}`);
    expect(resolved(phase(`${name} ${place} ${libc}`)), `${name} ${place} ${libc}`).toEqual(
      expected.map(([name, address]) => [
        own(name),
        typeof address === "string" ? address : (expect.stringMatching(address) as unknown),
      ]),
    );
  }
}

/** Every outage; `start` begins the host's own resolver. */
const OUTAGES = (start: string): string => `
networks; start_world; start_mcns 10.0.0.1; ${start}; start_containers
phase up;      everywhere ${MCR} seen.example.com up-%.example.com up-%.absent
expire; stop_mcns
phase refused; everywhere ${MCR} seen.example.com refused-%.example.com refused-%.absent
start_mcns 10.0.0.1
phase back;    everywhere back-%.$ZONE ${MCR} back-%.absent
expire; drop_packets
phase dropped; everywhere ${MCR} seen.example.com dropped-%.example.com dropped-%.absent
pass_packets
phase passed;  everywhere passed-%.$ZONE ${MCR}
expire; lose_lan
phase half;    everywhere half-%.$ZONE half-%.absent
find_lan
stop_resolver
phase none;    everywhere ${MCR} none-%.absent
${start}
lookup() { nsenter --target "$pid_probe_inner" --net --mount "/bin/probe-$libc" "$1"; }
for libc in glibc musl; do phase "peer $libc"; ask probe-peer; done
`;

const PEER = /^10\.89\./;

/** @param slow what is said of a name of the fleet while the packets to MCNS are dropped. */
function expectNothingLeaks(drill: Drill, slow: string | RegExp = "10.0.0.1"): void {
  expectEverywhere(drill, "up", [
    [MCR, "10.0.0.1"],
    ["seen.example.com", WORLD],
    ["up-%.example.com", WORLD],
    ["up-%.absent", "absent"],
  ]);
  for (const [outage, mcr] of [
    ["refused", "10.0.0.1"],
    ["dropped", slow],
  ] as const) {
    expectEverywhere(drill, outage, [
      [MCR, mcr],
      ["seen.example.com", WORLD],
      [`${outage}-%.example.com`, WORLD],
      [`${outage}-%.absent`, "absent"],
    ]);
  }
  expectEverywhere(drill, "back", [["back-%.svc.mcp.metacircular.net", "10.0.0.1"], [MCR, "10.0.0.1"], ["back-%.absent", "absent"]]); // prettier-ignore
  expectEverywhere(drill, "passed", [["passed-%.svc.mcp.metacircular.net", "10.0.0.1"], [MCR, "10.0.0.1"]]); // prettier-ignore
  expectEverywhere(drill, "half", [["half-%.svc.mcp.metacircular.net", "10.0.0.1"], ["half-%.absent", "absent"]]); // prettier-ignore
  // Without the host's resolver there is no answer. (aardvark-dns says that there is no such name in its own domain.)
  const NO_ANSWER = /^(failed|absent)$/;
  expectEverywhere(drill, "none", [
    [MCR, NO_ANSWER],
    ["none-%.absent", NO_ANSWER],
  ]);
  for (const libc of LIBRARIES) {
    expect(drill.phase(`peer ${libc}`)[0]?.address).toMatch(PEER);
  }
  // Nobody outside learnt a name of the fleet or of a container, and MCNS no name that is not its own: whoever
  // asks for one that does not exist waits for the public servers alone, as on the host.
  expect(fleetNames(drill.public)).toEqual([]);
  expect(drill.public.filter((name) => name.includes("peer"))).toEqual([]);
  expect([...new Set(drill.mcns)].filter((name) => !name.endsWith(".svc.mcp.metacircular.net"))).toEqual([]); // prettier-ignore
  expect([...new Set(drill.mcns)].filter((name) => /absent|example|peer/.test(name))).toEqual([]);
}

describe.skipIf(missing)("in containers", () => {
  it("names are split as on the host, beside dnsmasq", async () => {
    const orion = await planOrion(withProbe);
    expectNothingLeaks(drill(OUTAGES("start_dnsmasq"), orion, dnsmasqFiles(orion)));
  });

  // systemd knows dns-delegate files since 258: Debian 13 has none of that.
  it.skipIf(Number.parseInt(tree?.versions.get("systemd") ?? "") < 258)(
    "names are split as on the host, beside systemd-resolved",
    { timeout: 300_000 },
    async () => {
      const orion = await planOrion((files) => withResolved(withProbe(files)));
      // It waits 5 s before it gives the old answer, as long as musl waits at all.
      expectNothingLeaks(
        drill(OUTAGES("start_resolved"), orion, resolvedFiles(orion)),
        /^(10\.0\.0\.1|failed)$/,
      );
    },
  );

  it("public servers are asked for names of the fleet without --dns", async () => {
    const orion = await planOrion(withProbe);
    const drilled = drill(
      `
networks; start_world; start_mcns 10.0.0.1; start_dnsmasq; start_containers
stop_resolver
phase none;    everywhere ${MCR}
`,
      orion,
      dnsmasqFiles(orion),
      (commands) => commands.replaceAll(/ *--dns .*\n/g, ""),
    );
    expect(fleetNames(drilled.public)).toContain(MCR);
    for (const libc of LIBRARIES) {
      for (const place of ["probe-alone", "probe-inner"]) {
        const answers = resolved(drilled.phase(`none ${place} ${libc}`));
        expect(answers, place).toEqual([[MCR, "absent"]]);
      }
    }
  });
});
