import type { Where } from "../../document/place.ts";
import type { Rule } from "../rule.ts";

/**
 * A service is in two boot stages, or two stages have one name.
 *
 * A service starts once. Which of the two stages was meant cannot be told, and what was put into the
 * later one because it must not be earlier would be started too early.
 *
 * Never ignore it: remove the one that is not meant.
 *
 * @bad
 * ```toml nixgen.toml
 * [[boot.sequence]]
 * name = "core"
 * services = ["db", "web"]
 *
 * [[boot.sequence]]
 * name = "apps"
 * services = ["web"]
 * ```
 * ```toml services/db.toml
 * name = "db"
 * node = "alpha"
 *
 * [[components]]
 * name = "db"
 * image = "registry.example/db:v1.0.0"
 * ports = ["127.0.0.1:5432:5432"]
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
 * services = ["db"]
 *
 * [[boot.sequence]]
 * name = "apps"
 * services = ["web"]
 * ```
 * ```toml services/db.toml
 * name = "db"
 * node = "alpha"
 *
 * [[components]]
 * name = "db"
 * image = "registry.example/db:v1.0.0"
 * ports = ["127.0.0.1:5432:5432"]
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
  id: "boot-duplicate",
  group: "boot",
  severity: "error",
  summary: "a service is in two boot stages, or two stages have one name",
  fixable: true,
  *check(fleet) {
    const stages = new Map<string, Where>();
    const services = new Map<string, { stage: string; index: number; position: number }>();
    const whereOf = (index: number, position: number): Where => ({
      file: fleet.file,
      path: ["boot", "sequence", index, "services", position],
    });
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
      const once = [...new Set(stage.services)];
      for (const [position, name] of stage.services.entries()) {
        const before = services.get(name);
        if (before === undefined) {
          services.set(name, { stage: stage.name, index, position });
          continue;
        }
        const at = whereOf(index, position);
        const its = whereOf(before.index, before.position);
        if (before.index === index) {
          yield {
            message: `boot stage ${stage.name} names the service ${name} twice`,
            help: "Remove one of the two.",
            at,
            related: [{ ...its, message: "the first one" }],
            fix: {
              title: `name ${name} once`,
              edits: [
                {
                  kind: "replace",
                  at: { file: fleet.file, path: [...path, "services"] },
                  value: once,
                },
              ],
            },
          };
        } else {
          yield {
            message: `service ${name} is in boot stage ${stage.name} and already in ${before.stage}`,
            help: "Leave it in the stage that it must be up in, and remove it from the other.",
            at,
            related: [{ ...its, message: `${name} is in ${before.stage}` }],
          };
        }
      }
    }
  },
};
