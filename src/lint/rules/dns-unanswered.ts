import { DNS_PORT, dnsServices, internalResolvers, isDnsService } from "../../fleet/dns.ts";
import type { Annotated } from "../../finding/finding.ts";
import { nixosHosts, type Service } from "../../fleet/model.ts";
import { rangesOverlap } from "../../podman/port.ts";
import type { Rule } from "../rule.ts";

/**
 * Nothing in the fleet answers its zones.
 *
 * The hosts are told of no server for them, so internal names go to the public resolvers, which do not
 * know them. Usually the DNS service publishes port 53 on loopback only, by TCP only, or not at all. In the incident
 * the same was true for two hours: no answer for mcq.svc.mcp.metacircular.net (DNS collapse).
 *
 * Ignore it where public servers answer the zones as well.
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
 * ports = ["127.0.0.1:5353:53/udp"]
 * health = { kind = "exec", command = ["ns", "check"] }
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
  id: "dns-unanswered",
  group: "dns",
  severity: "warning",
  summary: "nothing in the fleet answers its zones",
  *check(fleet) {
    const { dns } = fleet.inventory;
    const [zone] = dns?.zones ?? [];
    if (dns === undefined || zone === undefined || nixosHosts(fleet).length === 0) return;
    if (internalResolvers(fleet).length > 0) return;
    const named = dnsServices(fleet);
    const service = fleet.services.find(
      ({ name, host, definition }) =>
        definition.active && host !== undefined && isDnsService(fleet, name),
    );
    // The rules unknown-service and unknown-node say so.
    if (named.length > 0 && service === undefined) return;
    const related: Annotated[] =
      service === undefined
        ? []
        : [{ ...service.where, path: ["name"], message: `${service.name} is defined here` }];
    yield {
      message:
        service === undefined
          ? `no service answers ${dns.zones.join(", ")}`
          : `${service.name} must answer ${dns.zones.join(", ")}, but publishes port 53${byTcp(service) ? " by TCP only, and resolvers ask by UDP" : `/udp on no address of ${service.host ?? "its host"}`}`,
      help:
        service === undefined
          ? 'Name the service that does: service = "…" in [dns]. Without one, remove the zones.'
          : `Publish port 53/udp on the addresses of ${service.host ?? "its host"}, e.g. ports = ["${fleet.index.hostNamed.get(service.host)?.ips[0]?.ip ?? "ADDRESS"}:53:53/udp"].`,
      at: { file: fleet.file, path: ["dns", "zones"] },
      related,
    };
  },
};

/** Whether a service publishes port 53 by TCP. */
function byTcp({ components }: Service): boolean {
  return components.some(({ ports }) =>
    ports.some(
      ({ port: { host, protocol } }) =>
        protocol === "tcp" &&
        host !== undefined &&
        rangesOverlap(host, { first: DNS_PORT, last: DNS_PORT }),
    ),
  );
}
