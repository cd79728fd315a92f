import { groupBy } from "../../text/group.ts";
import type { Where } from "../../document/place.ts";
import { below, type Component } from "../../fleet/model.ts";
import { normalisePath } from "../../text/path.ts";
import type { Rule } from "../rule.ts";

/**
 * Two volumes of a container, or a volume and a tmpfs, have the same target.
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
  summary: "two volumes or tmpfs of a container have the same target",
  *check(fleet) {
    for (const component of fleet.index.components) {
      for (const [target, mounts] of groupBy(mountsOf(component), ({ target }) => target)) {
        const [first, ...others] = mounts;
        if (first === undefined) continue;
        for (const other of others.filter(({ text }) => text !== first.text)) {
          yield {
            message: `${component.container} mounts both ${first.what} and ${other.what} at ${target}`,
            help: "Remove one of them, or mount it at another path.",
            at: other.where,
            related: [{ ...first.where, message: `${first.what} is mounted there first` }],
          };
        }
      }
    }
  },
};

/** What is mounted in a container. */
interface Mount {
  readonly target: string;
  readonly what: string;
  /** As it is written. */
  readonly text: string;
  readonly where: Where;
}

function mountsOf({ volumes, definition, where }: Component): Mount[] {
  return [
    ...volumes.map((volume) => ({
      target: normalisePath(volume.target),
      what: volume.source,
      text: [volume.source, volume.target, volume.options].join(":"),
      where: volume.where,
    })),
    ...(definition.tmpfs ?? []).map((text, index) => ({
      target: normalisePath(text.replace(/:.*$/, "")),
      what: "a tmpfs",
      text,
      where: below(where, "tmpfs", index),
    })),
  ];
}
