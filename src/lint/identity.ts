/** Who has which uid and gid on a host: what the fleet pins, and what is there already. */
import type { Annotated, Where } from "../fleet/finding.ts";
import { below, type Fleet, type Host } from "../fleet/model.ts";
import type { Report } from "./rule.ts";

/** One name that has an id on a host. */
interface Owner {
  readonly name: string;
  readonly id: number;
  /** Where it says so; undefined for what every NixOS host has. */
  readonly where: Where | undefined;
  /** What there is to see: "facts/orion.json gives 995 to sshd". */
  readonly message: string;
}

/**
 * Ids that every NixOS host has given away (nixos/modules/misc/ids.nix and config/users-groups.nix):
 * root, nobody and nogroup, the build users from 30001 on and their group.
 */
const BUILD_USERS = 32;
const WELL_KNOWN = {
  uid: new Map<number, string>([
    [0, "root"],
    [65534, "nobody"],
    ...Array.from({ length: BUILD_USERS }, (_, n): [number, string] => [
      30001 + n,
      `nixbld${n + 1}`,
    ]),
  ]),
  gid: new Map<number, string>([
    [0, "root"],
    [65534, "nogroup"],
    [30000, "nixbld"],
  ]),
};

type Kind = keyof typeof WELL_KNOWN;

/** The users or groups that the fleet pins on a host: the container user's, then [[users]]. */
function pinned(fleet: Fleet, host: Host, kind: Kind): Owner[] {
  const { user } = host;
  const id = user[kind];
  const others = fleet.inventory.users.flatMap((other, index): Owner[] => {
    const its = other[kind];
    const here = other.nodes === undefined || other.nodes.includes(host.name);
    if (its === undefined || !here) return [];
    const where = { file: fleet.file, path: ["users", index, kind] };
    return [{ name: other.name, id: its, where, message: `${other.name} is pinned to ${its}` }];
  });
  if (id === undefined) return others;
  const where = kind === "uid" ? user.uidWhere : user.gidWhere;
  return [{ name: user.name, id, where, message: `${user.name} is pinned to ${id}` }, ...others];
}

/** The users or groups that a host has, as far as is known. */
function existing(host: Host, kind: Kind): Owner[] {
  if (host.facts === undefined) return [];
  const { file, facts } = host.facts;
  const top: Where = { file, path: [] };
  if (kind === "gid") {
    return facts.group.map(({ name, gid }, index) => ({
      name,
      id: gid,
      where: below(top, "group", index, "gid"),
      message: `${host.name} gave gid ${gid} to ${name}`,
    }));
  }
  const users = facts.passwd.map(({ name, uid }, index) => ({
    name,
    id: uid,
    where: below(top, "passwd", index, "uid"),
    message: `${host.name} gave uid ${uid} to ${name}`,
  }));
  const known = new Set(users.map(({ name }) => name));
  // NixOS gives a user that comes back the uid that it had (update-users-groups.pl).
  const remembered = Object.entries(facts.nixos_uid_map)
    .filter(([name]) => !known.has(name))
    .map(([name, uid]) => ({
      name,
      id: uid,
      where: below(top, "nixos_uid_map", name),
      message: `NixOS keeps uid ${uid} for ${name} on ${host.name}`,
    }));
  return [...users, ...remembered];
}

/** Every pinned id that somebody else on the same host has too. */
export function* idCollisions(fleet: Fleet, kind: Kind): Generator<Report> {
  for (const host of fleet.hosts) {
    const ours = pinned(fleet, host, kind);
    const theirs = existing(host, kind);
    for (const [index, owner] of ours.entries()) {
      if (owner.where === undefined) continue;
      const wellKnown = WELL_KNOWN[kind].get(owner.id);
      const others: Owner[] = [...ours.slice(0, index), ...theirs].filter(
        ({ id, name }) => id === owner.id && name !== owner.name,
      );
      if (others.length === 0 && wellKnown !== undefined && wellKnown !== owner.name) {
        others.push({ name: wellKnown, id: owner.id, where: undefined, message: "" });
      }
      for (const other of others) {
        const related: Annotated[] =
          other.where === undefined ? [] : [{ ...other.where, message: other.message }];
        const noun = kind === "uid" ? "uid" : "gid";
        const thing = kind === "uid" ? "user" : "group";
        yield {
          message: `${noun} ${owner.id} on ${host.name} belongs to ${other.name}, but is pinned for ${thing} ${owner.name}`,
          help: help(kind, owner.name, other.name, host.name),
          at: owner.where,
          related,
        };
      }
    }
  }
}

function help(kind: Kind, ours: string, theirs: string, host: string): string {
  return kind === "uid"
    ? `If containers of ${ours} have already run on another host, keep its uid there and give ${theirs} another uid on ${host}, or set user.uid for ${host} alone ([[nodes]] user = { uid = … }). On a new fleet, pin a uid between 400 and 899 that is free on every host.`
    : `Give ${theirs} another gid on ${host}, or pin a gid for ${ours} that is free on every host.`;
}
