import { below, nixosHosts } from "../../fleet/model.ts";
import { sharedUnitNameOn } from "../../plan/unit-names.ts";
import type { Rule } from "../rule.ts";

/**
 * Two units of a host would have the same name.
 *
 * Units are named after the user, the stages, the containers and the networks. A user "multi" with a stage "user" would
 * change multi-user.target, which systemd boots into; a user "podman" with a container "ready-x" makes two services of
 * one name. One of them would then be lost, so nixgen build writes nothing.
 *
 * Never ignore it.
 *
 * @bad
 * ```toml nixgen.toml
 * [user]
 * name = "multi"
 * uid = 850
 *
 * [[boot.sequence]]
 * name = "user"
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
 * [user]
 * name = "multi"
 * uid = 850
 *
 * [[boot.sequence]]
 * name = "web"
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
  id: "unit-name",
  group: "boot",
  severity: "error",
  summary: "two units of a host would have the same name",
  *check(fleet) {
    for (const host of nixosHosts(fleet)) {
      const shared = sharedUnitNameOn(fleet, host);
      if (shared === undefined) continue;
      yield {
        message: `two units on ${host.name} would be named ${shared}`,
        help: "Rename the user, the stage or the component: a unit is named after them.",
        at: below(host.where, "name"),
      };
    }
  },
};
