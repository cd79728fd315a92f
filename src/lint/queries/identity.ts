/** Who has which uid and gid on a host: what the fleet pins, and what is there already. */
import type { Where } from "../../document/place.ts";
import type { Annotated, Severity } from "../../finding/finding.ts";
import { below, type Fleet, hasOwnGroup, type Host, servicesOn } from "../../fleet/model.ts";
import { actualUser, currentName } from "./host-user.ts";
import { NIXOS_GROUPS, NIXOS_USERS } from "./nixos-names.ts";
import { named } from "./named.ts";
import type { Report } from "../rule.ts";

/** One name that has an id on a host. */
export interface Owner {
  readonly name: string;
  readonly id: number;
  /** Where it says so; undefined for what every NixOS host has. */
  readonly where: Where | undefined;
  /** What there is to see: "facts/orion.json gives 995 to sshd". */
  readonly message: string;
  /** The user is gone, and only NixOS's uid-map knows that it had this id. */
  readonly gone?: true;
}

/** Ids that every host has given away, by name; on NixOS see NIXOS_USERS. */
const EVERYWHERE = {
  uid: new Map([
    [0, "root"],
    [65534, "nobody"],
  ]),
  gid: new Map([
    [0, "root"],
    [65534, "nogroup"],
  ]),
};
const ON_NIXOS = { uid: byId(NIXOS_USERS), gid: byId(NIXOS_GROUPS) };

function byId(ids: ReadonlyMap<string, number | undefined>): ReadonlyMap<number, string> {
  return new Map([...ids].flatMap(([name, id]) => (id === undefined ? [] : [[id, name]])));
}

/** What is compared: uids or gids. */
export type Kind = keyof typeof EVERYWHERE;

/** The ids that a host has given away whatever else it has, with their names. */
export function wellKnownIds(host: Host, kind: Kind): ReadonlyMap<number, string> {
  return (host.release === undefined ? EVERYWHERE : ON_NIXOS)[kind];
}

/**
 * Whether a host has the container user as the inventory describes it. NixOS makes it; elsewhere
 * somebody did by hand, where containers run or where the facts show it.
 */
export function hasContainerUser(fleet: Fleet, host: Host): boolean {
  if (host.release !== undefined) return true;
  const actual = actualUser(host)?.value;
  return actual === undefined
    ? servicesOn(fleet, host.name).length > 0
    : actual.uid === host.user.uid;
}

/** The users or groups that the fleet pins on a host: the container user's, then [[users]]. */
export function pinned(fleet: Fleet, host: Host, kind: Kind): Owner[] {
  const { user } = host;
  const id = user[kind];
  const others = fleet.inventory.users.flatMap((other, index): Owner[] => {
    const its = other[kind];
    const here = other.nodes === undefined || other.nodes.includes(host.name);
    if (its === undefined || !here) return [];
    const where = { file: fleet.file, path: ["users", index, kind] };
    return [{ name: other.name, id: its, where, message: `${other.name} is pinned to ${its}` }];
  });
  if (id === undefined || !hasContainerUser(fleet, host)) return others;
  const name = kind === "uid" ? user.name : user.group;
  return [{ name, id, where: user.where[kind], message: `${name} is pinned to ${id}` }, ...others];
}

/** The users or groups that a host has, as far as is known. */
function existing(host: Host, kind: Kind): Owner[] {
  if (host.facts === undefined) return [];
  const { file, facts } = host.facts;
  const top: Where = { file, path: [] };
  if (kind === "gid") {
    return facts.group.map(({ name, gid }, index) => ({
      name: hasOwnGroup(host.user) ? currentName(host, name) : name,
      id: gid,
      where: below(top, "group", index, "gid"),
      message: `${host.name} gave gid ${gid} to ${name}`,
    }));
  }
  const users = facts.passwd.map(({ name, uid }, index) => ({
    name: currentName(host, name),
    id: uid,
    where: below(top, "passwd", index, "uid"),
    message: `${host.name} gave uid ${uid} to ${name}`,
  }));
  const known = new Set(users.map(({ name }) => name));
  // A user that comes back gets the uid that it had, but not one that is declared for another
  // (update-users-groups.pl): what is left are its files.
  const remembered = Object.entries(facts.nixos_uid_map)
    .filter(([name]) => !known.has(name))
    .map(([name, uid]) => ({
      name,
      id: uid,
      where: below(top, "nixos_uid_map", name),
      message: `${host.name} once gave uid ${uid} to ${name}`,
      gone: true as const,
    }));
  return [...users, ...remembered];
}

/** Every pinned id that somebody else on the same host has too; the same on several hosts is one finding. */
export function* idCollisions(fleet: Fleet, kind: Kind): Generator<Report> {
  const thing = kind === "uid" ? "user" : "group";
  for (const [first, ...more] of sameCollisions(fleet, kind)) {
    const { host, owner, other, isKnown } = first;
    const hosts = named([first, ...more].map((each) => each.host.name));
    const related: Annotated[] =
      other.where === undefined ? [] : [{ ...other.where, message: other.message }];
    const severity: { severity?: Severity } = other.gone ? { severity: "warning" } : {};
    yield {
      message: `${kind} ${owner.id} on ${hosts} ${other.gone ? "belonged" : "belongs"} to ${other.name}${other.gone ? ", which is gone" : ""}, but is pinned for ${thing} ${owner.name}`,
      help: help(host, kind, owner, other, isKnown),
      at: owner.where,
      related,
      ...severity,
    };
  }
}

/** Two that have one id on a host. */
interface Collision {
  readonly host: Host;
  readonly owner: Owner & { readonly where: Where };
  readonly other: Owner;
  /** Every host of its system has the other one. */
  readonly isKnown: boolean;
}

/** The collisions, those together that are about the same two entries. */
function sameCollisions(fleet: Fleet, kind: Kind): Iterable<readonly [Collision, ...Collision[]]> {
  const groups = new Map<string, [Collision, ...Collision[]]>();
  for (const collision of collisions(fleet, kind)) {
    const { host, owner, other, isKnown } = collision;
    const cure = help(host, kind, owner, other, isKnown);
    const key = JSON.stringify([
      owner.where,
      owner.name,
      other.where,
      other.name,
      other.gone,
      cure,
    ]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [collision]);
    else group.push(collision);
  }
  return groups.values();
}

function* collisions(fleet: Fleet, kind: Kind): Generator<Collision> {
  for (const host of fleet.hosts) {
    const ours = pinned(fleet, host, kind);
    const theirs = existing(host, kind);
    const wellKnown = wellKnownIds(host, kind);
    for (const [index, owner] of ours.entries()) {
      if (owner.where === undefined) continue;
      const others: Owner[] = [...ours.slice(0, index), ...theirs].filter(
        ({ id, name }) => id === owner.id && name !== owner.name,
      );
      const always = wellKnown.get(owner.id);
      if (others.length === 0 && always !== undefined && always !== owner.name) {
        others.push({ name: always, id: owner.id, where: undefined, message: "" });
      }
      for (const other of others) {
        yield {
          host,
          owner: { ...owner, where: owner.where },
          other,
          isKnown: always === other.name,
        };
      }
    }
  }
}

function help(host: Host, kind: Kind, ours: Owner, theirs: Owner, always: boolean): string {
  const container = host.user.name;
  if (theirs.gone) {
    return `Look for files of ${theirs.name} that are left on ${host.name} (find / -uid ${ours.id}): they would belong to ${ours.name}. If there are none, remove ${theirs.name} from the host's uid-map and collect the facts again.`;
  }
  const primary =
    kind === "uid" || ours.name === container
      ? ""
      : ` If ${theirs.name} is the group it is meant to be in, leave gid out.`;
  if (always) {
    const free = kind === "uid" ? "one between 400 and 899" : "one";
    const hosts = host.release === undefined ? "host" : "NixOS host";
    return `Every ${hosts} has ${theirs.name} with this ${kind}: pin another for ${ours.name}, ${free} that is free on every host.${primary}`;
  }
  if (kind === "gid") {
    return `Give ${theirs.name} another gid on ${host.name}, or pin a gid for ${ours.name} that is free on every host.${primary}`;
  }
  // Whoever must move, it is not the container user: podman would lose its containers.
  if (theirs.name === container) {
    return `Give ${ours.name} another uid: that of ${container} must not change once containers have run.`;
  }
  if (ours.name !== container) {
    return `Give ${ours.name} or ${theirs.name} another uid on ${host.name}.`;
  }
  return `If containers of ${ours.name} have already run on another host, keep its uid there and give ${theirs.name} another uid on ${host.name}, or set user.uid for ${host.name} alone ([[nodes]] user = { uid = … }). On a new fleet, pin a uid between 400 and 899 that is free on every host.`;
}
