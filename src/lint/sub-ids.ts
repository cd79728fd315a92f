/** Ranges of subordinate ids on a host, and the ids that none of them may contain. */
import type { Where } from "../fleet/finding.ts";
import { below, type Fleet, type Host, type SubIds } from "../fleet/model.ts";
import { currentName } from "./host-user.ts";
import { hasContainerUser, wellKnownIds } from "./identity.ts";

/** A range, whose it is, and where it says so. */
export interface Range extends SubIds {
  readonly name: string;
  readonly where: Where;
}

/** A uid or gid of a user or group that is not a subordinate one. */
export interface RealId {
  /** "user kyle" */
  readonly name: string;
  readonly id: number;
  readonly where: Where | undefined;
}

/** The ranges that the fleet gives to users of a host: the container user's, then those of [[users]]. */
export function declaredRanges(fleet: Fleet, host: Host): Range[] {
  const { name, subIds, where } = host.user;
  const others = fleet.inventory.users.flatMap(({ name: other, sub_ids, nodes }, index): Range[] =>
    sub_ids === undefined || (nodes !== undefined && !nodes.includes(host.name))
      ? []
      : [
          {
            name: other,
            ...sub_ids,
            where: { file: fleet.file, path: ["users", index, "sub_ids"] },
          },
        ],
  );
  if (!hasContainerUser(fleet, host)) return others;
  return [{ name, ...subIds, where: where.subIds }, ...others];
}

/** The ranges in a host's /etc/subuid and /etc/subgid. */
export function actualRanges(fleet: Fleet, host: Host): Range[] {
  if (host.facts === undefined) return [];
  const { file, facts } = host.facts;
  // Both files may name a user by its uid (subuid(5)).
  const names = new Map(
    [
      ...facts.passwd,
      ...fleet.inventory.users,
      ...(host.user.uid === undefined ? [] : [{ name: host.user.name, uid: host.user.uid }]),
    ].map(({ name, uid }) => [String(uid), name]),
  );
  return (["subuid", "subgid"] as const).flatMap((key) =>
    facts[key].map((entry, index) => ({
      ...entry,
      name: currentName(host, names.get(entry.name) ?? entry.name),
      where: below({ file, path: [] }, key, index),
    })),
  );
}

/** The ids of real users and groups: those that are pinned, those of the facts, and well-known ones. */
export function realIds(fleet: Fleet, host: Host): RealId[] {
  const { user, facts } = host;
  const top = (...path: (string | number)[]): Where => ({ file: facts?.file ?? "", path });
  const found: RealId[] = [];
  const known = new Set<string>();
  const add = (name: string, id: number | undefined, where: Where | undefined): void => {
    const key = `${id} ${name}`;
    if (id === undefined || known.has(key)) return;
    known.add(key);
    found.push({ name, id, where });
  };
  if (hasContainerUser(fleet, host)) {
    add(`user ${user.name}`, user.uid, user.where.uid);
    add(`group ${user.group}`, user.gid, user.where.gid);
  }
  for (const [index, { name, uid, gid, nodes }] of fleet.inventory.users.entries()) {
    if (nodes !== undefined && !nodes.includes(host.name)) continue;
    add(`user ${name}`, uid, { file: fleet.file, path: ["users", index, "uid"] });
    add(`group ${name}`, gid, { file: fleet.file, path: ["users", index, "gid"] });
  }
  for (const [index, { name, uid }] of (facts?.facts.passwd ?? []).entries()) {
    add(`user ${currentName(host, name)}`, uid, top("passwd", index, "uid"));
  }
  for (const [index, { name, gid }] of (facts?.facts.group ?? []).entries()) {
    add(`group ${name}`, gid, top("group", index, "gid"));
  }
  for (const [id, name] of wellKnownIds(host, "uid")) add(`user ${name}`, id, undefined);
  for (const [id, name] of wellKnownIds(host, "gid")) add(`group ${name}`, id, undefined);
  return found;
}

/** Whether two ranges have an id in common. */
export function overlap(a: SubIds, b: SubIds): boolean {
  return a.start < b.start + b.count && b.start < a.start + a.count;
}

/** Whether an id is in a range. */
export function contains({ start, count }: SubIds, id: number): boolean {
  return id >= start && id < start + count;
}
