/** Every emitted file is Nix in the layout of nixfmt, and evaluates to what the plan says. */
import { readdirSync, writeFileSync } from "node:fs";
import { join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import type { Probe } from "../../src/fleet/boot.ts";
import {
  type ContainerPlan,
  type HostPlan,
  podmanFolders,
  type ResolverPlan,
} from "../../src/plan/plan.ts";
import { lacks } from "../support/tools.ts";
import {
  emittedFleets,
  evaluateFile,
  NIXFMTS,
  nixfmtComplaints,
  parseFiles,
  sharedFolder,
} from "./support.ts";

const folder = sharedFolder();
const fleets = await emittedFleets(folder);
const files = fleets.flatMap(({ tree, folder: at }) =>
  [...tree.keys()].filter((path) => path.endsWith(".nix")).map((path) => join(at, path)),
);

/** Evaluates all modules of all fleets at once, with stand-ins for lib, config and pkgs. */
function evaluateAll(): Record<string, Record<string, Evaluated>> {
  const script = join(folder, "evaluate.nix");
  const list = fleets.map(({ name, folder: at }) => `${JSON.stringify(name)} = host ${at};`);
  writeFileSync(
    script,
    `let
  host = folder: builtins.mapAttrs (name: module: modules name module) (import folder);
  modules = name: module:
    let
      args = { inherit config pkgs lib; };
      config = {
        virtualisation.podman.package = "podman";
        environment.etc = builtins.mapAttrs (file: _: { source = "source of \${file}"; })
          ((import (module + "/resolvers.nix") args).environment.etc or { });
      };
      pkgs = { dnsutils = "dnsutils"; curl = "curl"; grpc-health-probe = "grpc-health-probe"; runtimeShell = "/bash"; };
      # What wins over what is for conflicts.test.ts.
      lib = { mkForce = value: value; mkDefault = value: value; mkOverride = _: value: value; mkBefore = value: value; getVersion = _: "5.4.2"; };
      each = file: import (module + "/\${file}.nix") args;
    in {
      folder = baseNameOf module;
      imports = map baseNameOf (import module args).imports;
      boot = each "boot";
      containers = each "containers";
      resolvers = each "resolvers";
      users = each "users";
    };
in { ${list.join("\n")} }
`,
  );
  return evaluateFile(script) as Record<string, Record<string, Evaluated>>;
}

type Json = Record<string, unknown>;

interface Evaluated {
  readonly folder: string;
  readonly imports: string[];
  readonly boot: Json;
  readonly containers: Json;
  readonly resolvers: Json;
  readonly users: Json;
}

/** A set without what is undefined or empty, as nixgen leaves it out. */
function present(entries: Json): Json {
  return Object.fromEntries(
    Object.entries(entries).filter(
      ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
    ),
  );
}

describe.skipIf(lacks("nix-instantiate"))("Nix", () => {
  it("parses every file", () => {
    expect(files.length).toBeGreaterThan(20);
    parseFiles(files);
  });

  const cases = fleets.flatMap(({ name, plans }) =>
    plans.map((plan): [string, string, HostPlan] => [name, plan.host, plan]),
  );
  let results: ReturnType<typeof evaluateAll> | undefined;
  const evaluated = (fleet: string, host: string): Evaluated => {
    results ??= evaluateAll();
    const result = results[fleet]?.[host];
    if (result === undefined) throw new Error(`${host} of ${fleet} is not in default.nix`);
    return result;
  };

  it("finds every host and no other in default.nix", () => {
    results ??= evaluateAll();
    for (const { name, plans } of fleets) {
      expect(Object.keys(results[name] ?? {})).toEqual(plans.map(({ host }) => host));
    }
  });

  describe.each(cases)("evaluates %s/%s to", (fleet, host, plan) => {
    it("a module of all its files", () => {
      const { folder: name, imports } = evaluated(fleet, host);
      expect(name).toBe(host);
      const beside = readdirSync(join(folder, fleet, host)).filter((file) => file.endsWith(".nix"));
      expect([...imports, "default.nix"].sort()).toEqual(beside.sort());
    });

    it("the user with its ids", () => {
      const { name, uid, group, gid, home, extraGroups, subIds } = plan.user;
      const { start, count } = subIds;
      const { users, system } = evaluated(fleet, host).users as { users: Json; system: Json };
      expect(users).toEqual({
        users: {
          [name]: present({
            isSystemUser: true,
            description: "rootless podman user",
            uid,
            group,
            home,
            createHome: true,
            linger: true,
            extraGroups,
            autoSubUidGidRange: false,
            subUidRanges: [{ startUid: start, count }],
            subGidRanges: [{ startGid: start, count }],
          }),
        },
        ...(group === name && { groups: { [name]: { gid } } }),
      });
      expect(system).toEqual({
        preSwitchChecks: {
          [`nixgen-${name}`]: expect.stringMatching(
            /^PODMAN_VERSION='5\.4\.2' \/bash \/\S+-host-check\.sh switch "\$@"$/,
          ) as unknown,
        },
      });
    });

    it("the resolvers", () => {
      const { resolvers } = evaluated(fleet, host);
      expect(resolvers).toEqual(expectedResolvers(plan.resolvers));
    });

    it("the containers", () => {
      expect(evaluated(fleet, host).containers).toEqual(
        plan.containers.length === 0
          ? {}
          : {
              virtualisation: {
                podman: { enable: true },
                "oci-containers": {
                  backend: "podman",
                  containers: Object.fromEntries(
                    plan.containers.map((container) => [
                      container.name,
                      expectedContainer(container, plan.user.name),
                    ]),
                  ),
                },
              },
            },
      );
    });

    it("the units, directories and sysctls of the boot", () => {
      const { boot } = evaluated(fleet, host);
      if (plan.containers.length === 0) {
        expect(boot).toEqual({});
        return;
      }
      const { systemd, ...rest } = boot as { systemd: Json };
      const { targets, services, tmpfiles } = systemd as Record<string, Json | undefined>;
      expect(targets).toEqual(plan.stages.length === 0 ? undefined : expectedTargets(plan));
      expect(withoutScripts(services ?? {})).toEqual(expectedServices(plan));
      expect(tmpfiles?.["rules"] ?? []).toHaveLength(plan.directories.length);
      for (const [index, rule] of ((tmpfiles?.["rules"] ?? []) as string[]).entries()) {
        const path = plan.directories[index] ?? "";
        // Awkward paths are for the tests with the real systemd-tmpfiles.
        if (!/^[\w/.-]+$/.test(path)) continue;
        expect(rule).toBe(`d ${path} :0750 :${plan.user.name} :${plan.user.group} -`);
      }
      expect(rest).toEqual(
        Object.keys(plan.sysctls).length === 0
          ? {}
          : { boot: { kernel: { sysctl: plan.sysctls } } },
      );
    });
  });
});

function expectedResolvers(plan: ResolverPlan | undefined): Json {
  if (plan === undefined) return {};
  const { kind, zones, internal, forwards, public: outside } = plan;
  const splits = [{ zones, servers: internal }, ...forwards];
  if (kind === "dnsmasq") {
    return {
      services: {
        resolved: { enable: false },
        dnsmasq: {
          enable: true,
          alwaysKeepRunning: true,
          settings: {
            "no-resolv": true,
            "bind-dynamic": true,
            "listen-address": ["127.0.0.1", "::1"],
            server: [
              ...splits.flatMap(({ zones, servers }) =>
                zones.flatMap((zone) => servers.map((ip) => `/${zone}/${ip}`)),
              ),
              ...outside,
            ],
            "all-servers": true,
            "use-stale-cache": 86400,
            "cache-size": 10000,
            "dns-forward-max": 1000,
          },
        },
      },
      networking: { resolvconf: { extraOptions: ["timeout:2", "attempts:1"] } },
    };
  }
  const delegates = splits.flatMap(({ zones, servers }): [string, Json][] => {
    const [name] = zones;
    const Domains = zones.map((zone) => `~${zone}`);
    return name === undefined || servers.length === 0
      ? []
      : [[name, { Delegate: { DNS: [...servers, "127.0.0.1:9"], Domains } }]];
  });
  return {
    services: {
      resolved: {
        enable: true,
        settings: { Resolve: { StaleRetentionSec: "86400s" } },
        ...(delegates.length === 0 ? {} : { dnsDelegates: Object.fromEntries(delegates) }),
      },
    },
    networking: { nameservers: outside },
  };
}

function expectedContainer(container: ContainerPlan, user: string): Json {
  const { image, pull, networks, dns, ports, volumes, envFiles, cmd, env } = container;
  return present({
    image,
    pull,
    autoStart: false,
    podman: { user },
    user: container.user,
    networks,
    ports,
    volumes,
    environment: Object.keys(env).length === 0 ? undefined : env,
    environmentFiles: envFiles,
    cmd,
    extraOptions: dns.map((address) => `--dns=${address}`),
  });
}

/** Of what nobody may stop by hand, nor a switch by removing it. */
const MILESTONE = { RefuseManualStop: true, "X-StopOnRemoval": false };

function expectedTargets({ stages }: HostPlan): Json {
  return Object.fromEntries(
    stages.map(({ name, target, after }) => [
      target,
      {
        description: `boot stage ${name}`,
        wantedBy: ["multi-user.target"],
        ...(after === undefined
          ? {}
          : { requires: [`${after}.target`], after: [`${after}.target`] }),
        unitConfig: MILESTONE,
      },
    ]),
  );
}

/** What volumes mount of the host. */
function mountsOf(volumes: readonly string[]): string[] {
  const sources = volumes.map((volume) => volume.split(":")[0] ?? "");
  return [...new Set(sources.filter((source) => source.startsWith("/")).map(normalize))];
}

/** The programs that a probe is made with, by package. */
const PROGRAMS: Readonly<Record<Probe["kind"], string>> = {
  listen: "podman",
  exec: "podman",
  running: "podman",
  done: "podman",
  dns: "dnsutils",
  http: "curl",
  grpc: "grpc-health-probe",
};

/** What writes resolv.conf and answers what it names. */
const RESOLVER_UNITS: Readonly<Record<ResolverPlan["kind"], readonly string[]>> = {
  dnsmasq: ["resolvconf.service", "dnsmasq.service"],
  resolved: ["systemd-resolved.service"],
};

function expectedServices(plan: HostPlan): Json {
  const { user, stages, networks, containers, resolvers } = plan;
  const manager = `user@${user.uid}.service`;
  const environment = { XDG_RUNTIME_DIR: `/run/user/${user.uid}` };
  const services: Json = {};
  for (const network of networks) {
    services[`${user.name}-network-${network.name}`] = {
      description: `podman network ${network.name} of ${user.name}`,
      after: [manager],
      wants: [manager],
      environment,
      path: ["podman", "/run/wrappers"],
      serviceConfig: {
        Type: "oneshot",
        RemainAfterExit: true,
        User: user.name,
        ExecStartPre: ["+/bash /etc/nixgen/host-check.sh start"],
        Restart: "on-failure",
        RestartMode: "direct",
        RestartSec: "1s",
      },
    };
  }
  const sharedNames = new Set(
    containers.flatMap((container) =>
      container.networks.flatMap((network) => /^container:(.*)/.exec(network)?.[1] ?? []),
    ),
  );
  for (const container of containers) {
    const { name, stage, after, restart, probe, gate, dependsOn, volumes } = container;
    const joined = container.networks.map((network) => network.replace(/:.*$/, ""));
    const previous = after === undefined ? [] : [`${after}.target`];
    const dependencies = dependsOn.map((other) => `podman-${other}.service`);
    const wanted = [
      manager,
      ...dependencies,
      ...joined
        .filter((network) => networks.some((each) => each.name === network))
        .map((network) => `${user.name}-network-${network}.service`),
    ];
    services[`podman-${name}`] = present({
      wantedBy: [stage === undefined ? "multi-user.target" : `${stage}.target`],
      requires: ["sysinit.target", ...previous],
      after: [
        ...["sysinit.target", "basic.target", manager],
        ...(resolvers === undefined ? [] : RESOLVER_UNITS[resolvers.kind]),
        ...previous,
        ...wanted.slice(1),
      ],
      restartTriggers: resolvers === undefined ? [] : [resolvers.kind],
      wants: wanted,
      partOf: [
        ...dependencies,
        ...networks
          .filter((network) => network.options !== "" && joined.includes(network.name))
          .map((network) => `${user.name}-network-${network.name}.service`),
      ],
      conflicts: ["shutdown.target"],
      before: ["shutdown.target"],
      environment,
      path: ["/run/wrappers"],
      postStop: expect.stringContaining("ctr-id") as unknown,
      unitConfig: {
        DefaultDependencies: false,
        StartLimitIntervalSec: 0,
        JobRunningTimeoutSec: "5min",
        // Awkward paths are for the tests with the real systemd.
        RequiresMountsFor: [...podmanFolders(user), ...mountsOf(volumes)].map((path) =>
          /^[\w/.-]*$/.test(path) ? path : (expect.any(String) as unknown),
        ),
      },
      serviceConfig: {
        ExecStartPre: [
          "+/bash /etc/nixgen/host-check.sh start",
          ...(sharedNames.has(name)
            ? [`-podman/bin/podman rm --force --depend --ignore ${name}`]
            : []),
        ],
        Delegate: true,
        // Always ours: NixOS says on-failure from 26.05 on. Under systemd unless-stopped is always.
        Restart: restart === "unless-stopped" ? "always" : restart.replace(/:.*/, ""),
        RemainAfterExit: restart === "no" ? true : undefined,
        RestartMode: "direct",
        RestartSec: "1s",
        RestartSteps: 5,
        RestartMaxDelaySec: "30s",
      },
    });
    if (gate === undefined || stage === undefined) continue;
    const { onFailure, timeoutSeconds } = stages.find(({ target }) => target === stage) ?? {};
    services[gate] = present({
      description: expect.stringMatching(`^wait until ${name} `) as unknown,
      [onFailure === "block" ? "requiredBy" : "wantedBy"]: [`${stage}.target`],
      before: [`${stage}.target`],
      requires: previous,
      after: [manager, ...previous],
      wants: [manager, `podman-${name}.service`],
      restartIfChanged: false,
      environment,
      path:
        PROGRAMS[probe.kind] === "podman" ? ["podman", "/run/wrappers"] : [PROGRAMS[probe.kind]],
      unitConfig: MILESTONE,
      serviceConfig: {
        Type: "oneshot",
        RemainAfterExit: true,
        User: user.name,
        TimeoutStartSec: `${timeoutSeconds ?? 0}s`,
      },
    });
  }
  return services;
}

/** Scripts are run by the tests of scripts. */
function withoutScripts(services: Json): Json {
  return Object.fromEntries(
    Object.entries(services).map(([name, unit]) => {
      const { script, ...rest } = unit as Json;
      expect(typeof script).toBe(name.startsWith("podman-") ? "undefined" : "string");
      return [name, rest];
    }),
  );
}

describe.skipIf(NIXFMTS.length === 0)("nixfmt (NIXGEN_NIXFMT names none: skipped)", () => {
  it("leaves every emitted file as it is", () => {
    expect(nixfmtComplaints(files)).toEqual([]);
  });
});
