import { dnsAddressesOf, isDnsService, isInZone } from "../../fleet/dns.ts";
import { below, type Component, type Fleet, hostOf } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";

/**
 * A DNS service of the fleet counts as healthy although it may not answer for the fleet's zones.
 *
 * Every host asks all addresses of the services of [dns]. A server that runs without its zone, or that cannot reach
 * the server it takes it from, says SERVFAIL, and dnsmasq (2.90 to 2.93) passes that on although another server has
 * the answer. The boot goes on with such a server if its health check only sees that it listens. Without a health
 * check of its own, it is asked for the first zone.
 *
 * Ignore it if the health check asks for the zone by other means.
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
 * health = { kind = "listen", port = 8080 }
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
 * health = { kind = "dns", name = "ns.svc.example.org" }
 * ```
 */
export const rule: Rule = {
  id: "dns-health",
  group: "dns",
  severity: "warning",
  summary: "the health check of a DNS service does not ask for its zone",
  *check(fleet) {
    const [zone] = fleet.inventory.dns?.zones ?? [];
    if (zone === undefined) return;
    for (const component of fleet.index.components.filter((each) => answers(fleet, each))) {
      const asks = unrelatedCheck(fleet, component);
      if (asks === undefined) continue;
      yield {
        message: `${component.container} must answer ${zone}, but its health check ${asks}`,
        help: `Remove health, which asks for ${zone} then, or write health = { kind = "dns", name = "${zone}" }.`,
        at: below(component.where, "health"),
      };
    }
  },
};

/** Whether hosts ask a component for the fleet's zones. */
function answers(fleet: Fleet, component: Component): boolean {
  const host = fleet.index.hostNamed.get(hostOf(fleet, component));
  return (
    host !== undefined &&
    isDnsService(fleet, component.service) &&
    dnsAddressesOf(component, host).length > 0
  );
}

/** What a health check does instead of asking for one of the zones; undefined if it may do that. */
function unrelatedCheck(fleet: Fleet, { definition: { health } }: Component): string | undefined {
  switch (health?.kind) {
    case "listen":
      return "only sees that it listens";
    case "http":
    case "grpc":
      return `asks for ${health.kind === "http" ? "HTTP" : "gRPC"} only`;
    case "dns":
      return health.name === undefined || isInZone(fleet, health.name)
        ? undefined
        : `asks for ${health.name}, which is in none of dns.zones`;
    case "exec":
    case undefined:
      return undefined;
  }
}
