/**
 * What a change of a fleet's definitions means on its hosts: the plans of both sides, compared. Which
 * containers restart is decided as NixOS does it: a switch stops and starts a unit whose file is another
 * one (its switch-to-configuration leaves out [Install] and what only describes), and systemd does so
 * with what is PartOf= that unit. Gates and targets are never restarted by a switch; boot.nix says so.
 */
import { wordTexts } from "../settings/words.ts";
import { compareText } from "../text/order.ts";
import type { Probe } from "../fleet/boot.ts";
import { groupBy } from "../text/group.ts";
import { acceptedOn, type ChangeKind, isAccepted, subIdsText } from "../fleet/lock.ts";
import { type Fleet, hasOwnGroup, type Lock, servicesOn } from "../fleet/model.ts";
import { shellCommand } from "../text/shell.ts";
import { unitRestart } from "../generate/nixos/boot.ts";
import {
  type ContainerPlan,
  type HostPlan,
  type NetworkPlan,
  hostsToPlan,
  planContainers,
  planHost,
  type ResolverPlan,
  type StagePlan,
  type Together,
  togetherOf,
  type UserPlan,
} from "../plan/plan.ts";

/** A fleet, planned. */
export interface PlannedFleet {
  /** By name. */
  readonly hosts: ReadonlyMap<string, PlannedHost>;
  /** The names of the hosts that have a container of a name: one, where lint has nothing to say. */
  readonly places: ReadonlyMap<string, readonly string[]>;
  readonly lock: Lock;
}

/** A host of any kind. */
export interface PlannedHost {
  readonly host: string;
  /** Undefined where no modules are emitted: its containers are started by hand. */
  readonly plan: HostPlan | undefined;
  readonly containers: readonly ContainerPlan[];
}

/** Something that is another one; undefined stands for none. */
export interface ValueDifference {
  readonly what: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** A list that has others in it, or the same in another order: then nothing is in these. */
export interface ListDifference {
  readonly what: string;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Names that stand for something else now, which is not shown: it may be a secret. */
  readonly changed: readonly string[];
}

/** What is different about something. */
export type Difference = ValueDifference | ListDifference;

/** What the user that runs a host's containers must not lose, and does. */
export interface IdentityChange {
  readonly kind: ChangeKind | "storage";
  readonly user: string;
  readonly from: string;
  readonly to: string;
  /** Nothing that the user has is lost by it: the lock accepts it, or a range only grows at its end. */
  readonly safe: "accepted" | "grows" | undefined;
  /** Why it was accepted. */
  readonly reason: string | undefined;
}

/** What happens to a container. */
export type Effect = "restarts" | "by hand" | "new" | "gone";

/** A container to which something happens. */
export interface ContainerChange {
  readonly name: string;
  readonly effect: Effect;
  /** What of it is another one. */
  readonly because: readonly Difference[];
  /** The containers that it is restarted with, for it depends on them. */
  readonly with: readonly string[];
  /** The host that it moves from, or to. */
  readonly moved: string | undefined;
  /** What it keeps its data in, where it moves: that stays where it is. */
  readonly data: readonly string[];
}

/** All that a change of the definitions means on a host. */
export interface HostComparison {
  readonly host: string;
  /** Whether modules are emitted for it on one side only. */
  readonly modules: "new" | "gone" | undefined;
  /** Whether nothing is emitted for it now, so that its containers are started and replaced by hand. */
  readonly byHand: boolean;
  readonly ids: readonly IdentityChange[];
  /** Those that restart, are to be made anew by hand, are new or gone, each in boot order. */
  readonly containers: readonly ContainerChange[];
  readonly release: Difference | undefined;
  readonly resolvers: readonly Difference[];
  /** What the next boot does otherwise. */
  readonly boot: readonly Difference[];
  /** Directories, networks, sysctls and groups. */
  readonly system: readonly Difference[];
}

/**
 * Plans all hosts of a fleet, whatever is wrong with it.
 * @throws {InputError} where a rule that cannot be done without was switched off.
 */
export function planForComparison(fleet: Fleet): PlannedFleet {
  const withModules = new Set(hostsToPlan(fleet).map(({ name }) => name));
  const hosts = fleet.hosts.map((host): PlannedHost => {
    const { name, release } = host;
    if (release !== undefined && withModules.has(name)) {
      const plan = planHost(fleet, { ...host, release });
      return { host: name, plan, containers: plan.containers };
    }
    const containers = planContainers(fleet, host, servicesOn(fleet, name));
    return { host: name, plan: undefined, containers };
  });
  const placed = hosts.flatMap(({ host, containers }) =>
    containers.map(({ name }) => ({ name, host })),
  );
  const places = [...groupBy(placed, ({ name }) => name)].map(([name, all]): [string, string[]] => [
    name,
    all.map(({ host }) => host),
  ]);
  return {
    hosts: new Map(hosts.map((host) => [host.host, host])),
    places: new Map(places),
    lock: fleet.lock.lock,
  };
}

/**
 * The hosts on which something changes, those first whose user may lose its containers.
 * @returns nothing where every file that a build makes stays as it is.
 */
export function compareFleets(before: PlannedFleet, after: PlannedFleet): HostComparison[] {
  const names = new Set([...before.hosts.keys(), ...after.hosts.keys()]);
  return [...names]
    .sort(compareText)
    .map((name) => compareHost(name, before, after))
    .filter((host) => host !== undefined)
    .sort((a, b) => Number(isDangerous(b)) - Number(isDangerous(a)));
}

/** Whether containers may be lost, or what they have. */
export function isDangerous({ ids }: HostComparison): boolean {
  return ids.some(({ safe }) => safe === undefined);
}

function compareHost(
  name: string,
  before: PlannedFleet,
  after: PlannedFleet,
): HostComparison | undefined {
  const old = before.hosts.get(name);
  const now = after.hosts.get(name);
  const had = old?.plan;
  const has = now?.plan;
  const comparison: HostComparison = {
    host: name,
    modules: had === undefined ? has && "new" : has === undefined ? "gone" : undefined,
    byHand: has === undefined,
    ids: had && has ? compareUsers(name, had.user, has.user, after.lock) : [],
    containers: compareContainers(old, now, before, after),
    release: had && has ? value("NixOS", had.release, has.release) : undefined,
    resolvers: had && has ? compareResolvers(had.resolvers, has.resolvers) : [],
    boot: had && has ? compareBoot(had, has) : [],
    system: had && has ? compareSystem(had, has) : [],
  };
  // Without a difference that has a name there may be one: of recover.sh, or of an order in a file.
  const same = JSON.stringify(had) === JSON.stringify(has);
  return same && comparison.containers.length === 0 ? undefined : comparison;
}

function compareUsers(host: string, had: UserPlan, has: UserPlan, lock: Lock): IdentityChange[] {
  const { name } = has;
  const change = (
    kind: IdentityChange["kind"],
    before: string | number,
    after: string | number,
    grows = false,
  ): IdentityChange[] => {
    if (before === after) return [];
    const [from, to] = [String(before), String(after)];
    const accepted =
      kind !== "storage" && isAccepted(lock, kind, host, from, to)
        ? acceptedOn(lock, kind, host).filter((each) => each.to === to)
        : [];
    const safe = grows ? "grows" : accepted.length > 0 ? "accepted" : undefined;
    return [{ kind, user: name, from, to, safe, reason: accepted.at(-1)?.reason }];
  };
  const grows = had.subIds.start === has.subIds.start && had.subIds.count < has.subIds.count;
  // A group of the user's own is named like it.
  const ownGroups = hasOwnGroup(had) && hasOwnGroup(has);
  return [
    ...change("name", had.name, has.name),
    ...change("uid", had.uid, has.uid),
    ...(ownGroups ? [] : change("group", had.group, has.group)),
    ...change("gid", had.gid, has.gid),
    ...change("sub_ids", subIdsText(had.subIds), subIdsText(has.subIds), grows),
    ...change("home", had.home, has.home),
    // The default lies in the home, and moves with it.
    ...(had.home === has.home ? change("storage", had.storage, has.storage) : []),
  ];
}

function compareContainers(
  old: PlannedHost | undefined,
  now: PlannedHost | undefined,
  before: PlannedFleet,
  after: PlannedFleet,
): ContainerChange[] {
  // Where one side has modules and the other has none, every container changes hands.
  const changesHands = old && now && (old.plan === undefined) !== (now.plan === undefined);
  const had = new Map(
    changesHands ? [] : (old?.containers ?? []).map((container) => [container.name, container]),
  );
  const has = new Set(now?.containers.map(({ name }) => name));
  const gone = (old?.containers ?? []).filter(({ name }) => !has.has(name));

  const changed: ContainerChange[] = [];
  const restarting = new Set(gone.map(({ name }) => name));
  const added: ContainerChange[] = [];
  for (const container of now?.containers ?? []) {
    const { name } = container;
    const previous = had.get(name);
    if (previous === undefined) {
      const moved = changesHands ? undefined : elsewhere(name, before, after, now?.host);
      const data = moved === undefined ? [] : dataOf(container);
      added.push({ name, effect: "new", because: [], with: [], moved, data });
      continue;
    }
    const because =
      old?.plan && now?.plan
        ? unitDifferences(previous, container, old.plan, now.plan)
        : commandDifferences(previous, container);
    if (because.length === 0) continue;
    const effect = now?.plan === undefined ? "by hand" : "restarts";
    changed.push({ name, effect, because, with: [], moved: undefined, data: [] });
    restarting.add(name);
  }
  const removed = gone.map((container): ContainerChange => {
    const moved = elsewhere(container.name, after, before, old?.host);
    const data = moved === undefined ? [] : dataOf(container);
    return { name: container.name, effect: "gone", because: [], with: [], moved, data };
  });
  const along = old?.plan && now?.plan ? dependentsOf([...had.values()], restarting) : [];
  const order = new Map(now?.containers.map(({ name }, index) => [name, index]));
  const restarts = [...changed, ...along.filter(({ name }) => has.has(name))].sort(
    (a, b) => (order.get(a.name) ?? 0) - (order.get(b.name) ?? 0),
  );
  return [...restarts, ...added, ...removed];
}

/** The host that a container is on in one fleet, where it is on no host in the other one that has it. */
function elsewhere(
  container: string,
  there: PlannedFleet,
  here: PlannedFleet,
  host: string | undefined,
): string | undefined {
  const both = here.places.get(container) ?? [];
  return there.places.get(container)?.find((name) => name !== host && !both.includes(name));
}

/** The sources of a container's volumes, without what is only read. */
function dataOf({ volumes }: ContainerPlan): string[] {
  return volumes
    .filter((volume) => !/:ro(?:,|$)/.test(volume))
    .map((volume) => volume.split(":", 1)[0] ?? "");
}

/** What is stopped and started with what it depends on (PartOf=), and is no other one itself. */
function dependentsOf(
  containers: readonly ContainerPlan[],
  restarting: ReadonlySet<string>,
): ContainerChange[] {
  const dependents = new Map<string | Together, (string | Together)[]>();
  const add = (from: string | Together, to: string | Together): void => {
    const its = dependents.get(from);
    if (its === undefined) dependents.set(from, [to]);
    else its.push(to);
  };
  for (const together of togetherOf(containers)) {
    for (const name of together.containers) add(name, together);
  }
  for (const { name, dependsOn, dependsOnAll } of containers) {
    for (const from of [...dependsOn, ...dependsOnAll]) add(from, name);
  }
  const all = new Set<string | Together>(restarting);
  for (const each of all) for (const dependent of dependents.get(each) ?? []) all.add(dependent);
  const found = containers.filter(({ name }) => all.has(name) && !restarting.has(name));
  return found.map(({ name, dependsOn, dependsOnAll }) => ({
    name,
    effect: "restarts",
    because: [],
    with: [
      ...dependsOn.filter((dependency) => all.has(dependency)),
      ...dependsOnAll.filter((each) => all.has(each)).map(({ service }) => `all of ${service}`),
    ],
    moved: undefined,
    data: [],
  }));
}

/** What of a container's command is another one, whoever runs it. */
function specDifferences(had: ContainerPlan, has: ContainerPlan): Difference[] {
  return [
    value("image", had.image, has.image),
    value("pull", had.pull, has.pull),
    had.networks.length > 1 || has.networks.length > 1
      ? list("networks", had.networks, has.networks)
      : value("network", had.networks[0], has.networks[0]),
    list("dns", had.dns, has.dns),
    value("user", had.user, has.user),
    list("ports", had.ports, has.ports),
    list("volumes", had.volumes, has.volumes),
    variables(had.env, has.env),
    list("env_files", had.envFiles, has.envFiles),
    list("cmd", had.cmd, has.cmd),
    ...wordDifferences(had, has),
  ].filter((difference) => difference !== undefined);
}

/** The settings that have another value. */
function wordDifferences(had: ContainerPlan, has: ContainerPlan): (ValueDifference | undefined)[] {
  const before = wordTexts(had.words);
  const after = wordTexts(has.words);
  return [...new Set([...before.keys(), ...after.keys()])].map((key) =>
    value(key, before.get(key), after.get(key)),
  );
}

/** What the unit of a container names in its After=, Wants= and PartOf=. */
function startsAfter({ dependsOn, dependsOnAll }: ContainerPlan): string[] {
  return [...dependsOn, ...dependsOnAll.map(({ service }) => `all of ${service}`)];
}

/** The options of networks that are there before and after. */
function joinedOptions(
  had: readonly NetworkPlan[],
  has: readonly NetworkPlan[],
): (ValueDifference | undefined)[] {
  const before = new Map(had.map(({ name, options }) => [name, options]));
  return has.map(({ name, options }) => {
    const old = before.get(name);
    if (old === undefined) return undefined;
    const [from, to] = [old, options].map((text) => (text === "" ? "podman's own" : text));
    return value(`network ${name}`, from, to);
  });
}

function yesOrNo(value: boolean): string {
  return value ? "yes" : "no";
}

/** What makes the unit of a container another one: all that is put into its file or its script. */
function unitDifferences(
  had: ContainerPlan,
  has: ContainerPlan,
  before: HostPlan,
  after: HostPlan,
): Difference[] {
  return [
    ...specDifferences(had, has),
    value("restart", unitRestart(had.restart), unitRestart(has.restart)),
    list("depends_on", startsAfter(had), startsAfter(has)),
    // The unit stops with that of the network: a network is made again only without containers.
    ...joinedOptions(had.joins, has.joins),
    value("others in its namespaces", yesOrNo(had.isShared), yesOrNo(has.isShared)),
    value("starts after stage", stageName(before, had.after), stageName(after, has.after)),
    value("host's resolver", before.resolvers?.kind, after.resolvers?.kind),
    value("container user", before.user.name, after.user.name),
    value("uid", String(before.user.uid), String(after.user.uid)),
    value("home", before.user.home, after.user.home),
    value("podman's storage", before.user.storage, after.user.storage),
  ].filter((difference) => difference !== undefined);
}

function commandDifferences(had: ContainerPlan, has: ContainerPlan): Difference[] {
  const restart = value("restart", had.restart, has.restart);
  return [...specDifferences(had, has), ...(restart === undefined ? [] : [restart])];
}

function stageName({ stages }: HostPlan, target: string | undefined): string | undefined {
  return stages.find((stage) => stage.target === target)?.name;
}

function compareBoot(had: HostPlan, has: HostPlan): Difference[] {
  const before = new Map(had.stages.map((stage) => [stage.name, stage]));
  const after = new Map(has.stages.map((stage) => [stage.name, stage]));
  const kept = (stages: readonly StagePlan[], others: ReadonlyMap<string, StagePlan>): string[] =>
    stages.map(({ name }) => name).filter((name) => others.has(name));
  const order = list("order of stages", kept(had.stages, after), kept(has.stages, before));
  const differences: (Difference | undefined)[] = [
    list("stages", sorted(before), sorted(after)),
    order,
  ];
  for (const [name, stage] of after) {
    const old = before.get(name);
    if (old === undefined) continue;
    differences.push(
      value(`on_failure of stage ${name}`, old.onFailure, stage.onFailure),
      value(`timeout of stage ${name}`, `${old.timeoutSeconds}s`, `${stage.timeoutSeconds}s`),
    );
  }
  const containers = new Map(had.containers.map((container) => [container.name, container]));
  for (const container of has.containers) {
    const old = containers.get(container.name);
    if (old === undefined) continue;
    const { name, stage, probe } = container;
    differences.push(
      value(`stage of ${name}`, stageName(had, old.stage), stageName(has, stage)),
      value(`health of ${name}`, probeText(old.probe), probeText(probe)),
    );
  }
  return differences.filter((difference) => difference !== undefined);
}

function sorted(names: ReadonlyMap<string, unknown>): string[] {
  return [...names.keys()].sort(compareText);
}

/** How a container is probed, in a few words. */
function probeText(probe: Probe): string {
  switch (probe.kind) {
    case "listen":
      return `listens on ${probe.ports.join(" and ")}`;
    case "http":
      return `answers ${probe.url}`;
    case "grpc":
      return `gRPC${probe.tls ? " (TLS)" : ""} ${probe.endpoint} ${probe.service ?? ""}`.trimEnd();
    case "dns":
      return `answers for ${probe.name} at ${probe.addresses.join(" and ")}`;
    case "exec":
      return shellCommand(probe.command);
    case "running":
      return "runs";
    case "done":
      return "ends with status 0";
  }
}

function compareResolvers(
  had: ResolverPlan | undefined,
  has: ResolverPlan | undefined,
): Difference[] {
  return [
    value("resolver", had?.kind, has?.kind),
    list("services of the fleet's DNS", had?.services ?? [], has?.services ?? []),
    list("zones of the fleet", had?.zones ?? [], has?.zones ?? []),
    list("servers of these zones", had?.internal ?? [], has?.internal ?? []),
    list("zones of others", forwardTexts(had), forwardTexts(has)),
    list("servers of all other names", had?.public ?? [], has?.public ?? []),
  ].filter((difference) => difference !== undefined);
}

/** "tail1234.ts.net at 100.100.100.100" */
function forwardTexts(plan: ResolverPlan | undefined): string[] {
  return (plan?.forwards ?? []).map(
    ({ zones, servers }) => `${zones.join(" and ")} at ${servers.join(" and ")}`,
  );
}

function compareSystem(had: HostPlan, has: HostPlan): Difference[] {
  const names = new Set([...Object.keys(had.sysctls), ...Object.keys(has.sysctls)]);
  const sysctl = (plan: HostPlan, name: string): string | undefined =>
    plan.sysctls[name] === undefined ? undefined : String(plan.sysctls[name]);
  return [
    list("directories", had.directories, has.directories),
    list(
      "networks",
      had.networks.map(({ name }) => name),
      has.networks.map(({ name }) => name),
    ),
    ...joinedOptions(had.networks, has.networks),
    ...[...names]
      .sort(compareText)
      .map((name) => value(`sysctl ${name}`, sysctl(had, name), sysctl(has, name))),
    list(
      "groups",
      [...had.user.extraGroups].sort(compareText),
      [...has.user.extraGroups].sort(compareText),
    ),
  ].filter((difference) => difference !== undefined);
}

function value(
  what: string,
  from: string | undefined,
  to: string | undefined,
): ValueDifference | undefined {
  return from === to ? undefined : { what, from, to };
}

/** Two lists in which a text may stand several times. */
function list(
  what: string,
  had: readonly string[],
  has: readonly string[],
): ListDifference | undefined {
  if (had.length === has.length && had.every((text, index) => text === has[index]))
    return undefined;
  return { what, added: without(has, had), removed: without(had, has), changed: [] };
}

/** What is left of a list when each text of another one was taken out once. */
function without(texts: readonly string[], others: readonly string[]): string[] {
  const count = new Map<string, number>();
  for (const text of others) count.set(text, (count.get(text) ?? 0) + 1);
  return texts.filter((text) => {
    const left = count.get(text) ?? 0;
    count.set(text, left - 1);
    return left <= 0;
  });
}

/** Variables, whose order means nothing. */
function variables(
  had: ContainerPlan["env"],
  has: ContainerPlan["env"],
): ListDifference | undefined {
  const names = Object.keys(has).sort(compareText);
  const added = names.filter((name) => !Object.hasOwn(had, name));
  const removed = Object.keys(had)
    .filter((name) => !Object.hasOwn(has, name))
    .sort(compareText);
  const changed = names.filter((name) => Object.hasOwn(had, name) && had[name] !== has[name]);
  if (added.length + removed.length + changed.length === 0) return undefined;
  return { what: "env", added, removed, changed };
}
