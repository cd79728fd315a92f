/** The boot sequence: which stage a service is in, what a component depends on, how it is probed. */
import type { HealthDefinition } from "./schema.ts";
import type { Path, Where } from "../document/place.ts";
import { isWildcard } from "../podman/address.ts";
import { healthArgv } from "../podman/health-command.ts";
import { dnsAddressesOf, isDnsService } from "./dns.ts";
import { groupBy } from "../text/group.ts";
import {
  below,
  type Component,
  type Fleet,
  type Host,
  hostOf,
  sharedNamespaces,
  type StageDefinition,
  usesHostNetwork,
} from "./model.ts";

/** The stage that a service starts in, by its number; undefined where it is in none. */
export function stageIndex(fleet: Fleet, service: string): number | undefined {
  return fleet.index.stageOf.get(service);
}

/** The stage itself. */
export function stageOf(fleet: Fleet, service: string): StageDefinition | undefined {
  return fleet.inventory.boot.sequence[stageIndex(fleet, service) ?? -1];
}

/**
 * One entry of `depends_on`, or a namespace of another container, and the components that it names; none where it
 * names nothing.
 */
export interface Dependency {
  /** What depends on them. */
  readonly component: Component;
  /** Where the component says so: the place of an entry of depends_on, or a key like network. */
  readonly path: Path;
  /** As it is written: for a namespace "container:NAME". */
  readonly entry: string;
  readonly targets: readonly Component[];
}

/**
 * What a component depends on. An entry names a component of its own service, `SERVICE/COMPONENT`, or
 * a service with all its components, in this order. podman makes a container in the namespace of another one only
 * where that one is there.
 */
export function dependenciesOf(fleet: Fleet, component: Component): Dependency[] {
  const entries: Dependency[] = component.definition.depends_on.map((entry, index) => ({
    component,
    path: ["depends_on", index],
    entry,
    targets: dependencyTargets(fleet, component, entry),
  }));
  const namespaces = sharedNamespaces(component).map(({ key, container }) => ({
    component,
    path: [key],
    entry: `container:${container}`,
    targets: containersNamed(fleet, component, container),
  }));
  return namespaces.length === 0 ? entries : [...entries, ...namespaces];
}

/** The other components of a component's host whose container has a name. */
function containersNamed(fleet: Fleet, component: Component, name: string): Component[] {
  let containers = byContainer.get(fleet);
  if (containers === undefined) {
    containers = groupBy(fleet.index.components, ({ container }) => container);
    byContainer.set(fleet, containers);
  }
  const host = hostOf(fleet, component);
  const isOther = (each: Component): boolean => each !== component && hostOf(fleet, each) === host;
  return (containers.get(name) ?? []).filter(isOther);
}

const byContainer = new WeakMap<Fleet, ReadonlyMap<string, readonly Component[]>>();

/**
 * The dependencies of all active components, in the order of these. Several rules go through them, so
 * they are resolved once for a fleet.
 */
export function allDependencies(fleet: Fleet): readonly Dependency[] {
  const known = resolved.get(fleet);
  if (known !== undefined) return known;
  const all: Dependency[] = [];
  for (const component of fleet.index.components) {
    for (const dependency of dependenciesOf(fleet, component)) all.push(dependency);
  }
  resolved.set(fleet, all);
  return all;
}

const resolved = new WeakMap<Fleet, readonly Dependency[]>();

/** Where a dependency was written. */
export function whereOf({ component, path }: Dependency): Where {
  return below(component.where, ...path);
}

function dependencyTargets(fleet: Fleet, from: Component, entry: string): readonly Component[] {
  const siblings = entry === from.name ? [] : componentsOf(fleet, from.service).named(entry);
  if (siblings.length > 0) return siblings;
  const slash = entry.indexOf("/");
  if (slash === -1) return entry === from.service ? [] : componentsOf(fleet, entry).all;
  return componentsOf(fleet, entry.slice(0, slash)).named(entry.slice(slash + 1));
}

/** The components of a service: the same lists each time, however many depend on them. */
interface ServiceComponents {
  readonly all: readonly Component[];
  readonly named: (name: string) => readonly Component[];
}

/** The components of the active service of that name, or of all that are called so. */
function componentsOf(fleet: Fleet, service: string): ServiceComponents {
  let services = looked.get(fleet);
  if (services === undefined) {
    services = new Map();
    looked.set(fleet, services);
  }
  let components = services.get(service);
  if (components === undefined) {
    const all = (fleet.index.activeNamed.get(service) ?? []).flatMap((each) => each.components);
    const byName = groupBy(all, ({ name }) => name);
    components = { all, named: (name) => byName.get(name) ?? NOTHING };
    services.set(service, components);
  }
  return components;
}

const looked = new WeakMap<Fleet, Map<string, ServiceComponents>>();

const NOTHING: readonly Component[] = [];

/** How to tell from the host that a container works. Ports of `listen` are the container's. */
export type Probe =
  | { readonly kind: "listen"; readonly ports: readonly number[] }
  | { readonly kind: "http"; readonly url: string }
  | {
      readonly kind: "grpc";
      readonly endpoint: string;
      readonly service: string | undefined;
      readonly tls: boolean;
    }
  | { readonly kind: "dns"; readonly name: string; readonly addresses: readonly string[] }
  | { readonly kind: "exec"; readonly command: readonly string[] }
  | { readonly kind: "running" }
  /** A job: it has ended with status 0. */
  | { readonly kind: "done" };

/**
 * How a component is probed: as its `health` says; else the DNS service by a query; else as its stage
 * says; else by its ports being in LISTEN, or by its end if it is a job (`restart = "no"`). Where nothing of that can be done, `running` is what is
 * left, and says little (rule health-unprobeable).
 */
export function probeOf(
  fleet: Fleet,
  host: Host,
  component: Component,
  stage: StageDefinition | undefined,
): Probe {
  const health = healthOf(component);
  const zone = fleet.inventory.dns?.zones[0];
  if (health === undefined) {
    const addresses = isDnsService(fleet, component.service) ? dnsAddressesOf(component, host) : [];
    if (zone !== undefined && addresses.length > 0) return { kind: "dns", name: zone, addresses };
  }
  switch (health?.kind ?? stage?.health ?? "listen") {
    case "exec":
      return health?.kind === "exec"
        ? { kind: "exec", command: health.command }
        : { kind: "running" };
    case "dns": {
      const name = health?.kind === "dns" ? (health.name ?? zone) : zone;
      const addresses = dnsAddressesOf(component, host);
      return name === undefined || addresses.length === 0
        ? { kind: "running" }
        : { kind: "dns", name, addresses };
    }
    case "http": {
      const { path, tls, port } =
        health?.kind === "http" ? health : { path: "/", tls: false, port: undefined };
      const endpoint = reachableAt(component, port);
      if (endpoint === undefined) return { kind: "running" };
      return { kind: "http", url: `${tls ? "https" : "http"}://${endpoint}${path}` };
    }
    case "grpc": {
      const { service, tls, port } =
        health?.kind === "grpc" ? health : { service: undefined, tls: false, port: undefined };
      const endpoint = reachableAt(component, port);
      if (endpoint === undefined) return { kind: "running" };
      return { kind: "grpc", endpoint, service, tls };
    }
    case "tcp":
    case "listen": {
      const port = health?.kind === "listen" ? health.port : undefined;
      const ports = port === undefined ? listeningPorts(component) : [port];
      if (ports.length > 0) return { kind: "listen", ports };
      return { kind: health === undefined && isJob(component) ? "done" : "running" };
    }
  }
}

/** What tells that a component works: what its definition says, else what podman's health check runs. */
function healthOf({ definition }: Component): HealthDefinition | undefined {
  const { health, healthcheck } = definition;
  if (health !== undefined || healthcheck === undefined) return health;
  const { command } = healthcheck;
  return command.length === 1 && command[0] === "none"
    ? undefined
    : { kind: "exec", command: [...healthArgv(command)] };
}

/** Whether a component is left alone once it has ended with status 0. */
export function isJob({ definition: { restart } }: Component): boolean {
  return restart === "no";
}

/** The TCP ports that a container must listen on if what it publishes is to be of use. */
function listeningPorts(component: Component): number[] {
  const ports: number[] = [];
  for (const { port } of component.ports) {
    if (port.protocol === "tcp") ports.push(port.container.first);
  }
  for (const { hostPort } of component.routes) {
    if (hostPort !== undefined) ports.push(hostPort);
  }
  // Nearly always they are in order.
  if (ports.every((port, index) => port > (ports[index - 1] ?? 0))) return ports;
  return [...new Set(ports)].sort((a, b) => a - b);
}

/** Where the host reaches a TCP port of the container (the first one by default): `address:port`. */
function reachableAt(component: Component, port: number | undefined): string | undefined {
  const wanted = port ?? listeningPorts(component)[0];
  if (wanted === undefined) return undefined;
  if (usesHostNetwork(component)) return `127.0.0.1:${wanted}`;
  if (component.routes.some(({ hostPort }) => hostPort === wanted)) return `127.0.0.1:${wanted}`;
  for (const { port: published } of component.ports) {
    const { address, host, container, protocol } = published;
    if (protocol !== "tcp" || host === undefined) continue;
    if (wanted < container.first || wanted > container.last) continue;
    const hostPort = host.first + (wanted - container.first);
    if (isWildcard(address)) return `127.0.0.1:${hostPort}`;
    return address.includes(":") ? `[${address}]:${hostPort}` : `${address}:${hostPort}`;
  }
  return undefined;
}
