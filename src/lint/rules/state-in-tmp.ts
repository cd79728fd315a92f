import { below, type Host } from "../../fleet/model.ts";
import { isWithin } from "../../text/path.ts";
import type { Rule } from "../rule.ts";
import { stateFolders } from "../queries/runtime.ts";

/**
 * A user's podman keeps its state in /tmp.
 *
 * It began while /run/user/<uid> was missing, as it is without lingering or before the user's session, and
 * its database keeps that for good, whatever is there later. When systemd-tmpfiles cleans /tmp, podman
 * takes running containers for stopped. They run on, hold their ports, and cannot be started ("container
 * … already exists").
 *
 * Ignore it only for a podman that runs nothing for longer than a day.
 *
 * @bad
 * ```json facts/alpha.json
 * {
 *   "schema": 2,
 *   "host": "alpha",
 *   "passwd": [{ "name": "pod", "uid": 850, "gid": 850 }],
 *   "podman": [
 *     {
 *       "user": "pod",
 *       "databases": [
 *         {
 *           "path": "/srv/pod/.local/share/containers/storage/db.sql",
 *           "kind": "sqlite",
 *           "run_root": "/tmp/storage-run-850/containers"
 *         }
 *       ]
 *     }
 *   ]
 * }
 * ```
 * @good
 * ```json facts/alpha.json
 * {
 *   "schema": 2,
 *   "host": "alpha",
 *   "passwd": [{ "name": "pod", "uid": 850, "gid": 850 }],
 *   "podman": [
 *     {
 *       "user": "pod",
 *       "databases": [
 *         {
 *           "path": "/srv/pod/.local/share/containers/storage/db.sql",
 *           "kind": "sqlite",
 *           "run_root": "/run/user/850/containers"
 *         }
 *       ]
 *     }
 *   ]
 * }
 * ```
 */
export const rule: Rule = {
  id: "state-in-tmp",
  group: "identity",
  severity: "error",
  summary: "podman keeps its state in /tmp",
  audit: "also",
  *check(fleet) {
    for (const host of fleet.hosts) {
      for (const { user, database, directory } of stateFolders(host)) {
        if (!["/tmp", "/var/tmp"].some((folder) => isWithin(folder, directory.value))) continue;
        const { name, uid } = user.value;
        yield {
          message: `podman of ${name} on ${host.name} keeps its state in ${directory.value}, where a clean-up of ${directory.value.startsWith("/var") ? "/var/tmp" : "/tmp"} takes it away from running containers`,
          help: cure(host, user.value),
          at: directory.where,
          related: [
            {
              ...below(user.where, "uid"),
              message: `/run/user/${uid} is the place: see ${database}`,
            },
          ],
        };
      }
    }
  },
};

function cure(host: Host, { name, uid }: { name: string; uid: number }): string {
  if (name === host.user.name && host.release !== undefined) {
    return `No container is lost. Run as root on ${host.name}: bash /etc/nixgen/recover.sh --cure. It stops what runs of ${name}, writes /run/user/${uid} into the database, keeps a copy of the old one, and starts the containers.`;
  }
  return `Let ${name} linger (loginctl enable-linger ${name}), so that /run/user/${uid} is always there, and keep the folder out of the clean-up (tmpfiles.d(5), a line of type x).`;
}
