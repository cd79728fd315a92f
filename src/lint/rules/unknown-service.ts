import { dependenciesOf } from "../../fleet/boot.ts";
import { suggestion } from "../../fleet/suggest.ts";
import type { Rule } from "../rule.ts";

/**
 * A service or component is named that is not defined or not active.
 *
 * Checked for the fleet's DNS ([dns] service), its registry ([registry] service) and depends_on. A
 * dependency must also be on the same host: systemd orders the units of one host only.
 */
export const rule: Rule = {
  id: "unknown-service",
  severity: "error",
  summary: "a service is named that is not defined",
  *check(fleet) {
    const known = fleet.services
      .filter(({ definition }) => definition.active)
      .map(({ name }) => name);
    for (const table of ["dns", "registry"] as const) {
      const name = fleet.inventory[table]?.service;
      if (name === undefined || known.includes(name)) continue;
      yield {
        message: `[${table}] names the service ${name}, which is not defined or not active`,
        help: suggestion(name, known),
        at: { file: fleet.file, path: [table, "service"] },
      };
    }
    const hostOf = new Map(fleet.services.map(({ name, host }) => [name, host]));
    for (const service of fleet.services) {
      if (!service.definition.active) continue;
      for (const component of service.components) {
        for (const { entry, where, targets } of dependenciesOf(fleet, component)) {
          if (targets.length === 0) {
            const siblings = service.components.map(({ name }) => name);
            yield {
              message: `${component.container} depends on ${entry}, which is not defined or not active`,
              help: suggestion(
                entry,
                [...siblings, ...known].filter((name) => name !== component.name),
              ),
              at: where,
            };
          }
          const away = targets.find((target) => hostOf.get(target.service) !== service.host);
          if (away === undefined) continue;
          yield {
            message: `${component.container} depends on ${away.container}, which is on ${hostOf.get(away.service) ?? "no host"} and not on ${service.host ?? "its host"}`,
            help: "systemd orders units within one host only: put both on one host, or let the service wait for the other one itself.",
            at: where,
          };
        }
      }
    }
  },
};
