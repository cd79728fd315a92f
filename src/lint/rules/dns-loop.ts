import { dnsServices } from "../../fleet/dns.ts";
import { selfResolvedRegistry, withoutPull } from "../queries/images.ts";
import type { Rule } from "../rule.ts";

/**
 * The fleet's DNS service pulls its image by a name that only it can resolve.
 *
 * With pull = "always" it never starts again once it is down: its registry's name is in a zone that
 * nobody answers until it runs. In the incident MCNS came back only because its image was still in
 * the host's storage (recovery, step 2). With "newer" podman falls back to the image that it has, but
 * only after every server has failed to answer: a warning. Where the facts show that the host does
 * not have the image, it cannot start from nothing whatever pull says: an info.
 *
 * Ignore it where another server answers the registry's name as well.
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
 * image = "registry.svc.example.org/ns:v1.0.0"
 * pull = "always"
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
 * image = "registry.svc.example.org/ns:v1.0.0"
 * pull = "missing"
 * ports = ["192.168.1.10:53:53/udp", "100.64.0.10:53:53/udp"]
 * ```
 */
export const rule: Rule = {
  id: "dns-loop",
  group: "dns",
  severity: "error",
  summary: "the DNS service pulls its image by a name that only it can resolve",
  audit: "also",
  fixable: true,
  *check(fleet) {
    const services = dnsServices(fleet).flatMap(
      ({ name }) => fleet.index.activeNamed.get(name) ?? [],
    );
    for (const service of services) {
      const host = fleet.index.hostNamed.get(service.host);
      for (const component of service.components) {
        const registry = selfResolvedRegistry(fleet, component);
        if (host === undefined || registry === undefined) continue;
        const others = services.filter(({ name }) => name !== service.name);
        const reason =
          others.length === 0
            ? `nothing but ${service.name} itself resolves ${registry}`
            : `nothing but ${service.name} itself and ${others.map(({ name }) => name).join(" and ")} resolve ${registry}`;
        const report = withoutPull(host, component, reason);
        if (report !== undefined) yield report;
      }
    }
  },
};
