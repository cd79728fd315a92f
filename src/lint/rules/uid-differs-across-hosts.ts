import { below, type Fleet, type Host, servicesOn } from "../../fleet/model.ts";
import { takenIds } from "../queries/allocator.ts";
import { actualUser, groupWithGid } from "../queries/host-user.ts";
import type { Report, Rule } from "../rule.ts";

/**
 * The container user has another uid on one host than on the others, and nothing shows why.
 *
 * A service's files keep their numbers when they move: a snapshot of rift that is restored on a host
 * with another uid belongs to somebody else there. Two cases are reported. A host that is not NixOS has
 * the user with another uid, primary gid or home than the inventory says: a warning, for what is said
 * about that host is wrong. And a host is given a uid of its own though [user]'s is free there and the user does not exist
 * yet: an info, said while the choice costs nothing. A uid of its own that the host has already, or
 * that keeps out of another user's way, is the incident's own way out (lesson 1) and is right; what a
 * NixOS host has and the inventory changes is for uid-changed to say.
 *
 * Ignore it where the hosts never exchange data.
 *
 * @bad
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
 * user = { uid = 860 }
 * ```
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "passwd": [{ "name": "sshd", "uid": 998, "gid": 998 }]
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
 * user = { uid = 860 }
 * ```
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "passwd": [{ "name": "git", "uid": 850, "gid": 998 }]
 * }
 * ```
 */
export const rule: Rule = {
  id: "uid-differs-across-hosts",
  group: "identity",
  severity: "warning",
  summary: "the container user's uid on one host differs from the others, and nothing shows why",
  audit: "also",
  *check(fleet) {
    for (const host of fleet.hosts) {
      const report = host.release === undefined ? notAsWritten(fleet, host) : needless(fleet, host);
      if (report !== undefined) yield report;
    }
  },
};

/** A host whose user somebody made by hand, and not as the inventory says. */
function notAsWritten(fleet: Fleet, host: Host): Report | undefined {
  const { user } = host;
  const actual = actualUser(host);
  if (actual === undefined || servicesOn(fleet, host.name).length === 0) return undefined;
  const { uid, gid, home } = actual.value;
  const has = { uid, gid, home };
  const different = (["uid", "gid", "home"] as const).filter(
    (key) => user[key] !== undefined && has[key] !== undefined && has[key] !== user[key],
  );
  const [first] = different;
  if (first === undefined) return undefined;
  // A gid that follows from the uid is not written, so it is no mistake of its own.
  const shown = different.filter((key) => key !== "gid" || user.where.gid.path.at(-1) === "gid");
  const keys = shown.length === 0 ? different : shown;
  const group = groupWithGid(host, gid);
  const written = {
    uid: `uid = ${uid}`,
    gid: `gid = ${gid}`,
    group: group === undefined || group === user.name ? "" : `group = "${group}"`,
    home: home === undefined || home === user.home ? "" : `home = "${home}"`,
  };
  return {
    message: `user ${user.name} has ${keys.map((key) => `${key} ${has[key]}`).join(" and ")} on ${host.name}, where its containers run, and ${keys.map((key) => user[key]).join(" and ")} in the inventory`,
    help: `Write down what ${host.name} has: user = { ${Object.values(written).filter(Boolean).join(", ")} } in its [[nodes]].`,
    at: user.where[first],
    related: keys.map((key) => ({
      ...below(actual.where, key),
      message: `${host.name} has ${user.name} with ${key} ${has[key]}`,
    })),
  };
}

/** A uid of a host's own that the host's facts give no reason for. */
function needless({ inventory, file }: Fleet, host: Host): Report | undefined {
  const usual = inventory.user.uid;
  const own = host.node.user?.uid;
  if (usual === undefined || own === undefined || own === usual) return undefined;
  if (host.facts === undefined || actualUser(host) !== undefined) return undefined;
  const taken = takenIds(host.facts.facts, "uid").has(usual);
  const pinnedHere = inventory.users.some(
    ({ uid, nodes }) => uid === usual && (nodes === undefined || nodes.includes(host.name)),
  );
  if (taken || pinnedHere) return undefined;
  return {
    message: `user ${host.user.name} is to have uid ${own} on ${host.name} and ${usual} elsewhere, though ${usual} is free there`,
    help: `Leave uid out for ${host.name} while the user does not exist there yet: data that moves between hosts then keeps its owner.`,
    at: host.user.where.uid,
    related: [{ file, path: ["user", "uid"], message: `${host.user.name} is pinned to ${usual}` }],
    severity: "info",
  };
}
