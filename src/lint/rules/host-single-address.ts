import { canonicalIp, isLinkLocal, isLoopback, isPrivate } from "../../podman/address.ts";
import { isDnsService } from "../../fleet/dns.ts";
import type { Annotated } from "../../finding/finding.ts";
import { below, type Fleet, type Host, nixosHosts, servicesOn } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";

/**
 * A host that others rely on has only one IP address in the inventory.
 *
 * Its agent, its DNS and its registry can then be reached by one network only, and no rule can tell
 * that they should listen on another. It is an action item of the incident: addresses of the Tailnet
 * and of the LAN, and the host name, for every node. Where the facts show that the host has another
 * address on another interface it is a warning; where they show that it has none, there is nothing
 * to say; where there are no facts, an info.
 *
 * Ignore it for a host that is on one network only.
 *
 * @bad
 * ```toml nixgen.toml
 * [[nodes]]
 * name = "alpha"
 * os = "nixos"
 * nixos_release = "25.11"
 * role = "master"
 * addresses = { vpn = "100.64.0.10" }
 * agent = { listen = ["100.64.0.10:9444"] }
 * ```
 * @good
 * ```toml nixgen.toml
 * [[nodes]]
 * name = "alpha"
 * os = "nixos"
 * nixos_release = "25.11"
 * role = "master"
 * addresses = { lan = "192.168.1.10", vpn = "100.64.0.10" }
 * agent = { listen = ["192.168.1.10:9444", "100.64.0.10:9444"] }
 * ```
 */
export const rule: Rule = {
  id: "host-single-address",
  group: "addresses",
  severity: "info",
  summary: "a host that others rely on has only one IP address in the inventory",
  needsAll: true,
  audit: "also",
  *check(fleet) {
    for (const host of nixosHosts(fleet)) {
      const [only, ...more] = host.ips.filter(({ ip }) => !isLoopback(ip) && !isLinkLocal(ip));
      const needed = needs(fleet, host);
      if (only === undefined || more.length > 0 || needed === undefined) continue;
      const others = addressesBeside(host, only.ip);
      if (others?.length === 0) continue;
      yield {
        message: `${host.name} has only the address ${only.ip}: when that network is down, ${needed} cannot be reached`,
        help:
          others === undefined
            ? `Add its addresses in other networks to addresses of ${host.name}, e.g. lan = "…" beside vpn = "…".`
            : `Add ${others.map(({ address }) => address).join(", ")} to addresses of ${host.name}, and let ${needed} listen there too.`,
        at: only.where,
        related: others ?? [],
        ...(others !== undefined && { severity: "warning" }),
      };
    }
  },
};

/** What others need a host for; undefined where nothing would be missed from afar. */
function needs(fleet: Fleet, host: Host): string | undefined {
  if (host.agent.some(({ endpoint }) => !isLoopback(endpoint.address)))
    return `the agent of ${host.name}`;
  const { registry } = fleet.inventory;
  return servicesOn(fleet, host.name).find(
    ({ name }) => isDnsService(fleet, name) || name === registry?.service,
  )?.name;
}

/** Bridges and the like, whose addresses are the host's own affair. */
const VIRTUAL_INTERFACE = /^(?:br-|cni|docker|lxc|lxd|podman|veth|virbr)/;

/**
 * The addresses that a host really has on other interfaces than this one's; undefined where they were
 * not collected, or where this one is not among them. A public one is no second way to what listens on
 * a private one.
 */
function addressesBeside(
  { name, facts }: Host,
  ip: string,
): (Annotated & { readonly address: string })[] | undefined {
  const found = facts?.facts.addresses?.map((entry, index) => ({ ...entry, index }));
  const own = found?.find(({ address }) => canonicalIp(address) === ip)?.interface;
  if (facts === undefined || found === undefined || own === undefined) return undefined;
  return found
    .filter((entry) => entry.interface !== own && !VIRTUAL_INTERFACE.test(entry.interface))
    .filter(({ address }) => isPrivate(address) === isPrivate(ip))
    .map(({ address, interface: device, index }) => ({
      ...below({ file: facts.file, path: [] }, "addresses", index, "address"),
      message: `${name} also has ${address}, on ${device}`,
      address,
    }));
}
