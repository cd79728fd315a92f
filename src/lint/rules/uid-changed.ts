import { lockedUid } from "../../fleet/lock.ts";
import { below, nixosHosts } from "../../fleet/model.ts";
import { identityKey } from "../../fleet/lock.ts";
import type { Annotated } from "../../fleet/finding.ts";
import type { Rule } from "../rule.ts";

/**
 * The container user's uid is not the one that it had.
 *
 * NixOS does not change the uid of a user that exists, and podman keeps paths with the old one in its
 * database: after the change from 995 to 850 every container of rift was gone at the next boot
 * (incident, root cause 2). A uid that containers have run under must never change.
 *
 * Never ignore it.
 */
export const rule: Rule = {
  id: "uid-changed",
  severity: "error",
  summary: "the container user's uid differs from the one it had",
  *check(fleet) {
    for (const host of nixosHosts(fleet)) {
      const { name, uid, uidWhere } = host.user;
      if (uid === undefined) continue;
      const locked = lockedUid(fleet, host);
      const entries = host.facts?.facts.passwd ?? [];
      const index = entries.findIndex((entry) => entry.name === name);
      const actual = entries[index]?.uid;
      const before = [locked, actual].find((known) => known !== undefined && known !== uid);
      if (before === undefined) continue;
      const related: Annotated[] = [];
      if (locked !== undefined) {
        related.push({
          ...below({ file: fleet.lock.file, path: [] }, "uids", identityKey(name, host.name)),
          message: `${name} was locked to ${locked} on ${host.name}`,
        });
      }
      if (host.facts !== undefined && actual !== undefined) {
        related.push({
          ...below({ file: host.facts.file, path: [] }, "passwd", index, "uid"),
          message: `${host.name} has ${name} with uid ${actual}`,
        });
      }
      yield {
        message: `user ${name} on ${host.name} has uid ${before}, which must not become ${uid}`,
        help: `Keep uid ${before}: podman would lose every container of ${name} on ${host.name}. If it collides with another user there, give that user another uid; if other hosts differ, set user.uid for ${host.name} alone ([[nodes]] user = { uid = ${before} }).`,
        at: uidWhere,
        related,
      };
    }
  },
};
