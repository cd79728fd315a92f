import { below } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";
import { podmanOf } from "../runtime.ts";

/**
 * A BoltDB and an SQLite database of podman lie side by side.
 *
 * podman reads one of them and says nothing of the other: containers that are only in that one seem to be
 * gone, and run on. It happens when database_backend is changed over a database that is there.
 *
 * Ignore it once every container is in the one that is read.
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
  summary: "podman has two databases, and reads one of them",
  audit: "also",
  *check(fleet) {
    for (const host of fleet.hosts) {
      const found = podmanOf(host);
      const databases = found?.podman.databases ?? [];
      const bolt = databases.findIndex(({ kind }) => kind === "boltdb");
      const sqlite = databases.findIndex(({ kind }) => kind === "sqlite");
      if (found === undefined || bolt === -1 || sqlite === -1) continue;
      yield {
        message: `the podman of ${host.user.name} on ${host.name} has a BoltDB and an SQLite database, and reads one of them`,
        help: `Ask which one with podman info --format '{{.Host.DatabaseBackend}}', leave database_backend of containers.conf alone, and move the other file away once nothing in it is missed.`,
        at: below(found.where, "databases", sqlite, "kind"),
        related: [{ ...below(found.where, "databases", bolt, "kind"), message: "the other one" }],
      };
    }
  },
};
