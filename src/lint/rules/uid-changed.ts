import { type Fleet, type Host, nixosHosts } from "../../fleet/model.ts";
import { type Change, changeOnHost } from "../queries/changed.ts";
import type { Report, Rule } from "../rule.ts";

/**
 * The container user's uid is not the one that it had.
 *
 * NixOS does not change the uid of a user that exists, and podman keeps paths with the old one in its
 * database: after the change from 995 to 850 every container of rift was gone at the next boot
 * (incident, root cause 2). A uid that containers have run under must never change. Where it must all
 * the same, `nixgen lock accept uid USER@HOST` writes down from what to what, and why. A warning where
 * the user is gone and only NixOS's uid-map knows that it had another uid: its data may still be there.
 *
 * Never ignore it.
 *
 * @bad
 * ```toml nixgen.toml
 * [user]
 * name = "pod"
 * uid = 850
 * ```
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "passwd": [{ "name": "pod", "uid": 995, "gid": 850 }],
 *   "group": [{ "name": "pod", "gid": 850 }],
 *   "subuid": [{ "name": "pod", "start": 100000, "count": 65536 }],
 *   "subgid": [{ "name": "pod", "start": 100000, "count": 65536 }]
 * }
 * ```
 * @good
 * ```toml nixgen.toml
 * [user]
 * name = "pod"
 * uid = 850
 *
 * [[nodes]]
 * name = "alpha"
 * os = "nixos"
 * nixos_release = "25.11"
 * role = "master"
 * user = { uid = 995, gid = 850 }
 * ```
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "passwd": [{ "name": "pod", "uid": 995, "gid": 850 }],
 *   "group": [{ "name": "pod", "gid": 850 }],
 *   "subuid": [{ "name": "pod", "start": 100000, "count": 65536 }],
 *   "subgid": [{ "name": "pod", "start": 100000, "count": 65536 }]
 * }
 * ```
 */
export const rule: Rule = {
  id: "uid-changed",
  group: "identity",
  severity: "error",
  unsuppressible: true,
  summary: "the container user's uid differs from the one it had",
  audit: "also",
  *check(fleet) {
    for (const host of nixosHosts(fleet)) {
      const report = judge(fleet, host);
      if (report !== undefined) yield report;
    }
  },
};

function judge(fleet: Fleet, host: Host): Report | undefined {
  const { name, uid, where } = host.user;
  if (uid === undefined) return undefined;
  const change = changeOnHost(fleet, host, "uid");
  if (change === undefined) return undefined;
  return {
    message: `user ${name} on ${host.name} ${change.was}, which must not become ${uid}`,
    help: help(fleet, host, change, uid),
    at: where.uid,
    related: change.related,
    ...(change.by === "uid-map" ? { severity: "warning" } : {}),
  };
}

function help(fleet: Fleet, { name: host, user }: Host, change: Change, uid: number): string {
  const { before, by, done, wronglyLocked, accept } = change;
  if (by === "uid-map") {
    return `The user is gone, and its data may not be: if ${user.storage} is still there on ${host}, keep uid ${before} (user.uid in [[nodes]] for ${host} alone). If it is not, remove ${user.name} from /var/lib/nixos/uid-map and collect the facts again, or run ${accept}.`;
  }
  if (done) {
    return `Keep uid ${before} if containers of ${user.name} have run under it. ${host} already has uid ${uid}: only where podman's data was moved to it on purpose, run ${accept}.`;
  }
  const lock = wronglyLocked
    ? ` Correct uid of ${host} in ${fleet.lock.file} as well: the host never had that uid.`
    : "";
  return `Keep uid ${before}: podman would lose every container of ${user.name} on ${host}. If it collides with another user there, give that user another uid; if other hosts differ, set user.uid for ${host} alone ([[nodes]] user = { uid = ${before} }).${lock} Only once podman's data was moved, a change may be accepted: ${accept}.`;
}
