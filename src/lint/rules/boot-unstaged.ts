import { stageIndex } from "../../fleet/boot.ts";
import type { Rule } from "../rule.ts";

/**
 * A service is in no stage of the boot sequence.
 *
 * It starts after the last stage, which is right for most applications and wrong for what others need.
 * Without any boot sequence nothing is ordered at all: after the reboot of rift somebody had to know
 * the order by heart (incident, root cause 3), so there it is a warning.
 */
export const rule: Rule = {
  id: "boot-unstaged",
  severity: "info",
  summary: "a service is in no stage of the boot sequence",
  *check(fleet) {
    const { sequence } = fleet.inventory.boot;
    const last = sequence.at(-1);
    const active = fleet.services.filter(({ definition }) => definition.active);
    // A single service needs no order.
    if (last === undefined && active.length < 2) return;
    for (const { name, where } of active) {
      if (stageIndex(fleet, name) !== undefined) continue;
      yield {
        message:
          last === undefined
            ? `service ${name} starts in no particular order: there is no boot sequence`
            : `service ${name} is in no boot stage: it starts after ${last.name}, the last one`,
        help:
          last === undefined
            ? "Write the order down as stages: [[boot.sequence]] with name and services, what the others need first."
            : "Add it to a stage if something needs it, or to one of its own to have its health awaited.",
        at: { ...where, path: ["name"] },
        severity: last === undefined ? "warning" : "info",
      };
    }
  },
};
