import { groupBy } from "../../fleet/group.ts";
import { type Fleet, type Host, servicesOn, type Volume } from "../../fleet/model.ts";
import { normalisePath } from "../../fleet/path.ts";
import type { Rule } from "../rule.ts";
import { holdsData, isBindMount, isWritable } from "../volumes.ts";

interface Mount {
  readonly service: string;
  readonly container: string;
  /** A normalised path, or a volume's name. */
  readonly source: string;
  readonly volume: Volume;
}

/**
 * Two services of one host write to the same folder.
 *
 * Neither knows of the other: what one locks, moves or gives another owner is lost to the other, and a
 * database under two writers breaks. A copied definition whose volume was not changed is the usual
 * cause. Components of one service may share its folder, as a server and its web front do; and any
 * number of others may read it (:ro).
 *
 * Ignore it for a folder that one service fills and the other empties on purpose.
 *
 * @bad
 * ```toml services/wiki.toml
 * name = "wiki"
 * node = "alpha"
 *
 * [[components]]
 * name = "wiki"
 * image = "registry.example/wiki:v1.0.0"
 * ports = ["127.0.0.1:8080:80"]
 * volumes = ["/srv/wiki:/data"]
 * ```
 * ```toml services/search.toml
 * name = "search"
 * node = "alpha"
 *
 * [[components]]
 * name = "search"
 * image = "registry.example/search:v1.0.0"
 * ports = ["127.0.0.1:8081:80"]
 * volumes = ["/srv/wiki/pages:/pages"]
 * ```
 * @good
 * ```toml services/wiki.toml
 * name = "wiki"
 * node = "alpha"
 *
 * [[components]]
 * name = "wiki"
 * image = "registry.example/wiki:v1.0.0"
 * ports = ["127.0.0.1:8080:80"]
 * volumes = ["/srv/wiki:/data"]
 * ```
 * ```toml services/search.toml
 * name = "search"
 * node = "alpha"
 *
 * [[components]]
 * name = "search"
 * image = "registry.example/search:v1.0.0"
 * ports = ["127.0.0.1:8081:80"]
 * volumes = ["/srv/wiki/pages:/pages:ro"]
 * ```
 */
export const rule: Rule = {
  id: "volume-shared-rw",
  group: "containers",
  severity: "warning",
  summary: "two services of one host write to the same folder",
  *check(fleet) {
    for (const host of fleet.hosts) {
      for (const [second, first] of sharedMounts(mountsOf(fleet, host))) {
        const both =
          first.source === second.source
            ? `both write to ${first.source}`
            : `write to ${second.source} and to ${first.source}, one of which is in the other`;
        yield {
          message: `${second.container} and ${first.container} on ${host.name} ${both}`,
          help: "Give each service a folder of its own, or mount it read-only (:ro) in all but one.",
          at: second.volume.where,
          related: [
            { ...first.volume.where, message: `${first.container} writes to ${first.source}` },
          ],
        };
      }
    }
  },
};

/** What the services of a host write to, in the order of their names. */
function mountsOf(fleet: Fleet, host: Host): Mount[] {
  return servicesOn(fleet, host.name).flatMap(({ name: service, components }) =>
    components.flatMap(({ container, volumes }) =>
      volumes.filter(isWritable).flatMap((volume): Mount[] => {
        const bind = isBindMount(volume);
        const source = bind ? normalisePath(volume.source) : volume.source;
        return bind && !holdsData(source) ? [] : [{ service, container, source, volume }];
      }),
    ),
  );
}

/** Each mount that meets one of another service: the same, or one around it. */
function* sharedMounts(mounts: readonly Mount[]): Generator<[Mount, Mount]> {
  const bySource = groupBy(mounts, ({ source }) => source);
  for (const mount of mounts) {
    const [same, ...around] = foldersAround(mount.source).map((path) => bySource.get(path) ?? []);
    // Of those that mount the same, all but the first one's service are reported.
    const candidates = [...(same?.slice(0, 1) ?? []), ...around.flat()];
    const other = candidates.find(({ service }) => service !== mount.service);
    if (other !== undefined) yield [mount, other];
  }
}

/** A path and every folder that it lies in, the nearest first; of a volume's name, itself. */
function foldersAround(source: string): string[] {
  const folders = [source];
  for (let at = source.lastIndexOf("/"); at > 0; at = source.lastIndexOf("/", at - 1)) {
    folders.push(source.slice(0, at));
  }
  return source.startsWith("/") ? [...folders, "/"] : folders;
}
