/** The container user as the facts of a host show it. */
import type { Where } from "../fleet/finding.ts";
import { below, type Facts, type Fleet, type Host, servicesOn } from "../fleet/model.ts";

/** Something that a host has, and where its facts say so. */
export interface Known<Value> {
  readonly value: Value;
  readonly where: Where;
}

/** The container user's line of /etc/passwd. */
export function actualUser(host: Host): Known<Facts["passwd"][number]> | undefined {
  return known(host, "passwd", ({ name }) => name === host.user.name)[0];
}

/** The line of /etc/group with the primary group of the container user. */
export function actualGroup(host: Host): Known<Facts["group"][number]> | undefined {
  return known(host, "group", ({ name }) => name === host.user.group)[0];
}

/** The user that has a uid on a host, by name. */
export function userWithUid(host: Host, uid: number): string | undefined {
  return host.facts?.facts.passwd.find((entry) => entry.uid === uid)?.name;
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
