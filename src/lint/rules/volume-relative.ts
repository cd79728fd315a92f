import type { Component, Volume } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";
import { isBindMount } from "../queries/volumes.ts";

/** What podman takes for the name of a volume (its define.NameRegex). */
const VOLUME_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/**
 * A volume's source is a relative path.
 *
 * podman takes it as relative to wherever it is called: the folder of a unit, of recover.sh or of
 * whoever types the command in an emergency. Each of them would get a folder of its own, and an empty
 * one. ~ is not expanded, for no shell sees it. A name without a slash is a volume of podman's.
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
 * volumes = ["./data:/data"]
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
 * volumes = ["/srv/web:/data", "cache:/var/cache/web"]
 * ```
 */
export const rule: Rule = {
  id: "volume-relative",
  group: "containers",
  severity: "error",
  summary: "a volume's source is a relative path",
  *check(fleet) {
    for (const component of fleet.index.components.filter(mountsRelative)) {
      for (const { source, where } of component.volumes.filter(isRelative)) {
        yield {
          message: `${component.container} mounts ${JSON.stringify(source)}, which is neither an absolute path nor the name of a volume`,
          help: `Write the whole path, e.g. /srv/${component.service}${below(source)}.`,
          at: where,
        };
      }
    }
  },
};

function mountsRelative({ volumes }: Component): boolean {
  return volumes.some(isRelative);
}

function isRelative(volume: Volume): boolean {
  return !isBindMount(volume) && !VOLUME_NAME.test(volume.source);
}

/** What follows the relative part of a path: "/data" of ../data, "" of "..". */
function below(source: string): string {
  const rest = source.replace(/^(?:~|\.{1,2})?(?:\/(?:\.{1,2}(?=\/|$))?)*/, "");
  return rest === "" ? "" : `/${rest}`;
}
