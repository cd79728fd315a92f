import type { Where } from "../../document/place.ts";
import { ipVersion, isPrivate } from "../../podman/address.ts";
import { isForwarded, isInZone, outsideResolvers, plainName } from "../../fleet/dns.ts";
import { below, type Fleet, nixosHosts } from "../../fleet/model.ts";
import { named } from "../queries/named.ts";
import type { Rule } from "../rule.ts";

/**
 * A host of the fleet looks up a name in a private zone, and no server of [dns] can answer it.
 *
 * [dns] takes over the name resolution of the NixOS hosts: names outside of dns.zones and [[dns.forward]] go to
 * dns.public. A public resolver knows nothing of a tailnet (`*.ts.net`), a router (`fritz.box`, `.lan`) or a company:
 * the name does not resolve, and the resolver learns it. A router or another private address in dns.public may know
 * it, so that nothing is reported if dns.public has no other. `.local` is for mDNS: DNS does not answer it.
 *
 * The names are those of the registry, of where an agent listens, and of hosts that another NixOS host may look up.
 *
 * Ignore it for a name that only other machines use.
 *
 * @bad
 * ```toml nixgen.toml
 * [[nodes]]
 * name = "alpha"
 * os = "nixos"
 * nixos_release = "25.11"
 * role = "master"
 * addresses = { lan = "192.168.1.10", vpn = "100.64.0.10", hostname = "alpha.tail1234.ts.net" }
 *
 * [[nodes]]
 * name = "beta"
 * os = "nixos"
 * nixos_release = "25.11"
 * role = "worker"
 * addresses = { lan = "192.168.1.11", vpn = "100.64.0.11" }
 * ```
 * @good
 * ```toml nixgen.toml
 * [dns]
 * public = ["1.1.1.1", "8.8.8.8"]
 *
 * [[dns.forward]]
 * zones = ["tail1234.ts.net"]
 * servers = ["100.100.100.100"]
 *
 * [[nodes]]
 * name = "alpha"
 * os = "nixos"
 * nixos_release = "25.11"
 * role = "master"
 * addresses = { lan = "192.168.1.10", vpn = "100.64.0.10", hostname = "alpha.tail1234.ts.net" }
 *
 * [[nodes]]
 * name = "beta"
 * os = "nixos"
 * nixos_release = "25.11"
 * role = "worker"
 * addresses = { lan = "192.168.1.11", vpn = "100.64.0.11" }
 * ```
 */
export const rule: Rule = {
  id: "dns-name-unanswered",
  group: "dns",
  severity: "warning",
  summary: "a host looks up a name in a private zone that no server of [dns] can answer",
  *check(fleet) {
    if (fleet.inventory.dns === undefined || nixosHosts(fleet).length === 0) return;
    const strangers = outsideResolvers(fleet)
      .map(({ address }) => address)
      .filter((address) => !isPrivate(address));
    for (const { name, what, where } of namesOf(fleet)) {
      const zone = privateZone(name);
      if (zone === undefined || isInZone(fleet, name) || isForwarded(fleet, name)) continue;
      if (zone !== MDNS && strangers.length === 0) continue;
      const who = zone === MDNS ? "DNS does not" : `${named(strangers)} of dns.public cannot`;
      yield {
        message: `${name}, ${what}, is in the private zone ${zone}, which ${who} answer`,
        help: help(zone),
        at: where,
      };
    }
  },
};

/** The names of the inventory that a NixOS host looks up, as far as the inventory tells. */
function* namesOf(fleet: Fleet): Generator<{ name: string; what: string; where: Where }> {
  for (const { name: host, node, where, agent } of fleet.hosts) {
    const alone = nixosHosts(fleet).every((other) => other.name === host);
    for (const [network, name] of Object.entries(node.addresses)) {
      if (alone || ipVersion(name) !== 0) continue;
      yield {
        name,
        what: `the ${network} address of ${host}`,
        where: below(where, "addresses", network),
      };
    }
    for (const { endpoint, where: place } of agent) {
      const { address: name } = endpoint;
      if (ipVersion(name) === 0) yield { name, what: `where the agent of ${host} listens`, where: place }; // prettier-ignore
    }
  }
  const { registry } = fleet.inventory;
  if (registry === undefined) return;
  const name = registry.host.replace(/:[0-9]+$/, "");
  yield { name, what: "the registry", where: { file: fleet.file, path: ["registry", "host"] } };
}

/** Zones that are no public ones: RFC 6762 (appendix G), RFC 8375, ICANN's .internal, Tailscale's, AVM's. */
const PRIVATE =
  /(?:^|\.)([^.]+\.ts\.net|fritz\.box|home\.arpa|local|localdomain|lan|home|internal|intranet|private|corp)$/;

/** RFC 6762: asked by multicast on the link. */
const MDNS = "local";

function privateZone(name: string): string | undefined {
  return PRIVATE.exec(plainName(name))?.[1];
}

function help(zone: string): string {
  if (zone === MDNS) return "Write an IP address, or a name of another zone.";
  const servers = zone.endsWith(".ts.net") ? '["100.100.100.100"]' : '["ADDRESS"]';
  return `Name the servers that answer it: [[dns.forward]] with zones = ["${zone}"] and servers = ${servers}. Or write an IP address.`;
}
