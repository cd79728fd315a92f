/**
 * The fleet as everything after loading sees it: definitions with their defaults, services placed on
 * hosts, route ports chosen. Plain data; every part knows where it was written.
 */
import type { Path, Where } from "../document/place.ts";
import type { Endpoint } from "../podman/address.ts";
import type { Attachment } from "../podman/attachment.ts";
import { networkName, sharedContainer } from "../podman/network.ts";
import type { PortRange, PublishedPort } from "../podman/port.ts";
import type { Release } from "./release.ts";
import type {
  Baseline,
  ComponentDefinition,
  Facts,
  HealthDefinition,
  Inventory,
  LockDocument,
  NodeDefinition,
  RouteDefinition,
  NetworkDefinition,
  ServiceDefinition,
  StageDefinition,
  SubIds,
} from "./schema.ts";
import type { Source } from "../document/source.ts";

export type { Baseline, Facts, HealthDefinition, Inventory, Release, StageDefinition, SubIds };

/** Everything that is known of a fleet. */
export interface Fleet {
  readonly name: string;
  readonly inventory: Inventory;
  /** The inventory's file name, relative to the fleet's folder. */
  readonly file: string;
  /** In the order of the inventory. */
  readonly hosts: readonly Host[];
  /** Ordered by name, then by file. */
  readonly services: readonly Service[];
  readonly index: FleetIndex;
  /** Facts that are no host's of the inventory. */
  readonly strayFacts: readonly { readonly host: string; readonly where: Where }[];
  readonly lock: LockFile;
  /** The findings that are accepted because they were there first; undefined where there are none. */
  readonly baseline: { readonly file: string; readonly baseline: Baseline } | undefined;
  /** Every file that was read, by name. */
  readonly sources: ReadonlyMap<string, Source>;
}

/** The same things by name, so that looking one up costs the same in a fleet of any size. */
export interface FleetIndex {
  readonly hostNamed: ReadonlyMap<string | undefined, Host>;
  /** The active services of each name: one, where the rule duplicate-service has nothing to say. */
  readonly activeNamed: ReadonlyMap<string, readonly Service[]>;
  /** The active services of each host, in the order of their names. */
  readonly activeOn: ReadonlyMap<string | undefined, readonly Service[]>;
  /** The components of the active services, in the order of these. */
  readonly components: readonly Component[];
  /** The same, of each host. */
  readonly componentsOn: ReadonlyMap<string | undefined, readonly Component[]>;
  /** The number of the boot stage that each service is in first. */
  readonly stageOf: ReadonlyMap<string, number>;
  /** The place of each service in the whole boot sequence, where it is first. */
  readonly bootOrder: ReadonlyMap<string, number>;
}

/** `nixgen.lock` as it is; empty where there is none yet. */
export interface LockFile {
  readonly file: string;
  readonly exists: boolean;
  /** The version of the format that it is in. */
  readonly version: LockDocument["version"];
  readonly lock: Lock;
}

/** What was chosen once and must stay, in whatever version it was written. */
export interface Lock {
  /** By host. A host that is no longer in the inventory keeps its own. */
  readonly identities: ReadonlyMap<string, LockedIdentity>;
  readonly placement: Readonly<Record<string, string>>;
  readonly ports: Readonly<Record<string, number>>;
  readonly accepted: LockDocument["accepted"];
}

/** The container user of a host as it was locked; a lock of version 1 has no home. */
export type LockedIdentity = Readonly<LockDocument["identities"][string]>;

/** A host of the inventory, with what is known of it. */
export interface Host {
  readonly name: string;
  readonly node: NodeDefinition;
  readonly where: Where;
  /** Set for the hosts that modules are emitted for. */
  readonly release: Release | undefined;
  /** The addresses that are IP addresses, canonical, in the order of the inventory. */
  readonly ips: readonly { readonly ip: string; readonly where: Where }[];
  readonly agent: readonly { readonly endpoint: Endpoint; readonly where: Where }[];
  readonly user: HostUser;
  readonly facts: { readonly file: string; readonly facts: Facts } | undefined;
}

/**
 * Who the containers of a host belong to. podman finds none of them, or cannot use their files, once any
 * of this is another value.
 */
export interface Identity {
  readonly name: string;
  readonly uid: number;
  /** The primary group, by name: a group of the same name as the user's is its own. */
  readonly group: string;
  /** The gid of the primary group, which is also the one in the user's line of /etc/passwd. */
  readonly gid: number;
  readonly home: string;
  /** podman's graphRoot: images, layers, volumes and the database. */
  readonly storage: string;
  readonly subIds: SubIds;
}

/** The rootless user as one host has it: [user] with the host's own values. */
export interface HostUser extends Omit<Identity, "uid" | "gid"> {
  /** What its host still calls it, where the definitions have renamed it. */
  readonly formerName: string | undefined;
  /** Undefined where the rule uid-unpinned has something to say. */
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  readonly extraGroups: readonly string[];
  /** What says that the range of subordinate ids is this one. See chooseSubIds. */
  readonly subIdsFrom: "inventory" | "lock" | "facts" | "default";
  /** Where each value was written, or where it would be. */
  readonly where: Readonly<Record<keyof Identity, Where>>;
}

/** Whether the primary group is the user's own, which NixOS makes with it. */
export function hasOwnGroup({ name, group }: Pick<Identity, "name" | "group">): boolean {
  return group === name;
}

/** A service, active or not. */
export interface Service {
  readonly name: string;
  readonly definition: ServiceDefinition;
  readonly where: Where;
  /** The host it was placed on; undefined where none fits. */
  readonly host: string | undefined;
  readonly components: readonly Component[];
}

/** A container of a service. */
export interface Component {
  readonly name: string;
  readonly service: string;
  /** See containerName. */
  readonly container: string;
  readonly definition: ComponentDefinition;
  readonly where: Where;
  readonly ports: readonly { readonly port: PublishedPort; readonly where: Where }[];
  readonly volumes: readonly Volume[];
  /** The networks that it joins, of network or networks; none where network is a mode, like host. */
  readonly attachments: readonly { readonly attachment: Attachment; readonly where: Where }[];
  readonly routes: readonly Route[];
}

/** `SOURCE:TARGET[:OPTIONS]`; a source that is no path names a podman volume. */
export interface Volume {
  readonly source: string;
  readonly target: string;
  readonly options: string | undefined;
  readonly where: Where;
}

/** What the proxy routes to a component. */
export interface Route {
  readonly definition: RouteDefinition;
  /** What the lock file knows it by: the name, or its number among the unnamed ones. */
  readonly key: string;
  /** The port on the host's loopback, and the same in the container; undefined where unplaced. */
  readonly hostPort: number | undefined;
  /** The variable that tells the container its port. */
  readonly variable: string;
  readonly where: Where;
}

/** `<service>-<component>`, or `<service>` where both are equal. */
export function containerName(service: string, component: string): string {
  return component === service ? service : `${service}-${component}`;
}

/** The host of an active component's service. */
export function hostOf({ index }: Fleet, { service }: Component): string | undefined {
  return index.activeNamed.get(service)?.[0]?.host;
}

/** Whether containers of this component share the host's network namespace. */
export function usesHostNetwork(component: Component): boolean {
  return component.definition.network === "host";
}

/**
 * Whether podman gives containers of this component a network namespace of their own, and their resolv.conf: not
 * where they share another one, and not with slirp4netns, whose resolver is its own.
 */
export function hasOwnNetwork({ definition: { network = "" } }: Component): boolean {
  return !/^(?:host|none|slirp4netns|.*:.*)$/.test(network);
}

/** Whether podman publishes the ports of a component; under other networks it drops them, with a warning. */
export function publishesPorts({ definition: { network = "" } }: Component): boolean {
  return !/^(?:host|none|container:.*)$/.test(network);
}

/** The keys that can name a container in whose namespace a component runs. */
const NAMESPACE_KEYS = ["network", "pid", "ipc"] as const;

/** The containers in whose namespaces a component runs, and the keys that say so. */
export function sharedNamespaces({ definition }: Component) {
  return NAMESPACE_KEYS.flatMap((key) => {
    const container = sharedContainer(definition[key]);
    return container === undefined ? [] : [{ key, container }];
  });
}

/** The networks that services of a host define, by name: of several of one name the first (resolve.ts refuses others). */
export function networksDefinedOn(
  fleet: Fleet,
  host: string,
): ReadonlyMap<string, NetworkDefinition> {
  const definitions = servicesOn(fleet, host).flatMap(({ definition }) => definition.networks);
  return new Map(definitions.reverse().map((network) => [network.name, network]));
}

/** The networks that a component joins, by name. */
export function networkNamesOf({ attachments }: Component): string[] {
  return attachments.map(({ attachment }) => networkName(attachment.network));
}

/** The ports of its host that a component takes, where it says so; under host networking its own. */
export function hostPortsOf(component: Component): PortRange[] {
  const onHost = usesHostNetwork(component);
  const ranges: PortRange[] = [];
  for (const { port } of component.ports) {
    const range = onHost ? port.container : port.host;
    if (range !== undefined) ranges.push(range);
  }
  const { health } = component.definition;
  const probed = onHost && health !== undefined && "port" in health ? health.port : undefined;
  if (probed !== undefined) ranges.push({ first: probed, last: probed });
  return ranges;
}

/** The place of a key below another place. */
export function below(where: Where, ...steps: Path): Where {
  // Other than [...path, ...steps], which V8 gives room to grow, this is as long as it must be.
  return { file: where.file, path: where.path.concat(steps) };
}

/** A host that modules are emitted for. */
export type NixosHost = Host & { readonly release: Release };

/** The hosts that modules are emitted for. */
export function nixosHosts(fleet: Fleet): NixosHost[] {
  return fleet.hosts.filter((host): host is NixosHost => host.release !== undefined);
}

/** The active services that were placed on a host, in the order of their names. */
export function servicesOn(fleet: Fleet, host: string): readonly Service[] {
  return fleet.index.activeOn.get(host) ?? [];
}

/** The components of the active services that were placed on a host, in the order of their services. */
export function componentsOn(fleet: Fleet, host: string): readonly Component[] {
  return fleet.index.componentsOn.get(host) ?? [];
}
