import { below } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";
import { isPodman6, podmanMajor, podmanOf } from "../queries/runtime.ts";

/**
 * The database of podman is a BoltDB, with which podman 6 does not work until the next reboot.
 *
 * podman 4 made such databases, and podman 5 goes on using one that is there. After a reboot, podman 5.8 and 6
 * move the containers to db.sql by themselves, and the old file becomes bolt_state.db-old. Without a
 * reboot every call of podman 6 fails, even if bolt_state.db is only a leftover: it is an error where
 * the facts have both, a warning where the host's release brings podman 6, and information before that.
 *
 * Ignore it on a host that will not be upgraded.
 *
 * @bad
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "podman": [
 *     {
 *       "user": "pod",
 *       "databases": [
 *         {
 *           "path": "/srv/pod/.local/share/containers/storage/libpod/bolt_state.db",
 *           "kind": "boltdb"
 *         }
 *       ]
 *     }
 *   ]
 * }
 * ```
 * @good
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "podman": [
 *     {
 *       "user": "pod",
 *       "databases": [
 *         { "path": "/srv/pod/.local/share/containers/storage/db.sql", "kind": "sqlite" }
 *       ]
 *     }
 *   ]
 * }
 * ```
 */
export const rule: Rule = {
  id: "boltdb-database",
  group: "identity",
  severity: "warning",
  summary: "podman has a BoltDB database, with which podman 6 does not work until a reboot",
  audit: "also",
  *check(fleet) {
    for (const host of fleet.hosts) {
      const found = podmanOf(host);
      const databases = found?.podman.databases ?? [];
      const index = databases.findIndex(({ kind }) => kind === "boltdb");
      if (found === undefined || index === -1) continue;
      const at = below(found.where, "databases", index, "kind");
      const owner = `the podman of ${host.user.name} on ${host.name}`;
      if (isPodman6(found.podman)) {
        yield {
          message: `${owner} does not work: it is podman 6, and there is a BoltDB database`,
          help: `Reboot ${host.name}: podman then moves the containers to db.sql, and none is lost. Without a reboot, as ${host.user.name} and with none of its containers running: podman system migrate --migrate-db.`,
          at,
          severity: "error",
        };
      } else if (databases.length === 1) {
        // With another one it may be a leftover: see two-databases.
        yield {
          message: `${owner} keeps its containers in a BoltDB database, with which podman 6 does not work until a reboot`,
          help: `Upgrade ${host.name} to podman 6 with nixos-rebuild boot and a reboot, never with switch: podman then moves the containers to db.sql by itself.`,
          at,
          severity: (podmanMajor(host) ?? 0) >= 6 ? "warning" : "info",
        };
      }
    }
  },
};
