import { below, type Fleet, type Host } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";

/**
 * A host's FallbackDNS= is never used, for DNS= is set as well.
 *
 * systemd-resolved asks the servers of FallbackDNS= only where no other server is known at all, and
 * not where those of DNS= are dead. Public servers there are the first thing that comes to mind
 * after an outage like the incident's (lesson 2), and change nothing: measured with the fleet's DNS
 * dead, google.com failed just as without them.
 *
 * Ignore it where the fallback is meant for the case that DNS= is emptied.
 *
 * @bad
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "resolver": {
 *     "resolved": { "dns": ["192.168.1.53"], "fallback_dns": ["1.1.1.1", "8.8.8.8"] }
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
  summary: "a host's FallbackDNS= is never used",
  audit: "also",
  *check(fleet) {
    for (const host of fleet.hosts) {
      const resolved = host.facts?.facts.resolver?.resolved;
      if (host.facts === undefined || resolved === undefined) continue;
      const asked = new Set(resolved.dns.map(serverOf));
      const inert = resolved.fallback_dns.filter((server) => !asked.has(serverOf(server)));
      if (asked.size === 0 || inert.length === 0) continue;
      const at = below({ file: host.facts.file, path: [] }, "resolver", "resolved");
      yield {
        message: `${host.name} never asks ${inert.join(", ")}: systemd-resolved ignores FallbackDNS= beside DNS=${resolved.dns.join(" ")}`,
        help: help(fleet, host),
        at: below(at, "fallback_dns"),
        related: [{ ...below(at, "dns"), message: "what it asks instead, dead or alive" }],
      };
    }
  },
};

/** A server without the name that its certificate must have: 1.1.1.1#cloudflare-dns.com. */
function serverOf(text: string): string {
  return text.replace(/#.*$/, "");
}

function help(fleet: Fleet, host: Host): string {
  const next = "then collect the facts again";
  return host.release !== undefined && fleet.inventory.dns !== undefined
    ? `Switch ${host.name} to the emitted modules, which send the fleet's zones to its own DNS and every other name to public resolvers; ${next}.`
    : `Name public resolvers in DNS= instead. Where internal names need servers of their own, split them with dnsmasq or, from systemd 258 on, with a dns-delegate file: one list of both is wrong. Remove FallbackDNS=; ${next}.`;
}
