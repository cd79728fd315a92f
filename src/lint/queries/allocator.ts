/** Which ids of a host are handed out without anybody choosing them, and to whom. */
import type { Facts, SubIds } from "../../fleet/model.ts";

/** A range of ids of which something takes one, or several, by itself. */
export interface Allocator {
  readonly first: number;
  readonly last: number;
  /** What takes them: "systemd-homed gives". */
  readonly gives: string;
  readonly to: string;
}

/**
 * Where NixOS and useradd begin with users of people: nixpkgs, nixos/modules/config/update-users-groups.pl;
 * shadow, login.defs(5).
 */
const NORMAL_USERS: Allocator = {
  first: 1000,
  last: 60000,
  gives: "NixOS and useradd give",
  to: "normal users",
};

/** What takes single ids of the whole range, by a hash or at random: systemd, docs/UIDS-GIDS.md. */
const SINGLE: readonly Allocator[] = [
  { first: 60001, last: 60513, gives: "systemd-homed gives", to: "normal users" },
  { first: 61184, last: 65519, gives: "systemd gives", to: "services with DynamicUser=" },
];

/**
 * What takes whole ranges. NixOS gives normal users from 100000 on 65536 ids each and does not look at the
 * ranges that are declared (update-users-groups.pl, allocSubUid); useradd looks (SUB_UID_MIN of login.defs(5)).
 * systemd-nspawn looks at users and groups only (findings/nspawn-takes-delegated-ids.sh).
 */
const RANGES: readonly Allocator[] = [
  {
    first: 100000,
    last: 524287,
    gives: "NixOS and useradd give",
    to: "normal users as subordinate ids",
  },
  { first: 524288, last: 1879048191, gives: "systemd-nspawn gives", to: "containers" },
  { first: 2147352576, last: 2147418111, gives: "systemd gives", to: "files of foreign images" },
];

/** What may take ids of a range by itself, if anything does. */
export function allocatorIn({ start, count }: SubIds): Allocator | undefined {
  return [NORMAL_USERS, ...SINGLE, ...RANGES].find(
    ({ first, last }) => start <= last && first < start + count,
  );
}

/** What may take one id above those of normal users by itself, if anything does. */
export function allocatorOf(id: number): Allocator | undefined {
  return [...SINGLE, ...RANGES].find(({ first, last }) => id >= first && id <= last);
}

/** "systemd-homed gives 60001 to 60513 to normal users" */
export function allocatorText({ first, last, gives, to }: Allocator): string {
  return `${gives} ${first} to ${last} to ${to}`;
}

/**
 * For whom NixOS chooses an id: system users and groups have 999 down to 400, normal users 1000 upward,
 * without what is in use and what its uid-map and gid-map remember (update-users-groups.pl). Groups of normal
 * users have ids of the first kind.
 */
export type Ladder = "system" | "normal";

/** The ids that are chosen next on a host, the next one first; on a new host without facts. */
export function nextIds(
  facts: Facts | undefined,
  kind: "uid" | "gid",
  ladder: Ladder,
  count: number,
): number[] {
  const taken = takenIds(facts, kind);
  const [first, last, step] = ladder === "system" ? [999, 400, -1] : [1000, 29999, 1];
  const next: number[] = [];
  for (let id = first; id !== last + step && next.length < count; id += step) {
    if (!taken.has(id)) next.push(id);
  }
  return next;
}

/** The ids that a host has given away or once gave away. */
export function takenIds(facts: Facts | undefined, kind: "uid" | "gid"): ReadonlySet<number> {
  if (facts === undefined) return new Set();
  return new Set(
    kind === "uid"
      ? [...facts.passwd.map(({ uid }) => uid), ...Object.values(facts.nixos_uid_map)]
      : [
          ...facts.group.map(({ gid }) => gid),
          ...facts.passwd.map(({ gid }) => gid),
          ...Object.values(facts.nixos_gid_map),
        ],
  );
}
