import { dnsServices, internalResolvers, isDnsService, outsideResolvers } from "../../fleet/dns.ts";
import type { Annotated } from "../../finding/finding.ts";
import { nixosHosts } from "../../fleet/model.ts";
import { named } from "../queries/named.ts";
import { moreResolvers, PUBLIC_RESOLVERS } from "../queries/public-resolvers.ts";
import type { Rule } from "../rule.ts";

/**
 * Every resolver of a host is served by the fleet itself.
 *
 * When the fleet's DNS container is down, no name resolves any more, not even those that are needed
 * to bring it back: the registry's, the time server's. In the incident every host resolved names
 * through MCNS alone, and google.com was NXDOMAIN on all of them (root cause 4).
 *
 * Ignore it where a host must not resolve names outside of the fleet at all.
 *
 * @bad
 * ```toml nixgen.toml
 * [dns]
 * zones = ["svc.example.org"]
 * service = "ns"
 * public = []
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
 */
export const rule: Rule = {
  id: "dns-no-fallback",
  group: "dns",
  severity: "error",
  summary: "every resolver of a host is served by the fleet itself",
  fixable: true,
  *check(fleet) {
    const { dns } = fleet.inventory;
    if (dns === undefined || outsideResolvers(fleet).length > 0) return;
    const related: Annotated[] = fleet.services
      .filter(({ name, definition }) => definition.active && isDnsService(fleet, name))
      .map(({ name, where, host }) => ({
        ...where,
        path: ["name"],
        message: `${name} answers ${dns.zones.join(", ") || "no zone"}${host === undefined ? "" : ` on ${host}`}`,
      }));
    const own = internalResolvers(fleet);
    const hosts = nixosHosts(fleet).map(({ name }) => name);
    if (hosts.length === 0) return;
    yield {
      message:
        own.length === 0
          ? `nothing outside the fleet resolves names for ${named(hosts)}`
          : `every name on ${named(hosts)} is resolved through ${named(dnsServices(fleet).map(({ name }) => name))} (${own.join(", ")}) and nothing else`,
      help: 'Add public resolvers that do not depend on the fleet: public = ["1.1.1.1", "8.8.8.8"] in [dns].',
      at: { file: fleet.file, path: ["dns", "public"] },
      related,
      fix: moreResolvers(fleet, PUBLIC_RESOLVERS),
    };
  },
};
