/** Which ids of a host are handed out without anybody choosing them, and to whom. */
import type { Facts, SubIds } from "../fleet/model.ts";

/** A range of ids of which something takes one, or several, by itself. */
export interface Allocator {
  readonly first: number;
  readonly last: number;
  /** Completes "is one that": "systemd-homed gives to users". */
  readonly does: string;
}

/**
 * Where NixOS and useradd begin with users of people: nixpkgs, nixos/modules/config/update-users-groups.pl;
 * shadow, login.defs(5).
 */
const PEOPLE: Allocator = { first: 1000, last: 60000, does: "NixOS and useradd give to people" };

/** What takes single ids of the whole range, by a hash or at random: systemd, docs/UIDS-GIDS.md. */
const SINGLE: readonly Allocator[] = [
  { first: 60001, last: 60513, does: "systemd-homed gives to people" },
  { first: 61184, last: 65519, does: "systemd gives to services with DynamicUser=" },
];

/**
 * What takes whole ranges. NixOS gives users from 100000 on 65536 ids each and does not look at the
 * ranges that are declared (update-users-groups.pl, allocSubUid); useradd looks (SUB_UID_MIN of login.defs(5)).
 * systemd-nspawn looks at the first id of a range alone.
 */
const RANGES: readonly Allocator[] = [
  { first: 100000, last: 524287, does: "NixOS and useradd give to people as subordinate ids" },
  { first: 524288, last: 1879048191, does: "systemd-nspawn gives to containers" },
  { first: 2147352576, last: 2147418111, does: "systemd gives to files of foreign images" },
];

/** What may take ids of a range by itself, if anything does. */
export function allocatorIn({ start, count }: SubIds): Allocator | undefined {
  return [PEOPLE, ...SINGLE, ...RANGES].find(
    ({ first, last }) => start <= last && first < start + count,
  );
}

/** What may take one id above those of people by itself, if anything does. */
export function allocatorOf(id: number): Allocator | undefined {
  return [...SINGLE, ...RANGES].find(({ first, last }) => id >= first && id <= last);
}

/**
 * For whom NixOS chooses an id: system users and groups have 999 down to 400, people 1000 upward, without
 * what is in use and what its uid-map and gid-map remember (update-users-groups.pl). Groups of people
 * have ids of the first kind.
 */
export type Ladder = "system" | "people";

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
