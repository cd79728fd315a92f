/** The container user as the facts of a host show it. */
import type { Where } from "../../document/place.ts";
import { below, type Facts, type Fleet, type Host, servicesOn } from "../../fleet/model.ts";

/** Something that a host has, and where its facts say so. */
export interface Known<Value> {
  readonly value: Value;
  readonly where: Where;
}

/** The container user's lines of /etc/passwd: one, on a host that is in order. The first one counts. */
export function actualUsers(host: Host): readonly Known<Facts["passwd"][number]>[] {
  const name = host.user.formerName ?? host.user.name;
  return known(host, "passwd", (line) => line.name === name);
}

/** The container user's line of /etc/passwd. */
export function actualUser(host: Host): Known<Facts["passwd"][number]> | undefined {
  return actualUsers(host)[0];
}

/** What the definitions call a user of a host: a container user that was renamed is no other user. */
export function currentName({ user }: Host, name: string): string {
  return name === user.formerName ? user.name : name;
}

/** The uid that NixOS remembers of a container user that is gone. */
export function rememberedUid(host: Host): Known<string> | undefined {
  if (host.facts === undefined || actualUser(host) !== undefined) return undefined;
  const { file, facts } = host.facts;
  const { name } = host.user;
  const uid = Object.hasOwn(facts.nixos_uid_map, name) ? facts.nixos_uid_map[name] : undefined;
  return uid === undefined
    ? undefined
    : { value: String(uid), where: { file, path: ["nixos_uid_map", name] } };
}

/** The line of /etc/group with the primary group of the container user. */
export function actualGroup(host: Host): Known<Facts["group"][number]> | undefined {
  const { name, group, formerName = name } = host.user;
  const wanted = group === name ? formerName : group;
  return known(host, "group", (line) => line.name === wanted)[0];
}

/** The user that has a uid on a host, by name. */
export function userWithUid(host: Host, uid: number): string | undefined {
  return host.facts?.facts.passwd.find((entry) => entry.uid === uid)?.name;
}

/** The group that has a gid on a host, by name. */
export function groupWithGid(host: Host, gid: number): string | undefined {
  return host.facts?.facts.group.find((entry) => entry.gid === gid)?.name;
}

/** The hosts that containers are to run on and that have the user for it, as their facts show. */
export function containerHosts(
  fleet: Fleet,
): { host: Host; facts: NonNullable<Host["facts"]>; user: Known<Facts["passwd"][number]> }[] {
  return fleet.hosts.flatMap((host) => {
    const user = actualUser(host);
    return host.facts === undefined ||
      user === undefined ||
      servicesOn(fleet, host.name).length === 0
      ? []
      : [{ host, facts: host.facts, user }];
  });
}

/** The lines of one of the facts' tables that are wanted. */
function known<Key extends "passwd" | "group">(
  { facts: its }: Host,
  key: Key,
  wanted: (line: Facts[Key][number]) => boolean,
): Known<Facts[Key][number]>[] {
  if (its === undefined) return [];
  const lines: readonly Facts[Key][number][] = its.facts[key];
  return lines.flatMap((value, index) =>
    wanted(value) ? [{ value, where: below({ file: its.file, path: [] }, key, index) }] : [],
  );
}
