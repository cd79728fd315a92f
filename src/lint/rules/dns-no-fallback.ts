import { internalResolvers, outsideResolvers } from "../../fleet/dns.ts";
import type { Annotated } from "../../fleet/finding.ts";
import { nixosHosts } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";

/**
 * Every resolver of a host is served by the fleet itself.
 *
 * When the fleet's DNS container is down, no name resolves any more, not even those that are needed
 * to bring it back: the registry's, the time server's. In the incident every host resolved names
 * through MCNS alone, and google.com was NXDOMAIN on all of them (root cause 4).
 */
export const rule: Rule = {
  id: "dns-no-fallback",
  severity: "error",
  summary: "every resolver of a host is served by the fleet itself",
  *check(fleet) {
    const { dns } = fleet.inventory;
    if (dns === undefined || outsideResolvers(fleet).length > 0) return;
    const related: Annotated[] = fleet.services
      .filter(({ name, definition }) => definition.active && name === dns.service)
      .map(({ name, where, host }) => ({
        ...where,
        path: ["name"],
        message: `${name} answers ${dns.zones.join(", ") || "no zone"}${host === undefined ? "" : ` on ${host}`}`,
      }));
    const own = internalResolvers(fleet);
    for (const host of nixosHosts(fleet)) {
      yield {
        message:
          dns.service === undefined || own.length === 0
            ? `${host.name} has no resolver outside the fleet`
            : `${host.name} resolves every name through ${dns.service} (${own.join(", ")}) and nothing else`,
        help: 'Add public resolvers that do not depend on the fleet: public = ["1.1.1.1", "8.8.8.8"] in [dns].',
        at: { file: fleet.file, path: ["dns", "public"] },
        related,
      };
    }
  },
};
