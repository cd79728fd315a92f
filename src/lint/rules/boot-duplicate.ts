import type { Where } from "../../fleet/finding.ts";
import type { Rule } from "../rule.ts";

/**
 * A service is in two boot stages, or two stages have one name.
 *
 * A service starts once. Which of the two stages was meant cannot be told.
 */
export const rule: Rule = {
  id: "boot-duplicate",
  group: "boot",
  severity: "error",
  summary: "a service is in two boot stages, or two stages have one name",
  *check(fleet) {
    const stages = new Map<string, Where>();
    const services = new Map<string, { stage: string; where: Where }>();
    for (const [index, stage] of fleet.inventory.boot.sequence.entries()) {
      const path = ["boot", "sequence", index];
      const where = { file: fleet.file, path: [...path, "name"] };
      const first = stages.get(stage.name);
      if (first === undefined) stages.set(stage.name, where);
      else {
        yield {
          message: `two boot stages are named ${stage.name}`,
          help: "Rename one of them, or merge them into one.",
          at: where,
          related: [{ ...first, message: "the first one" }],
        };
      }
      for (const [position, name] of stage.services.entries()) {
        const at = { file: fleet.file, path: [...path, "services", position] };
        const before = services.get(name);
        if (before === undefined) services.set(name, { stage: stage.name, where: at });
        else {
          yield {
            message: `service ${name} is in boot stage ${stage.name} and already in ${before.stage}`,
            help: "Leave it in the stage that it must be up in, and remove it from the other.",
            at,
            related: [{ ...before.where, message: `${name} is in ${before.stage}` }],
          };
        }
      }
    }
  },
};
