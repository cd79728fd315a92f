/**
 * Every golden fleet, for every release, in the real NixOS module system: what its options become.
 * `npm run test:nixos`, with NIXGEN_NIXPKGS or NIXGEN_NIXOS_EVAL (evaluate.ts); CI has no nixpkgs.
 */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Release } from "../../src/fleet/model.ts";
import { RELEASES } from "../../src/fleet/release.ts";
import type { HostPlan } from "../../src/plan/plan.ts";
import { writeFiles } from "../support/fleet.ts";
import { buildGolden, GOLDEN_FLEETS } from "../support/golden.ts";
import { evaluate, type Evaluation, LACKS_NIXOS } from "./evaluate.ts";

/** The words of all lines of a key in a unit's text. */
function words(text: string, key: string): string[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith(`${key}=`))
    .flatMap((line) => line.slice(key.length + 1).split(" "));
}

function unit(host: Evaluation, name: string): string {
  const found = host.units[name];
  if (found === undefined) throw new Error(`there is no unit ${name}`);
  return found.text;
}

function expectUser({ user }: HostPlan, host: Evaluation): void {
  const { start, count } = user.subIds;
  expect(host.users[user.name]).toMatchObject({
    uid: user.uid,
    group: user.group,
    home: user.home,
    isSystemUser: true,
    linger: true,
    subUidRanges: [{ startUid: start, count }],
    subGidRanges: [{ startGid: start, count }],
  });
  expect(host.users[user.name]?.extraGroups).toEqual(user.extraGroups);
  expect(host.groups[user.group]?.gid).toBe(user.gid);
  const check = host.preSwitchChecks[`nixgen-${user.name}`];
  expect(check).toMatch(
    /^PODMAN_VERSION='[0-9]+\.[0-9.]+' \/nix\/store\/\S+\/bin\/bash \/nix\/store\/\S+-host-check\.sh switch "\$@"$/,
  );
}

function expectResolvers({ resolvers }: HostPlan, host: Evaluation): void {
  if (resolvers === undefined) return;
  const { kind, zones, internal, forwards, public: outside } = resolvers;
  const splits = [{ zones, servers: internal }, ...forwards];
  expect(host.resolved.enable).toBe(kind === "resolved");
  if (kind === "resolved") {
    expect(host.nameservers).toEqual(outside);
    // Each has a server more, which refuses.
    const delegates = splits.flatMap(({ zones, servers }) =>
      zones[0] === undefined || servers.length === 0
        ? []
        : [
            [
              zones[0],
              { DNS: [...servers, "127.0.0.1:9"], Domains: zones.map((zone) => `~${zone}`) },
            ],
          ],
    );
    expect(host.get["services.resolved.dnsDelegates"]).toEqual(
      Object.fromEntries(delegates.map(([zone, Delegate]) => [zone, { Delegate }])),
    );
    expect(host.get["services.resolved.settings"]).toMatchObject({
      Resolve: { StaleRetentionSec: "86400s" },
    });
    return;
  }
  // The program itself asks nobody else, and the machine asks the program alone.
  expect(host.get["services.dnsmasq.settings"]).toMatchObject({
    "no-resolv": true,
    "bind-dynamic": true,
    "listen-address": ["127.0.0.1", "::1"],
    server: [
      ...splits.flatMap(({ zones, servers }) =>
        zones.flatMap((zone) => servers.map((address) => `/${zone}/${address}`)),
      ),
      ...outside,
    ],
    "use-stale-cache": 86400,
  });
  expect(host.get["networking.resolvconf.extraOptions"]).toEqual(
    expect.arrayContaining(["timeout:2", "attempts:1"]),
  );
  expect(host.nameservers).toEqual(["127.0.0.1"]);
}

/** systemd's policy for one of podman's. */
function restartOf(policy: string): string {
  if (policy.startsWith("on-failure")) return "on-failure";
  return policy === "no" ? "no" : "always";
}

function expectDirectories({ user, directories }: HostPlan, host: Evaluation): void {
  // How awkward paths are written is for the tests with the real systemd-tmpfiles.
  for (const path of directories.filter((path) => /^[\w/.-]+$/.test(path))) {
    expect(host.tmpfiles.rules).toContain(`d ${path} :0750 :${user.name} :${user.group} -`);
  }
}

/** What a unit is started again for, if it changes: newer releases have it in a file. */
function triggers(host: Evaluation, name: string): string {
  const [path = ""] = words(unit(host, name), "X-Restart-Triggers");
  return host.units[name]?.files?.[path] ?? path;
}

function expectContainers(plan: HostPlan, host: Evaluation): void {
  const { user, containers, stages, resolvers } = plan;
  for (const { name, restart, stage, after, dependsOn, gate, isShared } of containers) {
    const service = `podman-${name}.service`;
    const text = unit(host, service);
    const has = (key: string) => words(text, key);
    expect(has("User"), service).toEqual([user.name]);
    expect(has("Type"), service).toEqual(["notify"]);
    expect(has("Delegate"), service).toEqual(["true"]);
    expect(has("Restart"), service).toEqual([restartOf(restart)]);
    expect(has("RestartMode"), service).toEqual(["direct"]);
    // podman reads /etc/resolv.conf when a container starts.
    expect(triggers(host, service).trim(), service).toBe(resolvers?.kind ?? "");
    // The check as root, and only then what calls podman.
    const before = text.match(/^ExecStartPre=.*/gm) ?? [];
    const expected = [
      /^ExecStartPre=\+\/nix\/store\/\S+\/bin\/bash \/etc\/nixgen\/host-check\.sh start$/,
      ...(isShared ? [/\/bin\/podman rm --force --depend --ignore \S+$/] : []),
      /\/bin\/pre-start$/,
    ];
    expect(before, service).toHaveLength(expected.length);
    for (const [at, pattern] of expected.entries()) expect(before[at], service).toMatch(pattern);
    expect(has("After"), service).toContain(`user@${user.uid}.service`);
    expect(has("Wants"), service).toContain(`user@${user.uid}.service`);
    expect(text, service).toContain(`"XDG_RUNTIME_DIR=/run/user/${user.uid}"`);
    expect(text, service).toMatch(/"PATH=[^"]*\/run\/wrappers\/bin:/);
    for (const other of dependsOn) expect(has("After")).toContain(`podman-${other}.service`);
    if (after !== undefined) expect(has("After"), service).toContain(`${after}.target`);
    if (stage !== undefined) {
      expect([...has("WantedBy"), ...has("RequiredBy")], service).toContain(`${stage}.target`);
    }
    if (gate !== undefined) {
      expect(words(unit(host, `${gate}.service`), "Type"), gate).toEqual(["oneshot"]);
    }
  }
  for (const { target, after } of stages) {
    const text = unit(host, `${target}.target`);
    if (after !== undefined) expect(words(text, "After"), target).toContain(`${after}.target`);
  }
}

/** What is not in units and files. */
const OPTIONS = {
  dnsmasq: ["services.dnsmasq.settings", "networking.resolvconf.extraOptions"],
  resolved: ["services.resolved.dnsDelegates", "services.resolved.settings"],
};

/** NixOS 25.05 and 25.11 warn of lingering with this sdnotify; the README says why to ignore it. */
const MEANT = /is configured as rootless \(user [^)]+\)\nwith `--sdnotify=conmon`, but lingering/;

const cases = GOLDEN_FLEETS.flatMap((fleet) =>
  RELEASES.map((release): [string, Release] => [fleet, release]),
);

const skipped = LACKS_NIXOS ? " (skipped: no NIXGEN_NIXPKGS, no NIXGEN_NIXOS_EVAL)" : "";

describe.skipIf(LACKS_NIXOS)(`NixOS${skipped}`, () => {
  it.each(cases)(
    "makes of %s for %s what was planned",
    async (fleet, release) => {
      const { plans, out } = await buildGolden(fleet, release);
      expect(plans.length).toBeGreaterThan(0);
      for (const plan of plans) {
        const options = plan.resolvers === undefined ? [] : OPTIONS[plan.resolvers.kind];
        const { host, stderr } = await evaluate(join(out, plan.host), options);
        if (host === undefined) throw new Error(stderr);
        expect(host.assertions).toEqual([]);
        expect(host.warnings.filter((warning) => !MEANT.test(warning))).toEqual([]);
        expectUser(plan, host);
        expectResolvers(plan, host);
        expectContainers(plan, host);
        expect(host.sysctl).toMatchObject(plan.sysctls);
        expectDirectories(plan, host);
      }
    },
    120_000,
  );

  it.each([
    ["an option that there is none of", `services.dnsmasq.setings.x = 1;`, "does not exist"],
    ["a uid that is no number", `users.users.wrong = { isSystemUser = true; group = "wrong"; uid = "850"; };`, "is not of type"],
    ["a uid that two users have", `users.users.wrong = { isSystemUser = true; group = "wrong"; uid = 850; }; users.groups.wrong = { };`, "UIDs and GIDs must be unique"],
  ])("refuses %s, so that the rest means something", async (_, config, error) => {
    const { plans, out } = await buildGolden("metacircular", "25.11");
    const [plan] = plans.filter(({ host }) => host === "rift");
    if (plan === undefined) throw new Error("there is no rift");
    const module = join(
      writeFiles({
        "default.nix": `{ imports = [ ${join(out, plan.host)} ]; ${config} }\n`,
      }),
      "default.nix",
    );
    const { host, stderr } = await evaluate(module);
    expect(host === undefined ? stderr : host.assertions.join("\n")).toContain(error);
  }); // prettier-ignore
});
