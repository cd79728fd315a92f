import { internalResolvers, resolvedServerAddress } from "../../fleet/dns.ts";
import { below, type Fleet, type Host } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";

/**
 * A host asks the fleet's own DNS alone, and its FallbackDNS= will not help.
 *
 * systemd-resolved asks the servers of FallbackDNS= only where no other server is known at all, and
 * not where those of DNS= are dead. Public servers there are the first thing that comes to mind
 * after an outage like the incident's (lesson 2), and do not cure it: with the fleet's DNS dead, google.com fails
 * as it does without them. They make it worse for programs that read resolv.conf: instead of an error at once they
 * get no answer, for 8 seconds with systemd 257 and for longer than 100 seconds with 262. systemd has public servers
 * there by default as well, so if DNS= names others than the fleet's own, there is nothing to say.
 *
 * Ignore it where a host must not resolve names outside of the fleet at all.
 *
 * @bad
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "resolver": {
 *     "resolved": { "dns": ["192.168.1.10"], "fallback_dns": ["1.1.1.1", "8.8.8.8"] }
 *   }
 * }
 * ```
 * @good
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "resolver": { "nameservers": ["127.0.0.1", "::1"] }
 * }
 * ```
 */
export const rule: Rule = {
  id: "dns-fallback-inert",
  group: "dns",
  severity: "warning",
  summary: "FallbackDNS= does not help a host that asks the fleet's own DNS alone",
  audit: "also",
  *check(fleet) {
    const ips = fleet.hosts.flatMap((host) => host.ips.map(({ ip }) => ip));
    const own = new Set([...ips, ...internalResolvers(fleet)]);
    for (const host of fleet.hosts) {
      const resolved = host.facts?.facts.resolver?.resolved;
      if (host.facts === undefined || resolved === undefined) continue;
      const { dns, fallback_dns: fallback } = resolved;
      const isOwn = (server: string): boolean => own.has(resolvedServerAddress(server));
      const outside = fallback.filter((server) => !isOwn(server));
      if (dns.length === 0 || outside.length === 0 || !dns.every(isOwn)) continue;
      const at = below({ file: host.facts.file, path: [] }, "resolver", "resolved");
      yield {
        message: `${host.name} asks the fleet's own DNS alone (${dns.join(", ")}), and never ${outside.join(", ")}: FallbackDNS= is not used beside DNS=`,
        help: help(fleet, host),
        at: below(at, "fallback_dns"),
        related: [{ ...below(at, "dns"), message: "what it asks instead, dead or alive" }],
      };
    }
  },
};

function help(fleet: Fleet, host: Host): string {
  const next = "then collect the facts again";
  return host.release !== undefined && fleet.inventory.dns !== undefined
    ? `Switch ${host.name} to the emitted modules, which send the fleet's zones to its own DNS and every other name to public resolvers; ${next}.`
    : `Name public resolvers in DNS= instead. Where internal names need servers of their own, split them with dnsmasq or, from systemd 258 on, with a dns-delegate file: one list of both is wrong. Remove FallbackDNS=; ${next}.`;
}
