import { below } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";
import { podmanOf } from "../runtime.ts";

/**
 * The containers are in a BoltDB database, which podman 6 no longer reads.
 *
 * podman 4 made such databases, and podman 5 goes on using one that is there. An upgrade to podman 6
 * without a reboot under 5.8 in between would show no containers at all, like the incident's reboot.
 *
 * Ignore it on a host that will not be upgraded, or whose containers are all defined here.
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
  summary: "podman's database is of a kind that podman 6 does not read",
  audit: "also",
  *check(fleet) {
    for (const host of fleet.hosts) {
      const found = podmanOf(host);
      const databases = found?.podman.databases ?? [];
      const index = databases.findIndex(({ kind }) => kind === "boltdb");
      // Beside another one it is not the one in use, or not for long: see two-databases.
      if (found === undefined || index === -1 || databases.length > 1) continue;
      yield {
        message: `the podman of ${host.user.name} on ${host.name} keeps its containers in a BoltDB database, which podman 6 does not read`,
        help: `Before an upgrade, see that every container of ${host.name} is defined (nixgen audit), then reboot once under podman 5.8, which converts the database, or let recover.sh make the containers anew.`,
        at: below(found.where, "databases", index, "kind"),
      };
    }
  },
};
