/** The fleet's own DNS: the services that answer its zones, and where; the servers of everything else. */
import { HOST_RESOLVER } from "../podman/network.ts";
import type { Where } from "../document/place.ts";
import { ipVersion, isLoopback, isWildcard, unmappedIp } from "../podman/address.ts";
import {
  type Component,
  type Fleet,
  hasOwnNetwork,
  type Host,
  hostOf,
  usesHostNetwork,
} from "./model.ts";
import type { PortRange } from "../podman/port.ts";

/** The port of DNS (RFC 1035). */
export const DNS_PORT = 53;

/** The services that answer the fleet's zones, defined or not, each with where it is named. */
export function dnsServices({
  inventory: { dns },
  file,
}: Pick<Fleet, "inventory" | "file">): { readonly name: string; readonly where: Where }[] {
  if (dns === undefined) return [];
  const further = dns.services.map((name, index) => ({
    name,
    where: { file, path: ["dns", "services", index] },
  }));
  return dns.service === undefined
    ? further
    : [{ name: dns.service, where: { file, path: ["dns", "service"] } }, ...further];
}

/** Whether a service is one that answers the fleet's zones. */
export function isDnsService({ inventory: { dns } }: Fleet, service: string): boolean {
  return dns !== undefined && (dns.service === service || dns.services.includes(service));
}

/**
 * The addresses at which a component of a host answers DNS to others: those it publishes port 53/udp on,
 * and all of the host's if it publishes on a wildcard or shares the host's network. Port 53/tcp alone does not
 * count: resolvers ask by UDP first.
 */
export function dnsAddressesOf(component: Component, host: Host): string[] {
  const published = component.ports
    .filter(
      ({ port: { host, protocol } }) =>
        protocol === "udp" && host !== undefined && includesDns(host),
    )
    .map(({ port }) => port.address);
  const everywhere = usesHostNetwork(component) || published.some(isWildcard);
  const addresses = everywhere ? host.ips.map(({ ip }) => ip) : published;
  return [...new Set(addresses.filter((address) => !isLoopback(address)))];
}

function includesDns(range: PortRange): boolean {
  return range.first <= DNS_PORT && DNS_PORT <= range.last;
}

/**
 * The resolvers that a component's containers are given; none if podman chooses them. podman copies those of the host
 * that are no loopback addresses, and adds public ones if there are no others: internal and public ones in one list.
 * So where [dns] sets up the host's own resolver, containers ask that one alone; only what answers the fleet's zones
 * does not ask itself. A definition's own resolvers win.
 */
export function containerResolvers(fleet: Fleet, component: Component): readonly string[] {
  const { dns } = component.definition;
  if (dns !== undefined && dns.length > 0) return dns;
  const host = fleet.index.hostNamed.get(hostOf(fleet, component));
  if (fleet.inventory.dns === undefined || host?.release === undefined) return [];
  if (!hasOwnNetwork(component)) return [];
  return isDnsService(fleet, component.service)
    ? [...new Set(outsideResolvers(fleet).map(({ address }) => address))]
    : [HOST_RESOLVER];
}

/** The addresses at which the fleet's own DNS answers, in the order of its definition. */
export function internalResolvers(fleet: Fleet): string[] {
  const named = dnsServices(fleet).flatMap(({ name }) => fleet.index.activeNamed.get(name) ?? []);
  const addresses = named.flatMap(({ host: name, components }) => {
    const host = fleet.index.hostNamed.get(name);
    if (host === undefined) return [];
    return components.flatMap((component) => dnsAddressesOf(component, host));
  });
  return [...new Set(addresses)];
}

/** The zones that have servers of their own, with these: the fleet's, then those of [[dns.forward]]. */
export function splitZones(
  fleet: Fleet,
): { readonly zones: readonly string[]; readonly servers: readonly string[] }[] {
  const { zones = [], forward = [] } = fleet.inventory.dns ?? {};
  return [
    { zones, servers: internalResolvers(fleet) },
    ...forward.map((each) => ({
      zones: each.zones,
      servers: [...new Set(each.servers.map(unmappedIp))],
    })),
  ].filter((each) => each.zones.length > 0 && each.servers.length > 0);
}

/** The resolvers of [dns] that do not depend on the fleet itself. */
export function outsideResolvers(fleet: Fleet): { address: string; where: Where }[] {
  const own = new Set(fleet.hosts.flatMap(({ ips }) => ips.map(({ ip }) => unmappedIp(ip))));
  return (fleet.inventory.dns?.public ?? [])
    .map((address, index) => ({
      address: unmappedIp(address),
      where: { file: fleet.file, path: ["dns", "public", index] },
    }))
    .filter(({ address }) => !own.has(address) && !isLoopback(address));
}

/**
 * Why nothing can be asked at an address, as a text that follows "… is"; undefined if that is not known.
 * An IPv6 link-local address is reached by its interface's name alone, which a resolver of all hosts cannot have.
 */
export function unusableResolver(address: string): string | undefined {
  const plain = unmappedIp(address);
  switch (ipVersion(plain)) {
    case 0:
      return "not an IP address";
    case 4:
      if (plain === "255.255.255.255") return "the broadcast address";
      if (plain.startsWith("0.")) return "the unspecified address";
      return /^2(?:2[4-9]|3[0-9])\./.test(plain) ? "a multicast address" : undefined;
    case 6:
      if (plain === "::") return "the unspecified address";
      if (/^fe[89ab]/i.test(plain)) return "a link-local address without its interface";
      return /^ff/i.test(plain) ? "a multicast address" : undefined;
  }
}

/** Whether dnsmasq or systemd-resolved listens at an address on a host that is set up: a server there would ask itself. */
export function isOwnResolver(address: string): boolean {
  return /^(?:127\.0\.0\.(?:1|53|54)|::1)$/.test(unmappedIp(address));
}

/** The address of a server as resolved.conf(5) writes it: `ADDRESS[:PORT][%INTERFACE][#NAME]`, IPv6 in brackets before a port. */
export function resolvedServerAddress(text: string): string {
  const [server = ""] = text.split(/[%#]/, 1);
  const [, bracketed, v4] = /^(?:\[([^\]]*)\](?::[0-9]+)?|([^:]*):[0-9]+)$/.exec(server) ?? [];
  return unmappedIp(bracketed ?? v4 ?? server);
}

/** Whether a name is in one of the zones that the fleet's own DNS answers. */
export function isInZone(fleet: Fleet, name: string): boolean {
  return isBelow(name, fleet.inventory.dns?.zones ?? []);
}

/** Whether a name is in a zone that [[dns.forward]] has servers for. */
export function isForwarded(fleet: Fleet, name: string): boolean {
  return (fleet.inventory.dns?.forward ?? []).some(({ zones }) => isBelow(name, zones));
}

/** Whether a name is one of the zones, or below one. */
export function isBelow(name: string, zones: readonly string[]): boolean {
  const plain = plainName(name);
  return zones.map(plainName).some((zone) => plain === zone || plain.endsWith(`.${zone}`));
}

/** DNS does not tell upper case from lower, nor a name with the root's dot from one without. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}
