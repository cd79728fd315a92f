import { compareText } from "../../text/order.ts";
import { groupBy } from "../../text/group.ts";
import { below, type Component, type Facts, type Host, servicesOn } from "../../fleet/model.ts";
import { normalisePath } from "../../text/path.ts";
import { shellCommand } from "../../text/shell.ts";
import { subIdsLines } from "../../fleet/sub-ids.ts";
import { actualUser, userWithUid } from "../queries/host-user.ts";
import type { Report, Rule } from "../rule.ts";
import { contains } from "../queries/sub-ids.ts";
import { isBindMount, isWritable } from "../queries/volumes.ts";

/**
 * What a service mounts belongs neither to the container user nor to its subordinate ids.
 *
 * Such an owner does not exist inside the container: even its root may neither chmod nor chown the
 * file. That denial was fatal to MCR and Metacrypt after the uid had changed, and their databases were
 * deleted (incident, recovery, steps 4 and 5). Giving the files to the right uid would have kept them.
 * An error where the mounted folder itself is somebody else's, a warning for what lies in it. Volumes
 * that are mounted read-only are left alone, and so is lost+found, which is root's on every disk.
 *
 * Ignore it for files that the service only reads.
 *
 * @bad
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * ports = ["127.0.0.1:8080:8080"]
 * volumes = ["/srv/web:/data"]
 * ```
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "srv": [{ "path": "/srv/web", "uid": 995, "gid": 850 }]
 * }
 * ```
 * @good
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * ports = ["127.0.0.1:8080:8080"]
 * volumes = ["/srv/web:/data"]
 * ```
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "subuid": [{ "name": "pod", "start": 100000, "count": 65536 }],
 *   "subgid": [{ "name": "pod", "start": 100000, "count": 65536 }],
 *   "srv": [
 *     { "path": "/srv/web", "uid": 850, "gid": 850 },
 *     { "path": "/srv/web/cache", "uid": 100999, "gid": 100999 }
 *   ]
 * }
 * ```
 */
export const rule: Rule = {
  id: "srv-ownership",
  group: "identity",
  severity: "error",
  summary: "what a service mounts belongs to nobody inside its container",
  audit: "also",
  *check(fleet) {
    for (const host of fleet.hosts) {
      const foreign = foreignPaths(host);
      if (foreign.length === 0) continue;
      // Said once, where several components mount the same.
      const said = new Set<Entry>();
      const judged = new Set<string>();
      for (const { components } of servicesOn(fleet, host.name)) {
        for (const component of components) {
          yield* judge(host, component, { foreign, said, judged });
        }
      }
    }
  },
};

/** A path of the facts, and its number there. */
interface Entry {
  readonly entry: NonNullable<Facts["srv"]>[number];
  readonly index: number;
  /** The path as the beginning of what is in it. */
  readonly folder: string;
}

/** The paths of a host whose owner the container user's containers do not know, what is in a folder after it. */
function foreignPaths(host: Host): Entry[] {
  const uid = actualUser(host)?.value.uid ?? host.user.uid;
  if (uid === undefined) return [];
  const lines = subIdsLines(host, "subuid").map(({ value }) => value);
  const ranges = lines.length === 0 ? [host.user.subIds] : lines;
  return (host.facts?.facts.srv ?? [])
    .map((entry, index) => ({ entry, index, folder: asFolder(entry.path) }))
    .filter(
      ({ entry }) =>
        entry.uid !== uid &&
        !ranges.some((range) => contains(range, entry.uid)) &&
        !/\/lost\+found(?:\/|$)/.test(entry.path),
    )
    .sort((a, b) => compareText(a.folder, b.folder));
}

function asFolder(path: string): string {
  return `${normalisePath(path)}/`.replace("//", "/");
}

/** Those that are a folder or lie in it, in the order of the facts. They follow each other. */
function entriesIn(sorted: readonly Entry[], folder: string): Entry[] {
  let first = 0;
  for (let end = sorted.length; first < end;) {
    const middle = (first + end) >> 1;
    if ((sorted[middle]?.folder ?? "") < folder) first = middle + 1;
    else end = middle;
  }
  let end = first;
  while (sorted[end]?.folder.startsWith(folder) === true) end += 1;
  return sorted.slice(first, end).sort((a, b) => a.index - b.index);
}

function* judge(
  host: Host,
  component: Component,
  { foreign, said, judged }: { foreign: readonly Entry[]; said: Set<Entry>; judged: Set<string> },
): Generator<Report> {
  for (const volume of component.volumes) {
    if (!isBindMount(volume) || !isWritable(volume)) continue;
    const source = normalisePath(volume.source);
    const folder = asFolder(source);
    if (judged.has(folder)) continue;
    judged.add(folder);
    const inside = entriesIn(foreign, folder).filter((each) => !said.has(each));
    for (const [owner, entries] of groupBy(inside, ({ entry }) => entry.uid)) {
      for (const each of entries) said.add(each);
      const whole = entries.some((entry) => entry.folder === folder);
      const things = entries.length === 1 ? "a path" : `${entries.length} paths`;
      const what = whole ? "" : `${things} in `;
      const verb = whole || entries.length === 1 ? "belongs" : "belong";
      yield {
        message: `${what}${source}, which ${component.container} mounts on ${host.name}, ${verb} to uid ${owner}${nameOf(host, owner)}: neither to ${host.user.name} nor to its subordinate ids`,
        help: help(host, component, source, owner),
        at: volume.where,
        related: entries.slice(0, SHOWN).map(({ entry, index }) => ({
          ...below({ file: host.facts?.file ?? "", path: [] }, "srv", index),
          message: `${entry.path} belongs to uid ${entry.uid}`,
        })),
        ...(whole ? {} : { severity: "warning" }),
      };
    }
  }
}

/** How many paths a report shows. */
const SHOWN = 3;

function nameOf(host: Host, uid: number): string {
  const name = userWithUid(host, uid);
  return name === undefined ? "" : ` (${name})`;
}

function help(host: Host, component: Component, path: string, owner: number): string {
  const { name } = host.user;
  // As the host has them: its primary group may be another one than the pinned one.
  const { uid, gid } = actualUser(host)?.value ?? host.user;
  const chown = ["chown", "-R", `--from=${owner}`, `${uid}:${gid}`, path];
  const inside = component.definition.user ?? "0:0";
  const [innerUid = "0", innerGid = innerUid] = inside.split(":");
  const unshare = ["podman", "unshare", "chown", "-R", `${innerUid}:${innerGid}`, path];
  const then =
    component.definition.user === undefined
      ? `If the image runs as another user than root, give them to that one then, as ${name}: podman unshare chown -R UID:GID ${shellCommand([path])}.`
      : innerUid === "0"
        ? `That is root inside of ${component.container}.`
        : `Then, as ${name}, give them to the user that ${component.container} runs as: ${shellCommand(unshare)}.`;
  return `No data has to be deleted. Run as root on ${host.name}, with ${component.container} stopped: ${shellCommand(chown)}. ${then}`;
}
