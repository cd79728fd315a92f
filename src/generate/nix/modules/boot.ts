import {
  type ContainerPlan,
  type HostPlan,
  networkUnit,
  type StagePlan,
  type UserPlan,
} from "../../plan.ts";
import { healthGoal, healthScript } from "../../health.ts";
import { createNetwork } from "../../podman.ts";
import { directoryLine } from "../../tmpfiles.ts";
import {
  attrs,
  bind,
  type Binding,
  bool,
  call,
  type Expr,
  int,
  list,
  ref,
  shared,
  str,
  strings,
  texts,
} from "../ast.ts";
import type { Module } from "../render.ts";
import { PODMAN, requestPackage } from "./programs.ts";

/**
 * The boot order: a target for each stage, a gate for each container of a stage, and what each
 * container's unit needs to start as the user.
 */
export function bootModule(plan: HostPlan): Module {
  const { containers, stages, networks, directories, sysctls, user } = plan;
  const asUser = userUnit(user);
  return {
    template: "boot",
    holes: {
      targets: stages.map((stage) => bind(stage.target, attrs(stageTarget(stage)))),
      services: [
        ...networks.map((network) => networkService(network, plan, asUser)),
        ...containers.flatMap((container, index) => {
          const stage = stages.find(({ target }) => target === container.stage);
          // Containers are in the order of their stages.
          const first = index === 0 || containers[index - 1]?.stage !== container.stage;
          const comment = first && stages.length > 0 ? [stageComment(stage)] : undefined;
          const { name, gate } = container;
          const unit = (): Binding =>
            bind(`podman-${name}`, containerUnit(container, plan, asUser), comment);
          if (gate === undefined || stage === undefined) return [unit];
          return [unit, () => bind(gate, gateUnit(container, stage, plan, asUser))];
        }),
      ],
      tmpfiles:
        directories.length === 0
          ? []
          : [
              bind(
                ["tmpfiles", "rules"],
                strings(directories.map((path) => directoryLine(path, user.name))),
              ),
            ],
      sysctls: Object.entries(sysctls).map(([name, value]) => bind(name, int(value))),
    },
  };
}

function stageComment(stage: StagePlan | undefined): string {
  if (stage === undefined) return "In no stage: after the last one.";
  const failure =
    stage.onFailure === "block"
      ? "a failure stops the later ones"
      : "the next one starts regardless";
  return `Stage ${stage.name}: ${failure}.`;
}

/**
 * What gates and stage targets have in common: they say that the boot has come so far. To stop one, by
 * hand or because a switch removes it, would stop every container of the later stages.
 */
const MILESTONE = shared(
  bind(
    "unitConfig",
    attrs([bind("RefuseManualStop", bool(true)), bind("X-StopOnRemoval", bool(false))]),
  ),
);

function stageTarget({ name, after }: StagePlan): Binding[] {
  const before = after === undefined ? [] : [`${after}.target`];
  return [
    bind("description", str(`boot stage ${name}`)),
    bind("wantedBy", strings(["multi-user.target"])),
    ...texts("requires", before),
    ...texts("after", before),
    MILESTONE,
  ];
}

/** What every unit needs that calls podman as the user. */
interface UserUnit {
  readonly manager: string;
  readonly environment: Binding;
}

function userUnit({ uid }: UserPlan): UserUnit {
  return {
    // Makes /run/user/<uid>; without it podman puts its state below /tmp, and keeps that for good.
    manager: `user@${uid}.service`,
    environment: shared(bind(["environment", "XDG_RUNTIME_DIR"], str(`/run/user/${uid}`))),
  };
}

/** newuidmap and newgidmap are setuid there. */
const WRAPPERS = str("/run/wrappers");

function networkService(
  network: string,
  { user }: HostPlan,
  { manager, environment }: UserUnit,
): Binding {
  return bind(
    networkUnit(user.name, network),
    attrs([
      bind("description", str(`podman network ${network} of ${user.name}`)),
      bind("after", strings([manager])),
      bind("wants", strings([manager])),
      environment,
      bind("path", list([PODMAN, WRAPPERS])),
      bind(
        "serviceConfig",
        attrs([
          bind("Type", str("oneshot")),
          bind("RemainAfterExit", bool(true)),
          bind("User", str(user.name)),
          bind("Restart", str("on-failure")),
          bind("RestartMode", str("direct")),
          bind("RestartSec", str("1s")),
        ]),
      ),
      bind("script", str(`${createNetwork(network)}\n`)),
    ]),
  );
}

/** How long starting a container may hold up a switch, or a container that depends on it. */
const START_JOB_TIMEOUT = "5min";

function containerUnit(
  container: ContainerPlan,
  { user, networks }: HostPlan,
  { manager, environment }: UserUnit,
): Expr {
  const target = container.stage === undefined ? "multi-user.target" : `${container.stage}.target`;
  const stageBefore = container.after === undefined ? [] : [`${container.after}.target`];
  const dependencies = container.dependsOn.map((name) => `podman-${name}.service`);
  const network =
    container.network !== undefined && networks.includes(container.network)
      ? [`${networkUnit(user.name, container.network)}.service`]
      : [];
  const wanted = [...dependencies, ...network, manager];
  return attrs([
    bind("wantedBy", strings([target])),
    bind("requires", strings(["sysinit.target", ...stageBefore])),
    bind("after", strings(["sysinit.target", "basic.target", ...stageBefore, ...wanted])),
    // Not requires: what depends on a container that cannot start yet would never be started.
    bind("wants", strings(wanted)),
    // Stopped and restarted with what it depends on.
    ...texts("partOf", dependencies),
    CONFLICTS,
    BEFORE,
    environment,
    WRAPPERS_ONLY,
    NO_LIMITS,
    CONTAINER_SERVICE[unitRestart(container.restart)],
  ]);
}

const CONFLICTS = shared(bind("conflicts", strings(["shutdown.target"])));
const BEFORE = shared(bind("before", strings(["shutdown.target"])));
const WRAPPERS_ONLY = shared(bind("path", list([WRAPPERS])));
const NO_LIMITS = shared(
  bind(
    "unitConfig",
    attrs([
      // By default a target waits for everything it wants, and a container that cannot start
      // would hold up the boot for ever; it is the gates that a stage waits for.
      bind("DefaultDependencies", bool(false)),
      // A registry or an address that is missing for an hour must not end the retries, ...
      bind("StartLimitIntervalSec", int(0)),
      // ... and nobody is to wait for them that long.
      bind("JobRunningTimeoutSec", str(START_JOB_TIMEOUT)),
    ]),
  ),
);

/** By what systemd's Restart= is to be; always is what NixOS has. */
const CONTAINER_SERVICE = {
  always: containerService([]),
  "on-failure": containerService([bind("Restart", call(ref("lib", "mkForce"), str("on-failure")))]),
  no: containerService([bind("Restart", call(ref("lib", "mkForce"), str("no")))]),
};

function containerService(restart: readonly Binding[]): Binding {
  return shared(
    bind(
      "serviceConfig",
      attrs([
        // conmon reports to systemd from a cgroup below the unit's; else the start fails with
        // "protocol" for a user that lingers.
        bind("Delegate", bool(true)),
        ...restart,
        // A failed start is tried again without failing the units that wait for this one.
        bind("RestartMode", str("direct")),
        bind("RestartSec", str("1s")),
        bind("RestartSteps", int(5)),
        bind("RestartMaxDelaySec", str("30s")),
      ]),
    ),
  );
}

/**
 * systemd.service(5) Restart= for a policy of podman's, which is not used beside it: a container that
 * systemd started must be restarted by systemd. always and unless-stopped then mean the same.
 */
function unitRestart(policy: string): "always" | "on-failure" | "no" {
  if (policy === "no") return "no";
  return policy.startsWith("on-failure") ? "on-failure" : "always";
}

/** The gate of a container: a oneshot that is done when the container is healthy. */
function gateUnit(
  { name, probe, after }: ContainerPlan,
  stage: StagePlan,
  { user }: HostPlan,
  { manager, environment }: UserUnit,
): Expr {
  const unit = `podman-${name}.service`;
  const request = requestPackage(probe);
  const asUser = request === undefined;
  const previous = after === undefined ? [] : [`${after}.target`];
  return attrs([
    bind("description", str(`wait until ${name} ${healthGoal(probe)}`)),
    // A gate that fails takes its target along only where the stage is to block.
    bind(
      stage.onFailure === "block" ? "requiredBy" : "wantedBy",
      strings([`${stage.target}.target`]),
    ),
    bind("before", strings([`${stage.target}.target`])),
    ...texts("requires", previous),
    ...texts("after", [...previous, ...(asUser ? [manager] : [])]),
    // Not requires: stopping or updating the container would stop every later stage.
    bind("wants", strings([unit, ...(asUser ? [manager] : [])])),
    // It is about the boot; a switch must not go through the stages again.
    bind("restartIfChanged", bool(false)),
    ...(asUser ? [environment] : []),
    bind("path", list(request === undefined ? [PODMAN, WRAPPERS] : [ref("pkgs", request)])),
    MILESTONE,
    bind(
      "serviceConfig",
      attrs([
        bind("Type", str("oneshot")),
        bind("RemainAfterExit", bool(true)),
        ...(asUser ? [bind("User", str(user.name))] : []),
        bind("TimeoutStartSec", str(`${stage.timeoutSeconds}s`)),
      ]),
    ),
    bind("script", str(healthScript(probe, name))),
  ]);
}
