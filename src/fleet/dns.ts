/** The fleet's own DNS: the service that answers its zones, and where. */
import { ipVersion, isLoopback, isWildcard, unmappedIp } from "./address.ts";
import type { Where } from "./finding.ts";
import {
  type Component,
  type Fleet,
  hasOwnNetwork,
  type Host,
  hostOf,
  usesHostNetwork,
} from "./model.ts";
import type { PortRange } from "./port.ts";

/** The port of DNS (RFC 1035). */
export const DNS_PORT = 53;

/** Whether a component is part of the service that answers the fleet's zones. */
export function isDnsService(fleet: Fleet, component: Component): boolean {
  return fleet.inventory.dns?.service === component.service;
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
 * Where a rootless container reaches the resolver of its host: what is asked there, pasta asks the first server of
 * the host's resolv.conf for (pasta(1), --dns-forward; podman-network(1)). The same for all networks.
 */
export const HOST_RESOLVER = "169.254.1.1";

/**
 * The resolvers that a component's containers are given; none if podman chooses them. podman copies those of the host
 * that are no loopback addresses, and adds public ones if there are no others: internal and public ones in one list.
 * So where [dns] sets up the host's own resolver, containers ask that one alone; only what answers the fleet's zones
 * does not ask itself. A resolver in a component's own definition would come first here.
 */
export function containerResolvers(fleet: Fleet, component: Component): readonly string[] {
  const host = fleet.index.hostNamed.get(hostOf(fleet, component));
  if (fleet.inventory.dns === undefined || host?.release === undefined) return [];
  if (!hasOwnNetwork(component)) return [];
  return isDnsService(fleet, component)
    ? [...new Set(outsideResolvers(fleet).map(({ address }) => address))]
    : [HOST_RESOLVER];
}

/** The addresses at which the fleet's own DNS answers, in the order of its definition. */
export function internalResolvers(fleet: Fleet): string[] {
  const named = fleet.index.activeNamed.get(fleet.inventory.dns?.service ?? "") ?? [];
  const addresses = named.flatMap(({ host: name, components }) => {
    const host = fleet.index.hostNamed.get(name);
    if (host === undefined) return [];
    return components.flatMap((component) => dnsAddressesOf(component, host));
  });
  return [...new Set(addresses)];
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

/** The address of a server as resolved.conf(5) writes it: `ADDRESS[:PORT][%INTERFACE][#NAME]`, IPv6 in brackets before a port. */
export function resolvedServerAddress(text: string): string {
  const [server = ""] = text.split(/[%#]/, 1);
  const [, bracketed, v4] = /^(?:\[([^\]]*)\](?::[0-9]+)?|([^:]*):[0-9]+)$/.exec(server) ?? [];
  return unmappedIp(bracketed ?? v4 ?? server);
}

/** Whether a name is in one of the zones that the fleet's own DNS answers. */
export function isInZone(fleet: Fleet, name: string): boolean {
  const plain = plainName(name);
  return (fleet.inventory.dns?.zones ?? [])
    .map(plainName)
    .some((zone) => plain === zone || plain.endsWith(`.${zone}`));
}

/** DNS does not tell upper case from lower, nor a name with the root's dot from one without. */
function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}
