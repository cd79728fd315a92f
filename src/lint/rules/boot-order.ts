import { dependenciesOf, stageIndex } from "../../fleet/boot.ts";
import type { Rule } from "../rule.ts";

/**
 * A service depends on one that starts in a later boot stage, or in none.
 *
 * It could never start: its stage waits for it, and the later stage waits for its stage.
 */
export const rule: Rule = {
  id: "boot-order",
  group: "boot",
  severity: "error",
  summary: "a service depends on one that starts in a later boot stage",
  *check(fleet) {
    const { sequence } = fleet.inventory.boot;
    const last = sequence.length;
    const hostOf = new Map(fleet.services.map(({ name, host }) => [name, host]));
    for (const service of fleet.services) {
      if (!service.definition.active) continue;
      const stage = stageIndex(fleet, service.name) ?? last;
      for (const component of service.components) {
        for (const { where, targets } of dependenciesOf(fleet, component)) {
          for (const target of targets) {
            const theirs = stageIndex(fleet, target.service) ?? last;
            // What is on another host is not ordered at all: the rule unknown-service says so.
            if (theirs <= stage || hostOf.get(target.service) !== service.host) continue;
            const [early, late] = [sequence[stage]?.name, sequence[theirs]?.name];
            yield {
              message: `${component.container} starts in boot stage ${early ?? ""}, but depends on ${target.container}, which starts ${late === undefined ? "after the last stage" : `later, in ${late}`}`,
              help: `Move ${target.service} into ${early ?? "its stage"} or an earlier stage, or ${service.name} into a later one.`,
              at: where,
              related: [
                {
                  file: fleet.file,
                  path: ["boot", "sequence", stage, "services"],
                  message: `${early ?? ""} has ${service.name}`,
                },
              ],
            };
          }
        }
      }
    }
  },
};
