import { below } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";
import { isPodman6, podmanOf } from "../queries/runtime.ts";

/**
 * A BoltDB and an SQLite database of podman lie side by side.
 *
 * podman 5 uses one of them and says nothing of the other: containers that are only in that one seem to be
 * gone, and run on. It happens when database_backend is changed over a database that is there. podman 6
 * does not work until a reboot, and then has the containers of both: see boltdb-database.
 *
 * Ignore it on a host that will not be upgraded, once every container is in the one that is used.
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
 *         },
 *         { "path": "/srv/pod/.local/share/containers/storage/db.sql", "kind": "sqlite" }
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
  id: "two-databases",
  group: "identity",
  severity: "warning",
  summary: "podman 5 has two databases, and uses one of them",
  audit: "also",
  *check(fleet) {
    for (const host of fleet.hosts) {
      const found = podmanOf(host);
      const databases = found?.podman.databases ?? [];
      const bolt = databases.findIndex(({ kind }) => kind === "boltdb");
      const sqlite = databases.findIndex(({ kind }) => kind === "sqlite");
      if (found === undefined || bolt === -1 || sqlite === -1) continue;
      if (isPodman6(found.podman)) continue;
      yield {
        message: `the podman of ${host.user.name} on ${host.name} has a BoltDB and an SQLite database, and uses one of them`,
        help: `See which one with podman info --format '{{.Host.DatabaseBackend}}'. Once nothing in the other one is missed, move it away, with podman stopped. If the other one is db.sql, remove database_backend from containers.conf as well: podman 6 does not know it.`,
        at: below(found.where, "databases", sqlite, "kind"),
        related: [{ ...below(found.where, "databases", bolt, "kind"), message: "the other one" }],
      };
    }
  },
};
