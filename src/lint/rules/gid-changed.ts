import { type Fleet, type Host, nixosHosts } from "../../fleet/model.ts";
import { type Change, changeOnHost } from "../queries/changed.ts";
import { actualUser, groupWithGid } from "../queries/host-user.ts";
import type { Report, Rule } from "../rule.ts";

/**
 * The primary gid of the container user is not the one that it had.
 *
 * Podman maps it to the root group of every container, and the files of images and containers belong to
 * it. NixOS does not change the gid of a group that exists ("warning: not applying GID change"), and the
 * check before a switch refuses that. But it gives the user another group without a word: after the next
 * reboot every container that exists fails ("mounting storage … permission denied"), and files of images
 * have the group nogroup. newuidmap compares the primary gid, too. A warning where only the lock file has
 * another gid of the same group, or where the group gets another name and keeps its gid.
 *
 * Never ignore it: write the group and the gid that the host has, or accept the change with
 * `nixgen lock accept`.
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
  unsuppressible: true,
  summary: "the primary gid of the container user differs from the one it had",
  audit: "also",
  *check(fleet) {
    for (const host of nixosHosts(fleet)) {
      const report = judge(fleet, host) ?? judgeName(fleet, host);
      if (report !== undefined) yield report;
    }
  },
};

function judge(fleet: Fleet, host: Host): Report | undefined {
  const { name, group, gid, where } = host.user;
  if (gid === undefined) return undefined;
  const change = changeOnHost(fleet, host, "gid");
  if (change === undefined) return undefined;
  const { before, by, was } = change;
  const primary = actualUser(host)?.value.gid;
  const isPrimary = by === "host" && String(primary) === before;
  const old = groupWithGid(host, Number(before));
  // NixOS leaves the gid of a group as it is, but moves the user to another group.
  const moves = isPrimary || changeOnHost(fleet, host, "group") !== undefined;
  return {
    message: isPrimary
      ? `the primary gid of ${name} on ${host.name} is ${before}${old === undefined ? "" : ` (${old})`}, which must not become ${gid}`
      : `group ${group} on ${host.name} ${was}, which must not become ${gid}`,
    help: help(host, change, gid, old),
    at: where.gid,
    related: change.related,
    ...(by === "host" || moves ? {} : { severity: "warning" }),
  };
}

function help(
  { name: host, user }: Host,
  { before, done, accept }: Change,
  gid: number,
  old: string | undefined,
): string {
  if (done) {
    return `On ${host} it is ${gid} already. Give ${user.name} the files that the old group left (find / -xdev -gid ${before}), and then run ${accept}.`;
  }
  const words = old === undefined || old === user.group ? "" : `group = "${old}" and `;
  const written = `${words}gid = ${before}`;
  return `Keep it: ${written}, in [user] or for ${host} alone ([[nodes]] user = { ${written.replace(" and ", ", ")} }). With another one existing containers do not start after a reboot: the files of images and containers belong to it. Only once the group was changed by hand, with its files, a change may be accepted: ${accept}.`;
}

/** Another group of the same gid: no file gets another owner. */
function judgeName(fleet: Fleet, host: Host): Report | undefined {
  const { name, group, gid, where } = host.user;
  const change = changeOnHost(fleet, host, "group");
  if (gid === undefined || change === undefined) return undefined;
  const { before, was, related, accept } = change;
  return {
    message: `user ${name} on ${host.name} ${was}, which becomes ${group} with the same gid ${gid}`,
    help: `Keep group = "${before}". If the group was renamed on ${host.name} (groupmod --new-name ${group} ${before}), no file changes its owner: run ${accept}.`,
    at: where.group,
    related,
    severity: "warning",
  };
}
