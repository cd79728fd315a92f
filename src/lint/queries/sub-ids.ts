/** Ranges of subordinate ids on a host, and the ids that none of them may contain. */
import type { Where } from "../../document/place.ts";
import type { Fix } from "../../finding/finding.ts";
import { lockedIdentity } from "../../fleet/lock.ts";
import { below, type Fleet, type Host, type SubIds } from "../../fleet/model.ts";
import { groupBy } from "../../text/group.ts";
import { DEFAULT_SUB_IDS, lastOf, subIdsLines } from "../../fleet/sub-ids.ts";
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

/** Whether the container user of a host has a range, in the lock or on the host: it must not move then. */
export function hasRange(fleet: Fleet, host: Host): boolean {
  return (
    lockedIdentity(fleet, host)?.sub_ids !== undefined ||
    (["subuid", "subgid"] as const).some((file) => subIdsLines(host, file).length > 0)
  );
}

/** Where systemd's range for files of foreign images begins (docs/UIDS-GIDS.md). */
const END_OF_FREE = 2147352576;

/**
 * The first range, from the default one on, that nobody has an id of on any of the hosts and that
 * nothing hands out by itself.
 * @param own whose own ranges do not count.
 */
export function freeRange(
  fleet: Fleet,
  hosts: readonly Host[],
  own: string,
  count: number,
): SubIds | undefined {
  const taken = hosts
    .flatMap((host) => takenOn(fleet, host))
    .filter(({ name }) => name !== own)
    .sort((a, b) => a.start - b.start);
  const last = END_OF_FREE - count;
  let { start } = DEFAULT_SUB_IDS;
  for (const other of taken) {
    if (other.start >= start + count) break;
    const behind = other.start + other.count - start;
    if (behind > 0) start += Math.ceil(behind / DEFAULT_SUB_IDS.count) * DEFAULT_SUB_IDS.count;
  }
  return start <= last ? { start, count } : undefined;
}

/** All ranges and ids of a host, which several findings ask for. */
function takenOn(fleet: Fleet, host: Host): readonly (SubIds & { readonly name?: string })[] {
  let taken = takenBy.get(host);
  if (taken === undefined) {
    taken = [
      ...declaredRanges(fleet, host),
      ...actualRanges(fleet, host),
      ...realIds(fleet, host).map(({ id }) => ({ start: id, count: 1 })),
    ];
    takenBy.set(host, taken);
  }
  return taken;
}

const takenBy = new WeakMap<Host, readonly (SubIds & { readonly name?: string })[]>();

/**
 * Moves the range of the container user of a host to one that is free, where it is written and no host
 * that it is written for has it in use.
 */
export function moveRange(fleet: Fleet, host: Host): Fix | undefined {
  let fixes = moved.get(fleet);
  if (fixes === undefined) {
    // Each host asks for the place that its range is written at, which most often is one for all.
    const byPlace = groupBy(fleet.hosts, ({ user }) => placeOf(user.where.subIds));
    fixes = new Map([...byPlace].map(([place, hosts]) => [place, moveOf(fleet, hosts)]));
    moved.set(fleet, fixes);
  }
  return fixes.get(placeOf(host.user.where.subIds));
}

const moved = new WeakMap<Fleet, ReadonlyMap<string, Fix | undefined>>();

/** @param hosts all whose range is written at one place. */
function moveOf(fleet: Fleet, hosts: readonly Host[]): Fix | undefined {
  const [first] = hosts;
  if (first?.user.subIdsFrom !== "inventory" || hosts.some((host) => hasRange(fleet, host)))
    return undefined;
  const { user } = first;
  const free = freeRange(fleet, hosts, user.name, user.subIds.count);
  return (
    free && {
      title: `move the subordinate ids of ${user.name} to ${free.start}`,
      edits: [{ kind: "replace", at: below(user.where.subIds, "start"), value: free.start }],
    }
  );
}

function placeOf({ file, path }: Where): string {
  return JSON.stringify([file, path]);
}

/** "100000 to 165535" */
export function rangeText(range: SubIds): string {
  return `${range.start} to ${lastOf(range)}`;
}

/** Whether two ranges have an id in common. */
export function overlap(a: SubIds, b: SubIds): boolean {
  return a.start < b.start + b.count && b.start < a.start + a.count;
}

/** Whether an id is in a range. */
export function contains({ start, count }: SubIds, id: number): boolean {
  return id >= start && id < start + count;
}
