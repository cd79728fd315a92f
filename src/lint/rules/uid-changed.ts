import { identityKey, lockedUid } from "../../fleet/lock.ts";
import { below, type Fleet, type Host, nixosHosts } from "../../fleet/model.ts";
import type { Report, Rule } from "../rule.ts";

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
  group: "identity",
  severity: "error",
  summary: "the container user's uid differs from the one it had",
  *check(fleet) {
    for (const host of nixosHosts(fleet)) {
      const report = judge(fleet, host);
      if (report !== undefined) yield report;
    }
  },
};

function judge(fleet: Fleet, host: Host): Report | undefined {
  const { name, uid, uidWhere } = host.user;
  if (uid === undefined) return undefined;
  const locked = lockedUid(fleet, host);
  const key = identityKey(name, host.name);
  const entries = host.facts?.facts.passwd ?? [];
  const index = entries.findIndex((entry) => entry.name === name);
  const actual = entries[index]?.uid;
  // What the host has counts for more than what was written down.
  const before = [actual, locked].find((known) => known !== undefined && known !== uid);
  if (before === undefined) return undefined;

  const lockPlace = locked !== undefined && {
    ...below({ file: fleet.lock.file, path: [] }, "uids", key),
    message: `${name} was locked to ${locked} on ${host.name}`,
  };
  const factsPlace = host.facts !== undefined &&
    actual !== undefined && {
      ...below({ file: host.facts.file, path: [] }, "passwd", index, "uid"),
      message: `${host.name} has ${name} with uid ${actual}`,
    };
  const has = before === actual ? "has" : "was locked to";
  return {
    message: `user ${name} on ${host.name} ${has} uid ${before}, which must not become ${uid}`,
    help: help(name, host.name, { before, uid, actual, locked, key, file: fleet.lock.file }),
    at: uidWhere,
    related: [lockPlace, factsPlace].filter((place) => place !== false),
  };
}

interface Change {
  readonly before: number;
  readonly uid: number;
  readonly actual: number | undefined;
  readonly locked: number | undefined;
  readonly key: string;
  readonly file: string;
}

function help(name: string, host: string, change: Change): string {
  const { before, uid, actual, locked, key, file } = change;
  if (actual === uid) {
    return `Keep uid ${before} if containers of ${name} have run under it. ${host} already has uid ${uid}: only where podman's data was moved to it on purpose, write "${key}" = ${uid} into ${file}.`;
  }
  const lock =
    locked === undefined || locked === before
      ? ""
      : ` Correct "${key}" in ${file} as well: the host never had uid ${locked}.`;
  return `Keep uid ${before}: podman would lose every container of ${name} on ${host}. If it collides with another user there, give that user another uid; if other hosts differ, set user.uid for ${host} alone ([[nodes]] user = { uid = ${before} }).${lock}`;
}
