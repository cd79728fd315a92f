import type { Service } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";

/**
 * Two files define one service.
 *
 * Which of the two counts cannot be told; a copied file whose name was not changed is the usual cause.
 *
 * Never ignore it: rename one of them, or remove its file.
 *
 * @bad
 * ```toml nixgen.toml
 * [[boot.sequence]]
 * name = "apps"
 * services = ["web"]
 * ```
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 * ```
 * ```toml services/wiki.toml
 * name = "web"
 * node = "alpha"
 * ```
 * @good
 * ```toml nixgen.toml
 * [[boot.sequence]]
 * name = "apps"
 * services = ["web", "wiki"]
 * ```
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 * ```
 * ```toml services/wiki.toml
 * name = "wiki"
 * node = "alpha"
 * ```
 */
export const rule: Rule = {
  id: "duplicate-service",
  group: "inventory",
  severity: "error",
  summary: "two files define one service",
  *check(fleet) {
    const first = new Map<string, Service>();
    for (const service of fleet.services) {
      const before = first.get(service.name);
      if (before === undefined) first.set(service.name, service);
      else {
        yield {
          message: `service ${service.name} is defined in ${service.where.file} and in ${before.where.file}`,
          help: "Rename one of them, or remove the file that is not meant.",
          at: { ...service.where, path: ["name"] },
          related: [
            { ...before.where, path: ["name"], message: `${service.name} is defined here` },
          ],
        };
      }
    }
  },
};
