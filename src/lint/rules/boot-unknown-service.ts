import { stageIndex } from "../../fleet/boot.ts";
import { suggestion, vocabulary } from "../../text/suggest.ts";
import { correctedName } from "../queries/corrected-name.ts";
import type { Rule } from "../rule.ts";

/**
 * The boot sequence names a service that is not defined.
 *
 * The stage would be reached without it, and everything that relies on it would start too early. A
 * service that is defined but not active is no mistake: it keeps its place for when it is.
 *
 * Never ignore it: remove the name, or correct it.
 *
 * @bad
 * ```toml nixgen.toml
 * [[boot.sequence]]
 * name = "core"
 * services = ["webb"]
 *
 * [[boot.sequence]]
 * name = "apps"
 * services = ["web"]
 * ```
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * ports = ["127.0.0.1:8080:80"]
 * ```
 * @good
 * ```toml nixgen.toml
 * [[boot.sequence]]
 * name = "core"
 * services = ["web"]
 * ```
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * ports = ["127.0.0.1:8080:80"]
 * ```
 */
export const rule: Rule = {
  id: "boot-unknown-service",
  group: "boot",
  severity: "error",
  summary: "the boot sequence names a service that is not defined",
  needsAll: true,
  fixable: true,
  *check(fleet) {
    const known = new Set(fleet.services.map(({ name }) => name));
    const names = vocabulary([...known]);
    // A service that is in a stage already cannot be the one that was meant.
    const unstaged = vocabulary([...known].filter((name) => stageIndex(fleet, name) === undefined));
    for (const [index, stage] of fleet.inventory.boot.sequence.entries()) {
      for (const [position, name] of stage.services.entries()) {
        if (known.has(name)) continue;
        const at = {
          file: fleet.file,
          path: ["boot", "sequence", index, "services", position],
        };
        yield {
          message: `boot stage ${stage.name} names the service ${name}, which is not defined`,
          help: suggestion(name, names),
          at,
          ...correctedName(at, name, unstaged),
        };
      }
    }
  },
};
