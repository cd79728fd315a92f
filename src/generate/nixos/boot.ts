import {
  type ContainerPlan,
  type HostPlan,
  type NetworkPlan,
  type ResolverPlan,
  podmanFolders,
  type StagePlan,
  type Together,
  togetherOf,
  type UserPlan,
} from "../../plan/plan.ts";
import { networkUnit } from "../../plan/unit-names.ts";
import { healthGoal, healthScript, LISTENS } from "../../plan/health.ts";
import { createNetwork } from "../podman.ts";
import { directoryLine } from "../../systemd/tmpfiles.ts";
import { quotePath } from "../../systemd/quote-path.ts";
import { normalisePath } from "../../text/path.ts";
import {
  appended,
  attrs,
  bind,
  type Binding,
  bool,
  type Expr,
  int,
  interpolated,
  joined,
  list,
  type Local,
  local,
  ref,
  str,
  strings,
  texts,
  updated,
} from "../../nix/ast.ts";
import type { Module } from "./render.ts";
import { before, forced, ours } from "./priority.ts";
import { PODMAN, requestPackage } from "./programs.ts";

/**
 * The boot order: a target for each stage, a gate for each container of a stage, and what each
 * container's unit needs to start as the user. What units have in common is in the template.
 */
export function bootModule(plan: HostPlan): Module {
  const { containers, stages, networks, directories, sysctls, user, resolvers } = plan;
  const stageOf = new Map(stages.map((stage) => [stage.target, stage]));
  const isUnstaged = ({ stage }: ContainerPlan): boolean => stage === undefined;
  return {
    template: "boot",
    holes: {
      manager: str(userManager(user)),
      after: texts("after", [
        "sysinit.target",
        "basic.target",
        userManager(user),
        ...(resolvers === undefined ? [] : RESOLVER_UNITS[resolvers.kind]),
      ]),
      restartTriggers:
        resolvers === undefined ? [] : [bind("restartTriggers", strings([resolvers.kind]))],
      runtimeDir: str(runtimeDir(user)),
      user: str(user.name),
      folders: strings(podmanFolders(user).map(quotePath)),
      hostCheck: HOST_CHECK,
      podman: PODMAN,
      listens: containers.some(({ gate, probe }) => gate !== undefined && probe.kind === "listen")
        ? [bind("listens", str(LISTENS))]
        : [],
      stages: stages.map((stage) => bind(stage.name, attrs(stageUnits(stage)), [onFailure(stage)])),
      unstaged: containers.some(isUnstaged) ? startsWith("multi-user", stages.at(-1)?.target) : [],
      targets: [
        ...stages.map((stage) => bind(stage.target, attrs(stageTarget(stage)))),
        ...togetherOf(containers).map((service) => bind(service.target, attrs(allOf(service)))),
      ],
      services: [
        ...networks.map((network) => networkService(network, user)),
        ...containers.flatMap((container) => {
          const { name, gate } = container;
          const stage = stageOf.get(container.stage ?? "");
          const unit = (): Binding => bind(`podman-${name}`, containerUnit(container, stage, plan));
          if (gate === undefined || stage === undefined) return [unit];
          return [unit, () => bind(gate, gateUnit(container, stage))];
        }),
      ],
      tmpfiles:
        directories.length === 0
          ? []
          : [
              bind(
                ["tmpfiles", "rules"],
                strings(directories.map((path) => directoryLine(path, user))),
              ),
            ],
      sysctls: Object.entries(sysctls).map(([name, value]) => bind(name, ours(int(value)))),
    },
  };
}

/** The units that write resolv.conf and answer what it names. */
const RESOLVER_UNITS: Readonly<Record<ResolverPlan["kind"], readonly string[]>> = {
  dnsmasq: ["resolvconf.service", "dnsmasq.service"],
  resolved: ["systemd-resolved.service"],
};

/** Makes /run/user/<uid>; without it podman puts its state below /tmp, and keeps that for good. */
function userManager({ uid }: UserPlan): string {
  return `user@${uid}.service`;
}

function runtimeDir({ uid }: UserPlan): string {
  return `/run/user/${uid}`;
}

/**
 * Before anything calls podman: see templates/host-check.sh. As root, whose note of the last start the user cannot
 * change. By a path that stays the same: another text of the check restarts no container.
 */
const HOST_CHECK = interpolated(
  "+",
  ref("pkgs", "runtimeShell"),
  " /etc/nixgen/host-check.sh start",
);

/** What the template binds for the units of all stages. */
const CONTAINER = local("container");
const GATE = local("gate");

function onFailure(stage: StagePlan): string {
  return stage.onFailure === "block"
    ? "A failure stops the later stages."
    : "A failure does not stop the later stages.";
}

/** What the containers and the gates of a stage have beyond those of others. */
function stageUnits({ target, after, onFailure, timeoutSeconds }: StagePlan): Binding[] {
  const targets = strings([`${target}.target`]);
  return [
    bind("container", updated(CONTAINER, startsWith(target, after))),
    bind(
      "gate",
      updated(GATE, [
        // A gate that fails takes its target along only where the stage is to block.
        bind(onFailure === "block" ? "requiredBy" : "wantedBy", targets),
        bind("before", targets),
        ...(after === undefined
          ? []
          : [
              bind("requires", strings([`${after}.target`])),
              bind("after", appended(local("gate", "after"), [`${after}.target`])),
            ]),
        bind(
          "serviceConfig",
          updated(local("gate", "serviceConfig"), [
            bind("TimeoutStartSec", str(`${timeoutSeconds}s`)),
          ]),
        ),
      ]),
    ),
  ];
}

/** What a container has that a target starts, once another one is reached. */
function startsWith(target: string, after: string | undefined): Binding[] {
  return [
    bind("wantedBy", strings([`${target}.target`])),
    ...(after === undefined
      ? []
      : ["requires", "after"].map((key) =>
          bind(key, appended(local("container", key), [`${after}.target`])),
        )),
  ];
}

function stageTarget({ name, after }: StagePlan): Binding[] {
  const before = after === undefined ? [] : [`${after}.target`];
  return [
    bind("description", str(`boot stage ${name}`)),
    bind("wantedBy", strings(["multi-user.target"])),
    ...texts("requires", before),
    ...texts("after", before),
    bind("unitConfig", local("milestone")),
  ];
}

/** Stands for all containers of a service: what starts after it starts after them, and stops with each of them. */
function allOf({ service, containers }: Together): Binding[] {
  const units = strings(containers.map((name) => `podman-${name}.service`));
  return [
    bind("description", str(`all containers of ${service}`)),
    bind("after", units),
    bind("wants", units),
    bind("partOf", units),
    // What depends on it would stop as well, and nothing would start it again.
    bind("unitConfig", attrs([bind("X-StopOnRemoval", bool(false))])),
  ];
}

function networkService(network: NetworkPlan, user: UserPlan): Binding {
  const manager = strings([userManager(user)]);
  return bind(
    networkUnit(user.name, network.name),
    attrs([
      bind("description", str(`podman network ${network.name} of ${user.name}`)),
      bind("after", manager),
      bind("wants", manager),
      bind(["environment", "XDG_RUNTIME_DIR"], str(runtimeDir(user))),
      bind("path", list([PODMAN, str("/run/wrappers")])),
      bind(
        "serviceConfig",
        attrs([
          bind("Type", str("oneshot")),
          bind("RemainAfterExit", bool(true)),
          bind("User", str(user.name)),
          bind("ExecStartPre", list([HOST_CHECK])),
          bind("Restart", str("on-failure")),
          bind("RestartMode", str("direct")),
          bind("RestartSec", str("1s")),
        ]),
      ),
      bind("script", str(`${createNetwork(network)}\n`)),
    ]),
  );
}

function containerUnit(
  container: ContainerPlan,
  stage: StagePlan | undefined,
  { user }: HostPlan,
): Expr {
  const like = (...path: string[]): Local =>
    stage === undefined
      ? local("unstaged", ...path)
      : local("stages", stage.name, "container", ...path);
  const dependencies = [
    ...container.dependsOn.map((name) => `podman-${name}.service`),
    ...container.dependsOnAll.map(({ target }) => `${target}.target`),
  ];
  const unitOf = ({ name }: NetworkPlan): string => `${networkUnit(user.name, name)}.service`;
  const wanted = [...dependencies, ...container.joins.map(unitOf)];
  // A network with other options is made again while no container is attached to it.
  const defined = container.joins.filter(({ options }) => options !== "").map(unitOf);
  const restart = unitRestart(container.restart);
  const service = [
    ...(restart === DEFAULT_RESTART
      ? []
      : [
          bind("Restart", forced(str(restart))),
          // A job that has ended with status 0 is done: its unit stays active, and nobody starts it again.
          ...(restart === "no" ? [bind("RemainAfterExit", bool(true))] : []),
        ]),
    ...(container.isShared
      ? [bind("ExecStartPre", before(list([HOST_CHECK, removeWithDependents(container)])))]
      : []),
  ];
  const mounts = [...new Set(container.volumes.map(hostPath))].filter((path) => path !== "");
  return updated(like(), [
    // Wanted, not required: what depends on a container that cannot start yet would never be started.
    ...(wanted.length === 0
      ? []
      : ["after", "wants"].map((key) => bind(key, appended(like(key), wanted)))),
    // Stopped and restarted with what it depends on.
    ...texts("partOf", [...dependencies, ...defined]),
    // Where the disk of its data is missing it would begin anew with nothing.
    ...(mounts.length === 0
      ? []
      : [
          bind(
            "unitConfig",
            updated(local("container", "unitConfig"), [
              bind(
                "RequiresMountsFor",
                appended(
                  local("container", "unitConfig", "RequiresMountsFor"),
                  mounts.map(quotePath),
                ),
              ),
            ]),
          ),
        ]),
    ...(service.length === 0
      ? []
      : [bind("serviceConfig", updated(like("serviceConfig"), service))]),
  ]);
}

/**
 * podman removes no container in whose namespace another one runs: NixOS's own script could not make it again. Those
 * go with it, and their units start them in the new namespace.
 */
function removeWithDependents({ name }: ContainerPlan): Expr {
  return interpolated("-", PODMAN, `/bin/podman rm --force --depend --ignore ${name}`);
}

/** What most containers have, so that the template says it for all: a container that crashed comes back. */
const DEFAULT_RESTART = "always";

/**
 * systemd.service(5) Restart= for a policy of podman's, which is not used beside it: a container that
 * systemd started must be restarted by systemd. always and unless-stopped then mean the same. It is
 * always ours: NixOS's own is always up to 25.11, and on-failure from 26.05 on, with which a container
 * that ends with status 0 stays down.
 */
export function unitRestart(policy: string): "always" | "on-failure" | "no" {
  if (policy === "no") return "no";
  return policy.startsWith("on-failure") ? "on-failure" : "always";
}

/** Where a volume of podman's is on the host; "" for a named one, which is in the user's home. */
function hostPath(volume: string): string {
  const [source = ""] = volume.split(":", 1);
  return source.startsWith("/") ? normalisePath(source) : "";
}

/** The gate of a container: a oneshot that is done when the container is healthy. */
function gateUnit({ name, probe }: ContainerPlan, stage: StagePlan): Expr {
  const request = requestPackage(probe);
  const script = healthScript(probe, name);
  return updated(local("stages", stage.name, "gate"), [
    bind("description", str(`wait until ${name} ${healthGoal(probe)}`)),
    // Not requires: stopping or updating the container would stop every later stage.
    bind(
      "wants",
      appended(local("stages", stage.name, "gate", "wants"), [`podman-${name}.service`]),
    ),
    ...(request === undefined ? [] : [bind("path", list([ref("pkgs", request)]))]),
    bind("script", probe.kind === "listen" ? joined(local("listens"), script) : str(script)),
  ]);
}
