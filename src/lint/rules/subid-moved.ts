import { groupBy } from "../../text/group.ts";
import { below, type SubIds } from "../../fleet/model.ts";
import { currentName } from "../queries/host-user.ts";
import type { Rule } from "../rule.ts";
import { actualRanges, contains, rangeText } from "../queries/sub-ids.ts";

/**
 * Files in the storage of a user's podman belong to ids that are not the user's.
 *
 * Its range of subordinate ids was another one when they were made. Inside its containers they belong to
 * nobody: images do not start, and services cannot write their data. NixOS moves automatic ranges by
 * itself: when a third user was added, the owner of 100000 got 231072 in three of six trials.
 *
 * Ignore it where the containers of that user are made again anyway.
 *
 * @bad
 * ```json facts/alpha.json
 * {
 *   "schema": 2,
 *   "host": "alpha",
 *   "passwd": [{ "name": "ana", "uid": 1000, "gid": 100 }],
 *   "subuid": [{ "name": "ana", "start": 231072, "count": 65536 }],
 *   "podman": [{ "user": "ana", "file_uids": { "lowest": 100998, "highest": 100998 } }]
 * }
 * ```
 * @good
 * ```json facts/alpha.json
 * {
 *   "schema": 2,
 *   "host": "alpha",
 *   "passwd": [{ "name": "ana", "uid": 1000, "gid": 100 }],
 *   "subuid": [{ "name": "ana", "start": 231072, "count": 65536 }],
 *   "podman": [{ "user": "ana", "file_uids": { "lowest": 231072, "highest": 232070 } }]
 * }
 * ```
 */
export const rule: Rule = {
  id: "subid-moved",
  group: "identity",
  severity: "warning",
  summary: "files in podman's storage belong to ids that are not the user's",
  audit: "only",
  *check(fleet) {
    for (const host of fleet.hosts) {
      if (host.facts === undefined) continue;
      const { file, facts } = host.facts;
      const ranges = groupBy(
        actualRanges(fleet, host).filter(({ where }) => where.path[0] === "subuid"),
        ({ name }) => name,
      );
      for (const [index, { user, file_uids: uids }] of (facts.podman ?? []).entries()) {
        const own = ranges.get(currentName(host, user)) ?? [];
        if (uids === undefined || own.length === 0) continue;
        const isOwn = (id: number): boolean => own.some((range) => contains(range, id));
        const key = (["lowest", "highest"] as const).find((each) => !isOwn(uids[each]));
        // What root has put there belongs to root.
        if (key === undefined || uids[key] === 0) continue;
        const [first] = own;
        const text = own.map((range: SubIds) => rangeText(range)).join(" and ");
        yield {
          message: `files in podman's storage of ${user} on ${host.name} belong to uid ${uids[key]}, which is not a subordinate id of ${user} (${text})`,
          help: `If the range was moved, give ${user} the one that it had, in both /etc/subuid and /etc/subgid (NixOS: users.users.${user}.subUidRanges and subGidRanges; the automatic range that has ${uids[key]} begins at ${beginningOf(uids[key])}). If its files were left by something else, give them to ${user} as root.`,
          at: below({ file, path: ["podman", index] }, "file_uids", key),
          related: first === undefined ? [] : [{ ...first.where, message: `${user} has ${text}` }],
        };
      }
    }
  },
};

/** Where the usual range begins that has an id: 100000 and every 65536 from there on. */
function beginningOf(id: number): number {
  return id < 100000 ? id : 100000 + Math.floor((id - 100000) / 65536) * 65536;
}
