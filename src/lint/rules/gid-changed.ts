import { type Fleet, type Host, nixosHosts } from "../../fleet/model.ts";
import { type Change, changeOnHost } from "../changed.ts";
import type { Report, Rule } from "../rule.ts";

/**
 * The gid of the container user's group is not the one that it had.
 *
 * NixOS does not change the gid of a group that exists ("warning: not applying GID change"), so the
 * host and its definition part, and the check before a switch refuses it: an error where the facts
 * show the old gid, a warning where only the lock file has it. Changed by hand, it leaves files of the
 * old group behind, and newuidmap, which compares gids, refuses every podman call until the user's
 * session is made anew.
 *
 * Never ignore it: write the gid that the host has, or accept the change with `nixgen lock accept`.
 *
 * @bad
 * ```toml nixgen.toml
 * [user]
 * name = "pod"
 * uid = 850
 * gid = 850
 * ```
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "group": [{ "name": "pod", "gid": 988 }]
 * }
 * ```
 * @good
 * ```toml nixgen.toml
 * [user]
 * name = "pod"
 * uid = 850
 * gid = 988
 * ```
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "group": [{ "name": "pod", "gid": 988 }]
 * }
 * ```
 * ```json facts/beta.json
 * {
 *   "schema": 1,
 *   "host": "beta",
 *   "group": [{ "name": "pod", "gid": 988 }]
 * }
 * ```
 */
export const rule: Rule = {
  id: "gid-changed",
  group: "identity",
  severity: "error",
  unsilenceable: true,
  summary: "the gid of the container user's group differs from the one it had",
  audit: "also",
  *check(fleet) {
    for (const host of nixosHosts(fleet)) {
      const report = judge(fleet, host);
      if (report !== undefined) yield report;
    }
  },
};

function judge(fleet: Fleet, host: Host): Report | undefined {
  const { group, gid, where } = host.user;
  if (gid === undefined) return undefined;
  const change = changeOnHost(fleet, host, "gid");
  if (change === undefined) return undefined;
  return {
    message: `group ${group} on ${host.name} ${change.was}, which must not become ${gid}`,
    help: help(host, change, gid),
    at: where.gid,
    related: change.related,
    ...(change.onHost ? {} : { severity: "warning" }),
  };
}

function help({ name: host, user }: Host, change: Change, gid: number): string {
  const { before, done, accept } = change;
  if (done) {
    return `On ${host} it is ${gid} already. Give ${user.name} the files that the old group left (find / -xdev -gid ${before}), and then run ${accept}.`;
  }
  return `Keep gid ${before}: NixOS does not change that of a group that exists. Write it as gid into [user], or for ${host} alone ([[nodes]] user = { gid = ${before} }). Only once the group was changed by hand, with its files, a change may be accepted: ${accept}.`;
}
