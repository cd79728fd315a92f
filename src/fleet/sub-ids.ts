/** Ranges of subordinate ids: how files write one, and which one the container user of a host has. */
import type { Where } from "../document/place.ts";
import { lockedWhere, parseSubIds } from "./lock.ts";
import { below, type Facts, type Fleet, type Host, type HostUser, type SubIds } from "./model.ts";

/** The last id that there is: 2^32 - 1 means "unchanged" to chown(2). */
export const LAST_ID = 4294967294;

/**
 * The range of a user that has none yet, neither in the lock nor on its host. Nothing hands out these
 * ids by itself: not NixOS (from 100000 on), useradd (100000 to 600100000), systemd (containers 524288 to
 * 1879048191, foreign images 2147352576 to 2147418111), SSSD or FreeIPA (200000 to 2000200000).
 *
 * It never changes: a fleet whose lock was lost would move the files of its containers with it.
 */
export const DEFAULT_SUB_IDS: SubIds = { start: 2130706432, count: 65536 };

/** The last id of a range. */
export function lastOf({ start, count }: SubIds): number {
  return start + count - 1;
}

/** A line of a host's /etc/subuid or /etc/subgid, and where its facts have it. */
export interface SubIdsLine {
  readonly value: SubIds;
  readonly where: Where;
}

/** The lines of a user, which may be named by its uid (subuid(5)). */
export function subIdsLines(
  host: Pick<Host, "facts"> & { readonly user: Pick<HostUser, "name" | "formerName" | "uid"> },
  file: "subuid" | "subgid",
): SubIdsLine[] {
  if (host.facts === undefined) return [];
  const { name: current, formerName: name = current, uid: pinned } = host.user;
  const { facts } = host.facts;
  const uid = facts.passwd.find((line) => line.name === name)?.uid ?? pinned;
  const lines: readonly Facts["subuid"][number][] = facts[file];
  return lines.flatMap((value, index) =>
    value.name === name || value.name === String(uid)
      ? [{ value, where: below({ file: host.facts?.file ?? "", path: [] }, file, index) }]
      : [],
  );
}

/** The ranges of some lines, those that touch taken together. */
export function rangesOf(lines: readonly SubIdsLine[]): SubIds[] {
  const ranges: SubIds[] = [];
  for (const { value } of lines) {
    const last = ranges.at(-1);
    if (last !== undefined && last.start + last.count === value.start) {
      ranges[ranges.length - 1] = { start: last.start, count: last.count + value.count };
    } else ranges.push({ start: value.start, count: value.count });
  }
  return ranges;
}

/** A range, what says that it is the user's, and where. */
export interface ChosenSubIds {
  readonly subIds: SubIds;
  readonly from: HostUser["subIdsFrom"];
  readonly where: Where;
}

/**
 * The range of the container user of a host: the one that is written; else the one of the lock, else the
 * one that the host has, for a range that is in use must not move; else the default.
 */
export function chooseSubIds(
  host: Pick<Host, "name" | "node" | "where" | "facts"> & {
    readonly user: Pick<HostUser, "name" | "formerName" | "uid">;
  },
  { inventory, file, lock }: Pick<Fleet, "inventory" | "file" | "lock">,
): ChosenSubIds {
  const own = host.node.user?.sub_ids;
  if (own !== undefined) {
    return { subIds: own, from: "inventory", where: below(host.where, "user", "sub_ids") };
  }
  const where: Where = { file, path: ["user", "sub_ids"] };
  const { sub_ids: common } = inventory.user;
  if (common !== undefined) return { subIds: common, from: "inventory", where };

  const locked = parseSubIds(lock.lock.identities.get(host.name)?.sub_ids ?? "");
  if (locked !== undefined) {
    return { subIds: locked, from: "lock", where: lockedWhere(lock, host.name, "sub_ids") };
  }
  for (const lines of [subIdsLines(host, "subuid"), subIdsLines(host, "subgid")]) {
    const [there, ...others] = rangesOf(lines);
    const [line] = lines;
    // A definition has one range: with several, the rule subid-changed says what to do.
    if (there === undefined || line === undefined || others.length > 0) continue;
    if (lastOf(there) <= LAST_ID) return { subIds: there, from: "facts", where: line.where };
  }
  return { subIds: DEFAULT_SUB_IDS, from: "default", where };
}
