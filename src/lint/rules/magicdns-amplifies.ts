import { dnsServices, internalResolvers } from "../../fleet/dns.ts";
import { below } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";

/**
 * Tailscale's MagicDNS takes every name of a host, and not those of the tailnet alone.
 *
 * With the routing domain "~." on its interface, systemd-resolved asks MagicDNS for everything, and
 * MagicDNS asks the servers that the tailnet's administrator has named. Where those are the fleet's
 * own DNS, one dead container takes away every name on every host of the tailnet: the operator of the
 * incident saw Tailscale fail, turned it off, and lost the way to rift as well (DNS collapse).
 *
 * Ignore it where the tailnet's global nameservers are public ones.
 *
 * @bad
 * ```toml nixgen.toml
 * [dns]
 * zones = ["svc.example.org"]
 * service = "ns"
 * public = ["1.1.1.1", "8.8.8.8"]
 * ```
 * ```toml services/ns.toml
 * name = "ns"
 * node = "alpha"
 *
 * [[components]]
 * name = "ns"
 * image = "registry.example/ns:v1.0.0"
 * ports = ["192.168.1.10:53:53/udp", "100.64.0.10:53:53/udp"]
 * ```
 * ```json facts/beta.json
 * {
 *   "schema": 1,
 *   "host": "beta",
 *   "resolver": {
 *     "links": [{ "interface": "tailscale0", "dns": ["100.100.100.100"], "domains": ["~."] }]
 *   }
 * }
 * ```
 * @good
 * ```toml nixgen.toml
 * [dns]
 * zones = ["svc.example.org"]
 * service = "ns"
 * public = ["1.1.1.1", "8.8.8.8"]
 * ```
 * ```toml services/ns.toml
 * name = "ns"
 * node = "alpha"
 *
 * [[components]]
 * name = "ns"
 * image = "registry.example/ns:v1.0.0"
 * ports = ["192.168.1.10:53:53/udp", "100.64.0.10:53:53/udp"]
 * ```
 * ```json facts/beta.json
 * {
 *   "schema": 1,
 *   "host": "beta",
 *   "resolver": {
 *     "links": [
 *       { "interface": "tailscale0", "dns": ["100.100.100.100"], "domains": ["tail1234.ts.net"] }
 *     ]
 *   }
 * }
 * ```
 */
export const rule: Rule = {
  id: "magicdns-amplifies",
  group: "dns",
  severity: "warning",
  summary: "MagicDNS takes every name of a host",
  audit: "also",
  *check(fleet) {
    const own = internalResolvers(fleet);
    // Without a DNS of the fleet's own there is nothing whose death could be amplified.
    if (own.length === 0) return;
    const services = dnsServices(fleet).map(({ name }) => name);
    for (const { name, facts } of fleet.hosts) {
      if (facts === undefined) continue;
      for (const [index, link] of (facts.facts.resolver?.links ?? []).entries()) {
        const domain = link.domains.indexOf("~.");
        if (!link.interface.startsWith("tailscale") || domain === -1) continue;
        const top = { file: facts.file, path: [] };
        yield {
          message: `${name} asks MagicDNS for every name: ${link.interface} has the routing domain "~."`,
          help: `Run "tailscale set --accept-dns=false" on ${name}, so that no name of another domain depends on it. If the tailnet's global nameservers are ${services.join(" and ")} (${own.join(", ")}), replace them with public ones.`,
          at: below(top, "resolver", "links", index, "domains", domain),
        };
      }
    }
  },
};
