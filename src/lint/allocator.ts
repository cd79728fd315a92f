/**
 * How NixOS chooses ids for system users and groups that have none (nixpkgs,
 * nixos/modules/config/update-users-groups.pl): from 999 down to 400, without those that are in use and
 * those that its uid-map and gid-map remember.
 */
import type { Facts } from "../fleet/model.ts";

const HIGHEST = 999;
const LOWEST = 400;

/** The ids that NixOS hands out next on a host, the next one first; on a new host without facts. */
export function nextIds(facts: Facts | undefined, kind: "uid" | "gid", count: number): number[] {
  const taken = takenIds(facts, kind);
  const next: number[] = [];
  for (let id = HIGHEST; id >= LOWEST && next.length < count; id -= 1) {
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
