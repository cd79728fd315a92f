import { below, type Host, nixosHosts } from "../../fleet/model.ts";
import { normalisePath } from "../../text/path.ts";
import { actualUser } from "../queries/host-user.ts";
import type { Rule } from "../rule.ts";
import { type HostPodman, podmanOf } from "../queries/runtime.ts";

/**
 * Podman's storage of the container user is somewhere else than the inventory says.
 *
 * Its storage.conf(5) names another folder (graphroot, rootless_storage_path). The emitted units then wait
 * for the wrong disk, and the check before a switch and recover.sh look for podman's database where it
 * is not, and cannot warn of a uid or a home that changed.
 *
 * Ignore it where the storage is about to move.
 *
 * @bad
 * ```json facts/alpha.json
 * {
 *   "schema": 2,
 *   "host": "alpha",
 *   "passwd": [{ "name": "pod", "uid": 850, "gid": 850, "home": "/srv/pod" }],
 *   "podman": [
 *     {
 *       "user": "pod",
 *       "storage": "/data/pod",
 *       "databases": [{ "path": "/data/pod/db.sql", "kind": "sqlite" }]
 *     }
 *   ]
 * }
 * ```
 * @good
 * ```toml nixgen.toml
 * [user]
 * name = "pod"
 * uid = 850
 * storage = "/data/pod"
 * ```
 * ```json facts/alpha.json
 * {
 *   "schema": 2,
 *   "host": "alpha",
 *   "passwd": [{ "name": "pod", "uid": 850, "gid": 850, "home": "/srv/pod" }],
 *   "podman": [
 *     {
 *       "user": "pod",
 *       "storage": "/data/pod",
 *       "databases": [{ "path": "/data/pod/db.sql", "kind": "sqlite" }]
 *     }
 *   ]
 * }
 * ```
 */
export const rule: Rule = {
  id: "storage-differs",
  group: "identity",
  severity: "warning",
  summary: "podman's storage is somewhere else than the inventory says",
  audit: "also",
  *check(fleet) {
    for (const host of nixosHosts(fleet)) {
      const podman = podmanOf(host);
      const found = podman && storageOf(podman);
      if (found === undefined || movesWithHome(host)) continue;
      const { name, storage, where } = host.user;
      if (normalisePath(found.path) === normalisePath(storage)) continue;
      yield {
        message: `podman's storage of ${name} on ${host.name} is ${found.path}, and the inventory says ${storage}`,
        help: `Write storage = "${found.path}" into [user], or for ${host.name} alone ([[nodes]] user = { storage = "${found.path}" }).`,
        at: where.storage,
        related: [{ ...found.where, message: `podman has ${found.path}` }],
      };
    }
  },
};

/** Where a podman that has a database keeps it, as the facts say. */
function storageOf({ podman, where }: HostPodman) {
  const [database] = podman.databases;
  if (database === undefined) return undefined;
  if (podman.storage !== undefined) {
    return { path: podman.storage, where: below(where, "storage") };
  }
  const path = database.path.replace(/(?:\/libpod)?\/[^/]*$/, "");
  return { path, where: below(where, "databases", 0, "path") };
}

/** Whether the host has another home: that is for the rule home-changed to say. */
function movesWithHome(host: Host): boolean {
  const home = actualUser(host)?.value.home;
  return home !== undefined && normalisePath(home) !== normalisePath(host.user.home);
}
