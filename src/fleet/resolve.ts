/** Turns checked documents into the model: parses what the schema cannot, applies defaults, places. */
import { compareText } from "../text/order.ts";
import { type Path, startOf, type Where } from "../document/place.ts";
import { canonicalIp, ipVersion, parseEndpoint } from "../podman/address.ts";
import { isOwnResolver, plainName, unusableResolver } from "./dns.ts";
import { type Finding } from "../finding/finding.ts";
import { groupBy } from "../text/group.ts";
import type { Document, Documents } from "./documents.ts";
import { formerNames, lockedWhere, parseSubIds, routeKey } from "./lock.ts";
import {
  below,
  type Component,
  containerName,
  type Fleet,
  type FleetIndex,
  type Host,
  hasOwnGroup,
  hostPortsOf,
  type HostUser,
  type Inventory,
  type LockFile,
  type Route,
  type Service,
  type SubIds,
  type Volume,
} from "./model.ts";
import { place, RoutePorts } from "./placement.ts";
import { parseAttachment, plainAttachment } from "../podman/attachment.ts";
import { BUILT_IN_NETWORKS, isJoinable, networkName } from "../podman/network.ts";
import { parsePublishedPort } from "../podman/port.ts";
import { RELEASES } from "./release.ts";
import { locateAll } from "../document/locate.ts";
import { problem } from "../finding/problem.ts";
import type { ComponentDefinition, Facts, NodeDefinition, ServiceDefinition } from "./schema.ts";
import type { Source } from "../document/source.ts";
import { isUnitText } from "../systemd/quote-path.ts";
import { chooseSubIds, LAST_ID, lastOf } from "./sub-ids.ts";

/** A value that the schema let through and that is wrong all the same. */
type Report = (where: Where, message: string, help: string) => void;

/**
 * The model of a fleet, as far as it is written by hand and in the lock, and what was wrong with its
 * values; with problems it is not to be used.
 */
export function resolveFleet(
  documents: Documents,
  sources: ReadonlyMap<string, Source>,
): { fleet: Fleet; problems: Finding[] } {
  const reports: { where: Where; message: string; help: string }[] = [];
  const report: Report = (where, message, help) => void reports.push({ where, message, help });

  const { inventory, lock, baseline } = documents;
  const file = inventory.source.file;
  checkResolvers(inventory.value, file, report);
  const hosts = inventory.value.nodes.map((node, index) =>
    resolveHost(
      { inventory: inventory.value, file, lock },
      node,
      { file, path: ["nodes", index] },
      report,
    ),
  );

  checkGroups(hosts, report);
  checkIds(inventory.value, file, lock, report);
  checkHomes(inventory.value, file, report);

  const ordered = [...documents.services].sort(
    (a, b) => compareText(a.value.name, b.value.name) || compareText(a.source.file, b.source.file),
  );
  const placement = place(
    ordered.map(({ value }) => ({ name: value.name, definition: value })),
    inventory.value.nodes,
    lock.lock.placement,
  );
  const services = ordered.map((document) =>
    resolveService(document, placement.get(document.value.name), report),
  );
  checkNetworks(services, report);
  chooseRoutePorts(services, hosts, lock.lock.ports);
  const fleet: Fleet = {
    name: inventory.value.fleet.name,
    inventory: inventory.value,
    file,
    hosts,
    services,
    index: indexOf(hosts, services, inventory.value),
    strayFacts: [],
    lock,
    baseline: baseline && { file: baseline.source.file, baseline: baseline.value },
    sources,
  };
  const locations = locateAll(
    sources,
    reports.map(({ where }) => where),
  );
  const problems = reports.map(({ where, message, help }) =>
    problem("schema", locations.get(where) ?? startOf(where.file), message, help),
  );
  return { fleet, problems };
}

/** A fleet with what its hosts really have. */
export function withFacts(fleet: Fleet, documents: readonly Document<Facts>[]): Fleet {
  const factsOf = new Map(documents.map((document) => [document.value.host, document]));
  const hosts = fleet.hosts.map((host): Host => {
    const its = factsOf.get(host.name);
    if (its === undefined) return host;
    const user = { ...host.user, formerName: nameOnHost(fleet, host, its.value) };
    const known = { ...host, user, facts: { file: its.source.file, facts: its.value } };
    const { subIds, from, where } = chooseSubIds(known, fleet);
    return {
      ...known,
      user: { ...user, subIds, subIdsFrom: from, where: { ...user.where, subIds: where } },
    };
  });
  const hostNamed = byName(hosts);
  return {
    ...fleet,
    hosts,
    index: { ...fleet.index, hostNamed },
    strayFacts: documents
      .filter(({ value }) => !hostNamed.has(value.host))
      .map(({ source, value }) => ({
        host: value.host,
        where: { file: source.file, path: ["host"] },
      })),
  };
}

/** What a host calls its container user, where that is another name than the definitions have. */
function nameOnHost({ lock }: Fleet, { name: host, user }: Host, facts: Facts): string | undefined {
  if (facts.passwd.some(({ name }) => name === user.name)) return undefined;
  const names = formerNames(lock.lock, host, user.name);
  const former = names.find((name) => facts.passwd.some((line) => line.name === name));
  if (former !== undefined || names.length > 0) return former ?? names[0];
  // Nothing was ever locked: the same user is one that has all that is defined but the name.
  return facts.passwd.find(({ name, uid, gid, home }) => {
    const renamed = user.home.replace(/[^/]*$/, (last) => (last === user.name ? name : last));
    return (
      uid === user.uid &&
      gid === user.gid &&
      (home === user.home || home === renamed) &&
      (user.subIdsFrom !== "inventory" ||
        facts.subuid.some(
          (range) =>
            range.name === name &&
            range.start === user.subIds.start &&
            range.count === user.subIds.count,
        ))
    );
  })?.name;
}

function byName(hosts: readonly Host[]): ReadonlyMap<string, Host> {
  return new Map(hosts.map((host) => [host.name, host]));
}

function indexOf(
  hosts: readonly Host[],
  services: readonly Service[],
  inventory: Inventory,
): FleetIndex {
  const active = services.filter(({ definition }) => definition.active);
  const activeOn = groupBy(active, ({ host }) => host);
  const componentsOf = ({ components }: Service): readonly Component[] => components;
  const stageOf = new Map<string, number>();
  for (const [index, stage] of inventory.boot.sequence.entries()) {
    for (const name of stage.services) if (!stageOf.has(name)) stageOf.set(name, index);
  }
  return {
    hostNamed: byName(hosts),
    activeNamed: groupBy(active, ({ name }) => name),
    activeOn,
    components: active.flatMap(componentsOf),
    componentsOn: new Map([...activeOn].map(([host, its]) => [host, its.flatMap(componentsOf)])),
    stageOf,
    bootOrder: new Map([...stageOf.keys()].map((name, order) => [name, order])),
  };
}

function checkResolvers({ dns }: Inventory, file: string, report: Report): void {
  if (dns === undefined) return;
  const check = (text: string, path: Path, address: string, reason: string | undefined): void => {
    if (reason === undefined) return;
    report(
      { file, path },
      `${text} must be the IP address of a resolver, but ${JSON.stringify(address)} is ${reason}`,
      'Write the address that the resolver answers at, e.g. "1.1.1.1".',
    );
  };
  for (const [index, address] of dns.public.entries()) {
    const path = ["dns", "public", index];
    check(`dns.public[${index}]`, path, address, unusableResolver(address));
  }
  const seen = new Map(dns.zones.map((zone) => [plainName(zone), "dns.zones"]));
  for (const [number, { zones, servers }] of dns.forward.entries()) {
    const name = `dns.forward[${number}]`;
    for (const [index, address] of servers.entries()) {
      const path = ["dns", "forward", number, "servers", index];
      const reason = isOwnResolver(address) ? "the host's own resolver" : unusableResolver(address);
      check(`${name}.servers[${index}]`, path, address, reason);
    }
    for (const [index, zone] of zones.entries()) {
      const other = seen.get(plainName(zone));
      seen.set(plainName(zone), name);
      if (other === undefined) continue;
      report(
        { file, path: ["dns", "forward", number, "zones", index] },
        `${name}.zones[${index}] is ${JSON.stringify(zone)}, which is in ${other} as well`,
        "Name each zone once, with all servers that answer it.",
      );
    }
  }
}

function resolveHost(
  written: Pick<Fleet, "inventory" | "file" | "lock">,
  node: NodeDefinition,
  where: Where,
  report: Report,
): Host {
  if (node.os === "nixos" && node.nixos_release === undefined) {
    report(
      where,
      `${node.name} runs NixOS, but nixos_release is missing`,
      `Add its release, e.g. nixos_release = "${RELEASES.at(-1) ?? ""}": options differ between releases.`,
    );
  }
  const ips = Object.entries(node.addresses).flatMap(([network, address]) => {
    const place = below(where, "addresses", network);
    if (ipVersion(address) !== 0) return [{ ip: canonicalIp(address), where: place }];
    if (/^[0-9.]+$/.test(address) || address.includes(":")) {
      report(
        place,
        `${JSON.stringify(address)}, the ${network} address of ${node.name}, is no IP address`,
        "Correct the address, or write a host name.",
      );
    }
    return [];
  });
  const agent = (node.agent?.listen ?? []).flatMap((text, index) => {
    const place = below(where, "agent", "listen", index);
    const endpoint = parseEndpoint(text);
    if (endpoint !== undefined) return [{ endpoint, where: place }];
    report(
      place,
      `${JSON.stringify(text)} is no address to listen at`,
      'Write ADDRESS:PORT, e.g. "192.168.1.2:9444" or "[fd00::2]:9444".',
    );
    return [];
  });
  return {
    name: node.name,
    node,
    where,
    release: node.os === "nixos" ? node.nixos_release : undefined,
    ips,
    agent,
    user: resolveUser(written, node, where),
    facts: undefined,
  };
}

/** (uid_t) -1 of 16 bits: systemd runs no unit and makes no user with it (`uid_is_valid`). */
const NO_ID = 65535;

/** What the schema cannot say of uids, gids and ranges: those that the kernel or systemd do not take. */
function checkIds(inventory: Inventory, file: string, lock: LockFile, report: Report): void {
  const checkRange = (range: SubIds | undefined, where: Where): void => {
    if (range === undefined || lastOf(range) <= LAST_ID) return;
    report(
      where,
      `subordinate ids from ${range.start} to ${lastOf(range)} go beyond ${LAST_ID}, the last id that there is`,
      "newuidmap refuses such a range (subuid overflow), and no container starts. Write a lower start or count.",
    );
  };
  const users = [
    { user: inventory.user, where: { file, path: ["user"] } },
    ...inventory.nodes.map(({ user }, index) => ({
      user,
      where: { file, path: ["nodes", index, "user"] },
    })),
    ...inventory.users.map((user, index) => ({ user, where: { file, path: ["users", index] } })),
  ];
  for (const { user, where } of users) {
    for (const kind of ["uid", "gid"] as const) {
      if (user?.[kind] !== NO_ID) continue;
      report(
        below(where, kind),
        `${kind} ${NO_ID} is not valid: systemd takes it for -1 and does not start a unit with it`,
        `Pin another ${kind}, e.g. one between 400 and 899 that is free on every host.`,
      );
    }
    checkRange(user?.sub_ids, below(where, "sub_ids"));
  }
  for (const [host, { sub_ids = "" }] of lock.lock.identities) {
    checkRange(parseSubIds(sub_ids), lockedWhere(lock, host, "sub_ids"));
  }
}

/** The groups that every system has under the same gid (nixos/modules/misc/ids.nix, base-passwd). */
const STATIC_GIDS: ReadonlyMap<string, number> = new Map([["users", 100]]);

function resolveUser(
  written: Pick<Fleet, "inventory" | "file" | "lock">,
  node: NodeDefinition,
  where: Where,
): HostUser {
  const { user } = written.inventory;
  const own = node.user ?? {};
  const { name } = user;
  const uid = own.uid ?? user.uid;
  const group = own.group ?? user.group ?? groupWithGid(own.gid ?? user.gid) ?? name;
  const usual = user.group ?? groupWithGid(user.gid) ?? name;
  const home = own.home ?? user.home ?? `/srv/${name}`;
  // The gid of [user] is that of its group, which may be another one than this host's. And a host with a
  // uid of its own gets the same number as gid of the user's own group.
  const inherited =
    group !== usual || (group === name && own.uid !== undefined) ? undefined : user.gid;
  const fallback = group === name ? uid : STATIC_GIDS.get(group);
  const whereOf = (key: Exclude<keyof typeof own, undefined>): Where =>
    own[key] === undefined ? { file: where.file, path: ["user", key] } : below(where, "user", key);
  const givenGid = own.gid ?? inherited;
  const formerName = formerNames(written.lock.lock, node.name, name)[0];
  const subIds = chooseSubIds(
    { name: node.name, node, where, user: { name, formerName, uid }, facts: undefined },
    written,
  );
  return {
    name,
    formerName,
    uid,
    group,
    gid: givenGid ?? fallback,
    home,
    storage: own.storage ?? user.storage ?? `${home}/.local/share/containers/storage`,
    extraGroups: user.extra_groups,
    subIds: subIds.subIds,
    subIdsFrom: subIds.from,
    where: {
      name: { file: where.file, path: ["user", "name"] },
      uid: whereOf("uid"),
      group: whereOf("group"),
      gid: whereOf(givenGid === undefined ? (group === name ? "uid" : "group") : "gid"),
      home: whereOf("home"),
      storage: whereOf("storage"),
      subIds: subIds.where,
    },
  };
}

function groupWithGid(gid: number | undefined): string | undefined {
  return [...STATIC_GIDS].find(([, its]) => its === gid)?.[0];
}

/** A group that the host has already: nothing says its gid but who writes it down. */
function checkGroups(hosts: readonly Host[], report: Report): void {
  const lacking = hosts.filter(({ user }) => user.gid === undefined && !hasOwnGroup(user));
  for (const its of groupBy(lacking, ({ user }) => user.where.group.path.join(".")).values()) {
    const [{ user } = { user: undefined }] = its;
    if (user === undefined) continue;
    report(
      user.where.group,
      `the gid of ${user.group}, the primary group of ${user.name}, is missing for ${its.map(({ name }) => name).join(", ")}`,
      `Add gid = … next to group: getent group ${user.group} shows it on the host.`,
    );
  }
}

/** The homes and storages that no unit can name. */
function checkHomes({ user, nodes }: Inventory, file: string, report: Report): void {
  const users = [
    { its: user, path: ["user"] },
    ...nodes.map((node, index) => ({ its: node.user ?? {}, path: ["nodes", index, "user"] })),
  ];
  for (const { its, path } of users) {
    for (const key of ["home", "storage"] as const) {
      const folder = its[key];
      if (folder === undefined || isUnitText(folder)) continue;
      report(
        { file, path: [...path, key] },
        `${key} is ${JSON.stringify(folder)}, which has a code point in it that is no character`,
        "Rename the directory: systemd ignores a line with such a path.",
      );
    }
  }
}

/** A service whose routes have no ports yet. */
interface OpenService extends Service {
  readonly components: readonly OpenComponent[];
}

interface OpenComponent extends Component {
  readonly routes: readonly OpenRoute[];
}

type OpenRoute = { -readonly [Key in keyof Route]: Route[Key] };

function resolveService(
  { source, value }: Document<ServiceDefinition>,
  host: string | undefined,
  report: Report,
): OpenService {
  const where: Where = { file: source.file, path: [] };
  return {
    name: value.name,
    definition: value,
    where,
    host,
    components: value.components.map((component, index) =>
      resolveComponent(value.name, component, source.file, index, report),
    ),
  };
}

/** A network is defined once on a host, and is not one that podman has by itself. */
function checkNetworks(services: readonly Service[], report: Report): void {
  const first = new Map<string, Service>();
  for (const service of services.filter(({ definition }) => definition.active)) {
    for (const [index, { name }] of service.definition.networks.entries()) {
      const place = below(service.where, "networks", index, "name");
      const key = `${service.host ?? ""}/${name}`;
      const other = first.get(key);
      if (BUILT_IN_NETWORKS.has(name) || !isJoinable(name)) {
        const message = `${JSON.stringify(name)} is a network that podman has by itself`;
        report(place, message, "Give the network another name.");
      } else if (other !== undefined) {
        const message = `the network ${JSON.stringify(name)} is defined twice on ${service.host ?? "no host"}, also in ${other.where.file}`;
        report(place, message, "Remove one of the two: components of every service can join it.");
      } else first.set(key, service);
    }
  }
}

/** The networks of network, or of networks. */
function resolveAttachments(
  { network, networks }: ComponentDefinition,
  where: Where,
  report: Report,
): OpenComponent["attachments"] {
  if (network !== undefined && networks.length > 0) {
    report(
      below(where, "network"),
      `network = ${JSON.stringify(network)} stands beside networks`,
      isJoinable(network)
        ? `Move ${JSON.stringify(network)} into networks, or remove one of the two.`
        : "Remove one of the two.",
    );
  }
  if (network !== undefined) {
    if (!isJoinable(network)) return [];
    return [{ attachment: plainAttachment(network), where: below(where, "network") }];
  }
  const taken = new Set<string>();
  return mapKept(networks, (text, index) => {
    const place = below(where, "networks", index);
    const attachment = parseAttachment(text);
    if (typeof attachment === "string") {
      const help = `Write NAME[:OPTION=VALUE[,…]], e.g. "back:alias=db,ip=10.89.1.5".`;
      report(place, `${JSON.stringify(text)} is no network: ${attachment}`, help);
      return undefined;
    }
    const { network: name } = attachment;
    if (!isJoinable(name)) {
      const message = `${JSON.stringify(name)} is no network that containers can join`;
      report(place, message, `Write network = ${JSON.stringify(name)} in place of networks.`);
      return undefined;
    }
    if (taken.has(networkName(name))) {
      report(place, `the network ${JSON.stringify(name)} is there twice`, "Remove one of the two.");
      return undefined;
    }
    taken.add(networkName(name));
    return { attachment, where: place };
  });
}

function resolveComponent(
  service: string,
  definition: ComponentDefinition,
  file: string,
  number: number,
  report: Report,
): OpenComponent {
  const { name } = definition;
  // There are many: written out, they are made at once and as long as they must be.
  const placeOf = (key: string, index: number): Where => ({
    file,
    path: ["components", number, key, index],
  });
  const ports = mapKept(definition.ports, (text, index) => {
    const place = placeOf("ports", index);
    const port = parsePublishedPort(text);
    if (typeof port !== "string") return { port, where: place };
    report(
      place,
      `${JSON.stringify(text)} is no published port: ${port}`,
      'Write [[ADDRESS:][HOST]:]PORT[/PROTOCOL], e.g. "127.0.0.1:8080:80/tcp".',
    );
    return undefined;
  });
  const volumes = mapKept(definition.volumes, (text, index) => {
    const place = placeOf("volumes", index);
    const volume = parseVolume(text, place);
    if (volume !== undefined && isUnitText(text)) return volume;
    if (volume !== undefined) {
      report(
        place,
        `the volume ${JSON.stringify(text)} has a line break in it, or what is no character`,
        "Rename the directory: systemd reads no path with either.",
      );
      return undefined;
    }
    report(
      place,
      `${JSON.stringify(text)} is no volume`,
      'Write SOURCE:TARGET[:OPTIONS] with an absolute TARGET, e.g. "/srv/web:/data:ro".',
    );
    return undefined;
  });
  const component = { file, path: ["components", number] };
  return {
    name,
    service,
    container: containerName(service, name),
    definition,
    where: component,
    ports,
    volumes,
    attachments: resolveAttachments(definition, component, report),
    routes: resolveRoutes(definition, placeOf),
  };
}

/** What is made of the items; undefined for one of which nothing can be made. */
function mapKept<T, U>(
  items: readonly T[],
  make: (item: T, index: number) => U | undefined,
): readonly U[] {
  // Other than flatMap, this makes lists that are as long as they must be: there are many.
  const made = items.map(make);
  const isKept = (item: U | undefined): item is U => item !== undefined;
  return made.every(isKept) ? made : made.filter(isKept);
}

function parseVolume(text: string, where: Where): Volume | undefined {
  const parts = text.split(":");
  const [source, target, options] = parts;
  if (source === undefined || source === "" || parts.length > 3) return undefined;
  if (target === undefined || !target.startsWith("/") || text.includes("\n")) return undefined;
  return { source, target, options, where };
}

function resolveRoutes(
  { routes }: ComponentDefinition,
  placeOf: (key: string, index: number) => Where,
): OpenRoute[] {
  let unnamed = 0;
  return routes.map((definition, index) => {
    const key = definition.name ?? String(unnamed++);
    const suffix = key.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_");
    return {
      definition,
      key,
      hostPort: undefined,
      variable: routes.length === 1 ? "PORT" : `PORT_${suffix}`,
      where: placeOf("routes", index),
    };
  });
}

/** Gives each route its host port: those of the lock first, then the lowest free. */
function chooseRoutePorts(
  services: readonly OpenService[],
  hosts: readonly Host[],
  locked: Readonly<Record<string, number>>,
): void {
  const placed = groupBy(services, (service) => service.host);
  for (const host of hosts) {
    const here = placed.get(host.name) ?? [];
    const ports = new RoutePorts(portsTaken(host, here));
    const open: OpenRoute[] = [];
    for (const { name, components } of here) {
      for (const component of components) {
        for (const route of component.routes) {
          route.hostPort = ports.keep(locked[routeKey(host.name, name, component.name, route.key)]);
          if (route.hostPort === undefined) open.push(route);
        }
      }
    }
    for (const route of open) route.hostPort = ports.take();
  }
}

/** The ports of a host that are not for routes: its agent's, and those that containers take. */
function portsTaken(host: Host, services: readonly Service[]): Set<number> {
  const ranges = host.agent.map(({ endpoint: { port } }) => ({ first: port, last: port }));
  for (const { components } of services) {
    for (const component of components) ranges.push(...hostPortsOf(component));
  }
  const taken = new Set<number>();
  // In their order, so that each port is looked at once, however often ranges overlap.
  let next = 0;
  for (const { first, last } of ranges.sort((a, b) => a.first - b.first)) {
    for (next = Math.max(next, first); next <= last; next += 1) taken.add(next);
  }
  return taken;
}
