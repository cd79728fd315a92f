import { suggestion } from "../../fleet/suggest.ts";
import type { Rule } from "../rule.ts";

/**
 * The boot sequence names a service that is not defined.
 *
 * The stage would be reached without it, and everything that relies on it would start too early.
 */
export const rule: Rule = {
  id: "boot-unknown-service",
  group: "boot",
  severity: "error",
  summary: "the boot sequence names a service that is not defined",
  *check(fleet) {
    const known = new Set(fleet.services.map(({ name }) => name));
    for (const [index, stage] of fleet.inventory.boot.sequence.entries()) {
      for (const [position, name] of stage.services.entries()) {
        if (known.has(name)) continue;
        yield {
          message: `boot stage ${stage.name} names the service ${name}, which is not defined`,
          help: suggestion(name, [...known]),
          at: {
            file: fleet.file,
            path: ["boot", "sequence", index, "services", position],
          },
        };
      }
    }
  },
};
