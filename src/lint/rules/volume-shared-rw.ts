import { groupBy } from "../../text/group.ts";
import { componentsOn, type Fleet, type Host, type Volume } from "../../fleet/model.ts";
import { normalisePath } from "../../text/path.ts";
import type { Rule } from "../rule.ts";
import { holdsData, isBindMount, isWritable } from "../queries/volumes.ts";

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
      for (const [second, first] of sharedMounts(fleet, host)) {
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

/** Each mount of a host that meets one of another service, and that one. */
function sharedMounts(fleet: Fleet, host: Host): [Mount, Mount][] {
  const mounts = mountsOn(fleet, host);
  const bySource = groupBy(mounts, ({ source }) => source);
  const shared: [Mount, Mount][] = [];
  for (const mount of mounts) {
    const other = otherWriter(mount, bySource);
    if (other !== undefined) shared.push([mount, other]);
  }
  return shared;
}

/** What the services of a host write to, in the order of their names. */
function mountsOn(fleet: Fleet, host: Host): Mount[] {
  const mounts: Mount[] = [];
  for (const { service, container, volumes } of componentsOn(fleet, host.name)) {
    for (const volume of volumes) {
      if (!isWritable(volume)) continue;
      const bind = isBindMount(volume);
      const source = bind ? normalisePath(volume.source) : volume.source;
      if (!bind || holdsData(source)) mounts.push({ service, container, source, volume });
    }
  }
  return mounts;
}

/** The mount of another service that a mount meets: of the same, or of the nearest folder around it. */
function otherWriter(
  { service, source }: Mount,
  bySource: ReadonlyMap<string, readonly Mount[]>,
): Mount | undefined {
  // Of those that mount the same, all but the first one's service are reported.
  const first = bySource.get(source)?.[0];
  if (first !== undefined && first.service !== service) return first;
  for (let path = folderOf(source); path !== undefined; path = folderOf(path)) {
    const other = bySource.get(path)?.find((mount) => mount.service !== service);
    if (other !== undefined) return other;
  }
  return undefined;
}

/** The folder that a path lies in; a volume's name lies in none. */
function folderOf(path: string): string | undefined {
  const end = path.lastIndexOf("/");
  if (end === -1 || path === "/") return undefined;
  return end === 0 ? "/" : path.slice(0, end);
}
