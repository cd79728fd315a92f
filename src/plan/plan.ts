/**
 * What a host is to have, as plain data: everything is decided here, and what follows only writes it
 * down. Nothing in a plan depends on Nix.
 */
import { networkOptions } from "../podman/network-options.ts";
import { BUILT_IN_NETWORKS, sharedContainer } from "../podman/network.ts";
import { compareText } from "../text/order.ts";
import { ipVersion, isLoopback, isWildcard, unmappedIp } from "../podman/address.ts";
import { type ContainerSpec, containerOf } from "./container.ts";
import { dependenciesOf, type Dependency, type Probe, probeOf, stageIndex } from "../fleet/boot.ts";
import { dnsServices, internalResolvers, outsideResolvers } from "../fleet/dns.ts";
import { durationSeconds } from "../text/duration.ts";
import { groupBy } from "../text/group.ts";
import {
  type Component,
  componentsOn,
  type Fleet,
  type Host,
  hostPortsOf,
  networksDefinedOn,
  type Identity,
  type NixosHost,
  nixosHosts,
  type Release,
  type Service,
  servicesOn,
  sharedNamespaces,
  type StageDefinition,
  usesHostNetwork,
} from "../fleet/model.ts";
import type { NetworkDefinition } from "../fleet/schema.ts";
import { isSafeName, type NameKind } from "../fleet/names.ts";
import { InputError } from "../text/input-error.ts";
import { isWithin, normalisePath } from "../text/path.ts";
import {
  containerUnit,
  gateUnit,
  networkUnit,
  serviceUnit,
  sharedUnitName,
  stageUnit,
} from "./unit-names.ts";
import { FIRST_UNPRIVILEGED_PORT } from "../podman/port.ts";

/** What one NixOS host is to have. */
export interface HostPlan {
  readonly host: string;
  readonly release: Release;
  /** Its IP addresses, for whoever must reach it without DNS. */
  readonly addresses: readonly string[];
  /** The fleet's own registry, which cannot serve what starts before it. */
  readonly registry: { readonly host: string; readonly service: string | undefined } | undefined;
  readonly user: UserPlan;
  /** Undefined where the inventory has no [dns]: the host's resolvers are then not ours. */
  readonly resolvers: ResolverPlan | undefined;
  /** The stages that have services on this host, in order. */
  readonly stages: readonly StagePlan[];
  /** In the order in which they start: by stage, then as defined, each after what it depends on. */
  readonly containers: readonly ContainerPlan[];
  /** podman networks that containers of this host are attached to, by name. */
  readonly networks: readonly NetworkPlan[];
  /** Directories below /srv that are made for the user. */
  readonly directories: readonly string[];
  readonly sysctls: Readonly<Record<string, number>>;
}

/** What starts on a host, and in which order. */
export type BootPlan = Pick<HostPlan, "stages" | "containers">;

/** The user that runs the containers of a host, with every default filled in. */
export interface UserPlan extends Identity {
  readonly extraGroups: readonly string[];
}

/** The folders that podman works in, and whose disks must be there first: a folder within another is left out. */
export function podmanFolders({ home, storage }: UserPlan): string[] {
  return isWithin(home, storage) ? [storage] : [home, storage];
}

/** How a host resolves names: the zones here, everything else there. */
export interface ResolverPlan {
  readonly kind: "dnsmasq" | "resolved";
  /** The services that answer the zones. */
  readonly services: readonly string[];
  readonly zones: readonly string[];
  /** The addresses of the fleet's own DNS, asked for the zones. */
  readonly internal: readonly string[];
  /** Zones that others answer, and their servers. */
  readonly forwards: readonly ForwardPlan[];
  /** The addresses of the resolvers that are asked for everything else. */
  readonly public: readonly string[];
}

/** Zones with servers of their own. */
export interface ForwardPlan {
  readonly zones: readonly string[];
  readonly servers: readonly string[];
}

/** A boot stage as far as a host has containers of it: a target of systemd. */
export interface StagePlan {
  readonly name: string;
  /** The systemd target, without its suffix. */
  readonly target: string;
  /** The target of the stage before it on this host. */
  readonly after: string | undefined;
  /** Whether the target fails when a container of the stage does not become healthy. */
  readonly onFailure: "block" | "proceed";
  /** How long a container of the stage may take until it is healthy. */
  readonly timeoutSeconds: number;
}

/** A podman network that containers are attached to. */
export interface NetworkPlan {
  readonly name: string;
  /** What `podman network create` is told, with blanks between: see networkOptions. */
  readonly options: string;
}

/** A container of a host: how it is made, when it starts, and how to tell that it works. */
export interface ContainerPlan extends ContainerSpec {
  readonly service: string;
  readonly component: string;
  readonly pull: "always" | "missing" | "never" | "newer";
  /** podman's own restart policy; a unit has systemd's instead. */
  readonly restart: string;
  /** Containers that must have started before. */
  readonly dependsOn: readonly string[];
  /** The networks that must be there before it is made. */
  readonly joins: readonly NetworkPlan[];
  /** Whether others run in a namespace of it: podman removes it only together with them. */
  readonly isShared: boolean;
  /** Services of which all containers must have started before, and which have many. */
  readonly dependsOnAll: readonly Together[];
  /** The target of its stage, or undefined where it is in none. */
  readonly stage: string | undefined;
  /** The target that must be reached before it starts. */
  readonly after: string | undefined;
  /** How to tell that it works. */
  readonly probe: Probe;
  /** The systemd service that its stage waits for, without its suffix; undefined where it is in none. */
  readonly gate: string | undefined;
  /** Whether its image cannot be pulled when it starts, for the registry of this host is not up then. */
  readonly beforeRegistry: boolean;
}

/**
 * The containers of a service that others depend on, where they are many: a target of systemd stands for them,
 * for of n containers that depend on n others each would name all of them. One object for a service.
 */
export interface Together {
  readonly service: string;
  /** The systemd target, without its suffix. */
  readonly target: string;
  readonly containers: readonly string[];
}

/** So many containers of a service are named one by one. */
const MOST_NAMED = 8;

/** What a definition that says nothing of restarting means: a container that crashed comes back. */
const DEFAULT_RESTART = "unless-stopped";

/**
 * The hosts to plan, in the order of their names.
 * @throws {InputError} where a rule that cannot be done without was switched off.
 */
export function hostsToPlan(fleet: Fleet): NixosHost[] {
  const hosts = nixosHosts(fleet).sort((a, b) => compareText(a.name, b.name));
  requireOneOfEach(hosts.map(({ name }) => name));
  return hosts;
}

/**
 * Plans one host of a fleet that linted without errors, whatever is wrong with the others.
 * @throws {InputError} where a rule that cannot be done without was switched off.
 */
export function planHost(fleet: Fleet, host: NixosHost): HostPlan {
  const user = planUser(host);
  const stages = planStages(fleet, host);
  const services = servicesOn(fleet, host.name);
  const containers = planContainers(fleet, host, services);
  const networks = networksOf(containers);
  requireUnits(host.name, stages, [
    ...networks.map((network) => networkUnit(user.name, network.name)),
    ...containers.map(({ name }) => containerUnit(name)),
    ...containers.flatMap(({ gate }) => (gate === undefined ? [] : [gate])),
  ]);
  const components = services.flatMap((service) => service.components);
  const { registry } = fleet.inventory;
  if (registry?.service !== undefined) requireSafe("service", registry.service);
  return {
    host: host.name,
    release: host.release,
    addresses: host.ips.map(({ ip }) => ip),
    registry:
      registry === undefined ? undefined : { host: registry.host, service: registry.service },
    user,
    resolvers: planResolvers(fleet),
    stages,
    containers,
    networks,
    directories: planDirectories(components),
    sysctls: planSysctls(components),
  };
}

/**
 * Plans what starts on a host, which may be one that no modules are emitted for.
 * @throws {InputError} where a rule that cannot be done without was switched off.
 */
export function planBoot(fleet: Fleet, host: Host): BootPlan {
  return {
    stages: planStages(fleet, host),
    containers: planContainers(fleet, host, servicesOn(fleet, host.name)),
  };
}

/**
 * Plans the containers of some services of a host, which may be one that no modules are emitted for.
 * @throws {InputError} where a rule that cannot be done without was switched off.
 */
export function planContainers(
  fleet: Fleet,
  host: Host,
  services: readonly Service[],
): ContainerPlan[] {
  requireSafe("host", host.name);
  const stages = planStages(fleet, host);
  const { sequence } = fleet.inventory.boot;
  const last = sequence.length;
  const orderOf = ({ name }: Service): number => fleet.index.bootOrder.get(name) ?? Infinity;
  const byStage = groupBy(services, ({ name }) => stageIndex(fleet, name) ?? last);
  const together = new Map<readonly Component[], Together>();
  const networks = networksDefinedOn(fleet, host.name);
  const shared = new Set(
    componentsOn(fleet, host.name).flatMap((component) =>
      sharedNamespaces(component).map(({ container }) => container),
    ),
  );
  return Array.from({ length: last + 1 }, (_, index) => {
    const definition = sequence[index];
    const stage = stages.find(({ name }) => name === definition?.name);
    const inStage = byStage.get(index) ?? [];
    return inDependencyOrder(
      (index === last ? inStage : inStage.sort((a, b) => orderOf(a) - orderOf(b)))
        .flatMap((service) => service.components)
        .map((component) =>
          planContainer(fleet, host, component, stage, definition, stages.at(-1), {
            together,
            shared,
            networks,
          }),
        ),
    );
  }).flat();
}

/** The networks that must be made for containers, by name. */
export function networksOf(containers: readonly ContainerPlan[]): NetworkPlan[] {
  const byName = new Map(
    containers.flatMap(({ joins }) => joins).map((network) => [network.name, network]),
  );
  return [...byName.values()].sort((a, b) => compareText(a.name, b.name));
}

/** The networks that must be there before a container can be made. */
function networksToMake(
  networks: readonly string[],
  defined: ReadonlyMap<string, NetworkDefinition>,
): NetworkPlan[] {
  return networks
    .filter((network) => sharedContainer(network) === undefined)
    .map((network) => network.replace(/:.*$/, ""))
    .filter((network) => !BUILT_IN_NETWORKS.has(network))
    .map((name) => {
      const definition = defined.get(name);
      return { name, options: definition === undefined ? "" : networkOptions(definition) };
    });
}

/** The services that containers depend on as a whole, and that have many, by name. */
export function togetherOf(containers: readonly ContainerPlan[]): Together[] {
  return unique(containers.flatMap(({ dependsOnAll }) => dependsOnAll)).sort((a, b) =>
    compareText(a.service, b.service),
  );
}

/** Each container after those of the list that it depends on; as they are where none does. */
function inDependencyOrder(containers: readonly ContainerPlan[]): ContainerPlan[] {
  type Item = ContainerPlan | Together;
  const byName = new Map(containers.map((container) => [container.name, container]));
  const before = (item: Item): Item[] => {
    const names = "dependsOn" in item ? item.dependsOn : item.containers;
    const found = names.map((name) => byName.get(name)).filter((each) => each !== undefined);
    return "dependsOn" in item ? [...found, ...item.dependsOnAll] : found;
  };
  // What was put, and what is being put: a circle (rule boot-cycle) is left where it closes.
  const seen = new Set<Item>();
  const ordered: ContainerPlan[] = [];
  // What is to be put, each before those that depend on it: no recursion, however deep.
  const open: { readonly item: Item; readonly before: Iterator<Item> }[] = [];
  const enter = (item: Item): void => {
    if (seen.has(item)) return;
    seen.add(item);
    open.push({ item, before: before(item).values() });
  };
  for (const root of containers) {
    enter(root);
    for (let here = open.at(-1); here !== undefined; here = open.at(-1)) {
      const next = here.before.next();
      if (next.done !== true) enter(next.value);
      else {
        if ("dependsOn" in here.item) ordered.push(here.item);
        open.pop();
      }
    }
  }
  return ordered;
}

function planUser({ name: host, user }: Host): UserPlan {
  requireSafe("user", user.name);
  requireSafe("group", user.group);
  const { uid, gid } = user;
  if (uid === undefined || gid === undefined) {
    throw new InputError(`user ${user.name} has no uid on ${host}`, "Add uid to [user].");
  }
  return {
    name: user.name,
    uid,
    group: user.group,
    gid,
    home: user.home,
    storage: user.storage,
    extraGroups: user.extraGroups,
    subIds: user.subIds,
  };
}

function planResolvers(fleet: Fleet): ResolverPlan | undefined {
  const { dns } = fleet.inventory;
  if (dns === undefined) return undefined;
  const services = dnsServices(fleet).map(({ name }) => name);
  // They may be no services at all, where the rule unknown-service is off.
  for (const name of services) requireSafe("service", name);
  return {
    kind: dns.resolver,
    services,
    zones: dns.zones,
    internal: internalResolvers(fleet),
    forwards: dns.forward.map(({ zones, servers }) => ({
      zones,
      servers: unique(servers.map(unmappedIp)),
    })),
    public: unique(outsideResolvers(fleet).map(({ address }) => address)),
  };
}

function planStages(fleet: Fleet, host: Host): StagePlan[] {
  const here = new Set(
    servicesOn(fleet, host.name)
      .filter(({ components }) => components.length > 0)
      .map(({ name }) => stageIndex(fleet, name)),
  );
  const stages: StagePlan[] = [];
  for (const [index, stage] of fleet.inventory.boot.sequence.entries()) {
    requireSafe("stage", stage.name);
    if (!here.has(index)) continue;
    stages.push({
      name: stage.name,
      target: stageUnit(host.user.name, stage.name),
      after: stages.at(-1)?.target,
      // What everything else stands on must be up; a later stage holds up the next one only if asked.
      onFailure: stage.on_failure ?? (index === 0 ? "block" : "proceed"),
      timeoutSeconds: durationSeconds(stage.timeout),
    });
  }
  return stages;
}

/** What the containers of a host have in common. */
interface OfHost {
  readonly together: Map<readonly Component[], Together>;
  /** The containers in whose namespaces others run. */
  readonly shared: ReadonlySet<string>;
  readonly networks: ReadonlyMap<string, NetworkDefinition>;
}

function planContainer(
  fleet: Fleet,
  host: Host,
  component: Component,
  stage: StagePlan | undefined,
  stageDefinition: StageDefinition | undefined,
  lastStage: StagePlan | undefined,
  known: OfHost,
): ContainerPlan {
  const { definition, container, service } = component;
  requireSafe("service", service);
  requireSafe("component", component.name);
  if (definition.network !== undefined && sharedContainer(definition.network) === undefined) {
    requireSafe("network", definition.network);
  }
  for (const { attachment } of component.attachments) requireSafe("network", attachment.network);
  const dependencies = dependenciesOf(fleet, component);
  const spec = containerOf(fleet, component);
  return {
    service,
    component: component.name,
    pull: definition.pull,
    restart: definition.restart ?? DEFAULT_RESTART,
    dependsOn: unique(
      dependencies.filter((each) => !isMany(each)).flatMap(({ targets }) => namesOf(targets)),
    ),
    dependsOnAll: unique(
      dependencies.filter(isMany).map(({ targets }) => {
        const made = known.together.get(targets) ?? planTogether(host, targets);
        known.together.set(targets, made);
        return made;
      }),
    ),
    joins: networksToMake(spec.networks, known.networks),
    isShared: known.shared.has(container),
    stage: stage?.target,
    after: stage === undefined ? lastStage?.target : stage.after,
    probe: probeOf(fleet, host, component, stageDefinition),
    gate: stage === undefined ? undefined : gateUnit(host.user.name, container),
    beforeRegistry: startsBeforeRegistry(fleet, host, component),
    // Last, for V8 takes thirty times as long where as many properties follow.
    ...spec,
  };
}

function isMany({ targets }: Dependency): boolean {
  return targets.length > MOST_NAMED;
}

function namesOf(components: readonly Component[]): string[] {
  return components.map(({ container }) => container);
}

function planTogether({ user }: Host, components: readonly Component[]): Together {
  const service = components[0]?.service ?? "";
  requireSafe("service", service);
  return { service, target: serviceUnit(user.name, service), containers: namesOf(components) };
}

/** Whether an image is from the fleet's registry, which this host has, and starts no earlier. */
function startsBeforeRegistry(fleet: Fleet, host: Host, component: Component): boolean {
  const { registry, boot } = fleet.inventory;
  if (registry?.service === undefined) return false;
  const stageOf = (service: string): number => stageIndex(fleet, service) ?? boot.sequence.length;
  return (
    component.definition.image.startsWith(`${registry.host}/`) &&
    (fleet.index.activeNamed.get(registry.service) ?? []).some((each) => each.host === host.name) &&
    stageOf(component.service) <= stageOf(registry.service)
  );
}

/** The folders below /srv that bind mounts need. A missing source is an error to podman. */
function planDirectories(components: readonly Component[]): string[] {
  const folders = components
    .flatMap(({ volumes }) => volumes)
    .map(({ source }) => source)
    .filter((source) => source.startsWith("/"))
    .map(normalisePath)
    .filter((source) => source.startsWith("/srv/"))
    .map((source) => (isFileName(source) ? source.slice(0, source.lastIndexOf("/")) : source))
    .filter((folder) => folder !== "/srv");
  return unique(folders).sort(compareText);
}

/** Whether a bind mount's source is meant as a single file, which must not be made as a folder. */
function isFileName(path: string): boolean {
  return /\.(?:toml|ya?ml|json|conf|cfg|ini|env|txt|xml|properties|pem|crt|cert|key|sock|db|sqlite3?|lua|hcl|sh)$/i.test(
    path,
  );
}

function planSysctls(components: readonly Component[]): Record<string, number> {
  const sysctls: Record<string, number> = {};
  const published = components
    .filter((component) => !usesHostNetwork(component))
    .flatMap(({ ports }) => ports.map(({ port }) => port));
  const lowest = components
    .flatMap(hostPortsOf)
    .reduce((least, { first }) => Math.min(least, first), FIRST_UNPRIVILEGED_PORT);
  if (lowest < FIRST_UNPRIVILEGED_PORT) sysctls["net.ipv4.ip_unprivileged_port_start"] = lowest;
  const specific = published
    .map(({ address }) => address)
    .filter((address) => !isWildcard(address) && !isLoopback(address));
  // An address of a VPN comes up long after the containers; binding it must not fail until then.
  if (specific.some((address) => ipVersion(address) === 4)) {
    sysctls["net.ipv4.ip_nonlocal_bind"] = 1;
  }
  if (specific.some((address) => ipVersion(address) === 6)) {
    sysctls["net.ipv6.ip_nonlocal_bind"] = 1;
  }
  return sysctls;
}

/** The rule unit-name reports these. */
function requireUnits(
  host: string,
  stages: readonly StagePlan[],
  services: readonly string[],
): void {
  const shared = sharedUnitName(
    stages.map(({ target }) => target),
    services,
  );
  if (shared === undefined) return;
  throw new InputError(
    `two units on ${host} would be named ${shared}`,
    "Rename the user, the stage or the component: a unit is named after them.",
  );
}

/** The modules of one would take the place of the other's. The rule duplicate-host reports these. */
function requireOneOfEach(hosts: readonly string[]): void {
  // On some file systems one folder has both names.
  const seen = new Set<string>();
  const twice = hosts.find((host) => seen.size === seen.add(host.toLowerCase()).size);
  if (twice === undefined) return;
  throw new InputError(`two hosts are named ${twice}`, "Rename or remove one of them.");
}

/** The rule name-not-safe reports these; it may have been switched off, and the output must not be. */
function requireSafe(kind: NameKind, name: string): void {
  if (isSafeName(kind, name)) return;
  throw new InputError(
    `${JSON.stringify(name)} is no safe name for a ${kind}`,
    "Run nixgen lint, and see the rule name-not-safe.",
  );
}

function unique<T>(items: readonly T[]): T[] {
  return [...new Set(items)];
}
