import { internalResolvers } from "../../fleet/dns.ts";
import type { Annotated } from "../../fleet/finding.ts";
import { nixosHosts } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";

/**
 * Nothing in the fleet answers its zones.
 *
 * The hosts are told of no server for them, so internal names go to the public resolvers, which do not
 * know them. Usually the DNS service publishes port 53 on loopback only, or not at all.
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
    const service = fleet.services.find(
      ({ name, definition }) => name === dns.service && definition.active,
    );
    // The rules unknown-service and unknown-node say so.
    if (dns.service !== undefined && service?.host === undefined) return;
    const related: Annotated[] =
      service === undefined
        ? []
        : [{ ...service.where, path: ["name"], message: `${service.name} is defined here` }];
    yield {
      message:
        service === undefined
          ? `no service answers ${dns.zones.join(", ")}`
          : `${service.name} is to answer ${dns.zones.join(", ")}, but publishes port 53 on no address of ${service.host ?? "its host"}`,
      help:
        service === undefined
          ? 'Name the service that does: service = "…" in [dns]. Without one, remove the zones.'
          : `Publish port 53 on the addresses of ${service.host ?? "its host"}, e.g. ports = ["${fleet.index.hostNamed.get(service.host)?.ips[0]?.ip ?? "ADDRESS"}:53:53/udp"].`,
      at: { file: fleet.file, path: ["dns", "zones"] },
      related,
    };
  },
};
