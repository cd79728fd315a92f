/** The fleet's own DNS: the service that answers its zones, and where. */
import { canonicalIp, isLoopback, isWildcard } from "./address.ts";
import type { Where } from "./finding.ts";
import { type Component, type Fleet, type Host, usesHostNetwork } from "./model.ts";

/** The port of DNS (RFC 1035). */
export const DNS_PORT = 53;

/** Whether a component is part of the service that answers the fleet's zones. */
export function isDnsService(fleet: Fleet, component: Component): boolean {
  return fleet.inventory.dns?.service === component.service;
}

/**
 * The addresses at which a component of a host answers DNS to others: those it publishes port 53 on,
 * and all of the host's where it publishes on a wildcard or shares the host's network.
 */
export function dnsAddressesOf(component: Component, host: Host): string[] {
  const published = component.ports
    .filter(({ port }) => port.host !== undefined && includesDns(port.host))
    .map(({ port }) => port.address);
  const everywhere = usesHostNetwork(component) || published.some(isWildcard);
  const addresses = everywhere ? host.ips.map(({ ip }) => ip) : published;
  return [...new Set(addresses.filter((address) => !isLoopback(address)))];
}

function includesDns(range: { readonly first: number; readonly last: number }): boolean {
  return range.first <= DNS_PORT && DNS_PORT <= range.last;
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
  const own = new Set(fleet.hosts.flatMap(({ ips }) => ips.map(({ ip }) => ip)));
  return (fleet.inventory.dns?.public ?? [])
    .map((address, index) => ({
      address,
      where: { file: fleet.file, path: ["dns", "public", index] },
    }))
    .filter(({ address }) => !own.has(canonicalIp(address)) && !isLoopback(address));
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
