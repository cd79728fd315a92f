import { groupBy } from "../../text/group.ts";
import type { Component, Volume } from "../../fleet/model.ts";
import { normalisePath } from "../../text/path.ts";
import type { Rule } from "../rule.ts";

/**
 * Two volumes of a container have the same target.
 *
 * podman refuses to make such a container ("duplicate mount destination", status 125), so its unit fails for ever. The
 * same volume written twice is fine to podman.
 *
 * Never ignore it.
 *
 * @bad
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * ports = ["127.0.0.1:8080:80"]
 * volumes = ["/srv/web/a:/data", "/srv/web/b:/data/"]
 * ```
 * @good
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * ports = ["127.0.0.1:8080:80"]
 * volumes = ["/srv/web/a:/data", "/srv/web/b:/backup"]
 * ```
 */
export const rule: Rule = {
  id: "mount-conflict",
  group: "containers",
  severity: "error",
  summary: "two volumes of a container have the same target",
  *check(fleet) {
    for (const component of fleet.index.components) {
      for (const [target, volumes] of volumesByTarget(component)) {
        const [first, ...others] = volumes;
        if (first === undefined) continue;
        for (const other of others.filter((volume) => textOf(volume) !== textOf(first))) {
          yield {
            message: `${component.container} mounts both ${first.source} and ${other.source} at ${target}`,
            help: "Remove one of them, or mount it at another path.",
            at: other.where,
            related: [{ ...first.where, message: `${first.source} is mounted there first` }],
          };
        }
      }
    }
  },
};

function volumesByTarget({ volumes }: Component): ReadonlyMap<string, readonly Volume[]> {
  return groupBy(volumes, ({ target }) => normalisePath(target));
}

function textOf({ source, target, options }: Volume): string {
  return [source, target, options].join(":");
}
