/** `nixgen.lock`: identities, placements and route ports, kept once chosen. Meant to be committed. */
import type { Where } from "../document/place.ts";
import { groupBy } from "../text/group.ts";
import {
  below,
  type Fleet,
  type Host,
  type HostUser,
  type Lock,
  type LockedIdentity,
  type LockFile,
  nixosHosts,
  type SubIds,
} from "./model.ts";
import type { LockDocument } from "./schema.ts";

/** How people name the container user of a host: user@host. */
export function identityKey(name: string, host: string): string {
  return `${name}@${host}`;
}

/** The lock's key of a route. Names hold no slash (rule name-not-safe). */
export function routeKey(host: string, service: string, component: string, route: string): string {
  return [host, service, component, route].join("/");
}

/** A range of subordinate ids as the lock has it, and subuid(5) after the name. */
export function subIdsText({ start, count }: SubIds): string {
  return `${start}:${count}`;
}

/** A range that is written like that. */
export function parseSubIds(text: string): SubIds | undefined {
  const [, start, count] = /^([0-9]+):([0-9]+)$/.exec(text) ?? [];
  return start === undefined || count === undefined
    ? undefined
    : { start: Number(start), count: Number(count) };
}

/** A lock that has nothing. */
export const EMPTY_LOCK: Lock = { identities: new Map(), placement: {}, ports: {}, accepted: [] };

/**
 * What a lock file says.
 * @param user the container user's name: version 1 has a user@host for each that a host ever had.
 */
export function readLock(document: LockDocument, user: string): Lock {
  const { identities, placement, ports, accepted } = document;
  const read = new Map(firstIdentities(document, user));
  for (const [host, identity] of Object.entries(identities)) read.set(host, identity);
  return { identities: read, placement, ports, accepted };
}

/** The tables of version 1 by host; of several users of one host, the one that it has now, or the last one. */
function* firstIdentities(
  { uids, gids, sub_ids }: LockDocument,
  user: string,
): Generator<[string, LockedIdentity]> {
  const keys = [...new Set([uids, gids, sub_ids].flatMap((table) => Object.keys(table)))];
  for (const [host, its] of groupBy(keys, hostOf)) {
    const key = its.find((each) => each === identityKey(user, host)) ?? its.at(-1) ?? host;
    const name = key.slice(0, -host.length - 1);
    const [uid, gid, range] = [own(uids, key), own(gids, key), own(sub_ids, key)];
    yield [
      host,
      {
        name: name === "" ? user : name,
        ...(uid !== undefined && { uid }),
        ...(gid !== undefined && { group: name, gid }),
        ...(range !== undefined && { sub_ids: range }),
      },
    ];
  }
}

/** A key may be "__proto__": what every object inherits is no entry. */
function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** The host of a user@host. */
function hostOf(key: string): string {
  return key.slice(key.lastIndexOf("@") + 1);
}

/** Where a lock file has something of a host's identity. */
export function lockedWhere(
  { file, version, lock }: LockFile,
  host: string,
  kind: ChangeKind,
): Where {
  const top: Where = { file, path: [] };
  if (version === 2) return below(top, "identities", host, kind);
  // The name is in the keys of every table.
  const table = {
    name: "uids",
    uid: "uids",
    group: "gids",
    gid: "gids",
    home: "uids",
    sub_ids: "sub_ids",
  };
  return below(top, table[kind], identityKey(lock.identities.get(host)?.name ?? "", host));
}

/**
 * What the lock must say after a build of this fleet. Identities are added and never changed or dropped,
 * for a uid that was in use once must not come back as another one; placements and ports of what is no
 * longer defined go.
 */
export function nextLock(fleet: Fleet): Lock {
  const { lock } = fleet.lock;
  const identities = new Map(lock.identities);
  for (const { name, user } of nixosHosts(fleet)) {
    identities.set(name, { ...identityOf(user), ...lock.identities.get(name) });
  }
  const placement: Record<string, string> = {};
  const ports: Record<string, number> = {};
  for (const service of fleet.services) {
    const { host, definition } = service;
    if (host === undefined) continue;
    if (definition.node === undefined) placement[service.name] = host;
    for (const component of service.components) {
      for (const { key, hostPort } of component.routes) {
        if (hostPort === undefined) continue;
        ports[routeKey(host, service.name, component.name, key)] = hostPort;
      }
    }
  }
  return { identities, placement, ports, accepted: lock.accepted };
}

/** A container user as the lock has it. */
function identityOf(user: HostUser): LockedIdentity {
  const { name, uid, group, gid, home, subIds } = user;
  return {
    name,
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { group, gid }),
    home,
    sub_ids: subIdsText(subIds),
  };
}

/** Whether two locks have chosen the same, in whatever order they say so. */
export function isSameChoice(a: Lock, b: Lock): boolean {
  return (
    hasSameEntries(a.placement, b.placement) &&
    hasSameEntries(a.ports, b.ports) &&
    a.identities.size === b.identities.size &&
    [...a.identities].every(([host, its]) => hasSameEntries(its, b.identities.get(host) ?? {}))
  );
}

type Table = Readonly<Record<string, string | number | undefined>>;

function hasSameEntries(a: Table, b: Table): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

/** The container user that a host was locked to, if it was. */
export function lockedIdentity(fleet: Fleet, { name }: Host): LockedIdentity | undefined {
  return fleet.lock.lock.identities.get(name);
}

/** The names that the container user of a host had before, the last one first. */
export function formerNames(lock: Lock, host: string, name: string): string[] {
  const renamed = acceptedOn(lock, "name", host).map(({ from }) => from);
  const locked = lock.identities.get(host)?.name;
  const names = locked === undefined ? renamed : [...renamed, locked];
  return names.reverse().filter((former) => former !== name);
}

/** A change that is recorded in the lock. */
export type AcceptedChange = Lock["accepted"][number];

/** What it is a change of. */
export type ChangeKind = AcceptedChange["kind"];

/** What of the container user must stay, in the order in which the lock has it. */
export const IDENTITY_KINDS = [
  "name",
  "uid",
  "group",
  "gid",
  "home",
  "sub_ids",
] as const satisfies readonly ChangeKind[];

/** A lock in which something has become what it was not to become, and why. */
export function acceptChange(lock: Lock, change: AcceptedChange): Lock {
  const { kind, key, to } = change;
  const host = hostOf(key);
  const locked = lock.identities.get(host);
  const value = kind === "uid" || kind === "gid" ? Number(to) : to;
  const identity: LockedIdentity = {
    name: key.slice(0, -host.length - 1),
    ...locked,
    // A group of the user's own is named like it.
    ...(kind === "name" && locked?.group === locked?.name && { group: to }),
    [kind]: value,
  };
  return {
    ...lock,
    identities: new Map(lock.identities).set(host, identity),
    accepted: [...lock.accepted, change],
  };
}

/**
 * Whether it was accepted that something of a host's identity becomes another value, in one step or in
 * several.
 * @param from as the lock file writes it, like `to`.
 */
export function isAccepted(
  lock: Lock,
  kind: ChangeKind,
  host: string,
  from: string,
  to: string,
): boolean {
  // In their order, so that a way back that nobody accepted is none.
  const reached = new Set([from]);
  for (const change of acceptedOn(lock, kind, host)) {
    if (reached.has(change.from)) reached.add(change.to);
  }
  return reached.has(to);
}

/** The changes of one kind that were accepted for a host, in their order. */
export function acceptedOn(lock: Lock, kind: ChangeKind, host: string): readonly AcceptedChange[] {
  // Each host asks for its own, so this is made once for a lock.
  let changes = byHost.get(lock);
  if (changes === undefined) {
    changes = groupBy(lock.accepted, (change) => `${change.kind} ${hostOf(change.key)}`);
    byHost.set(lock, changes);
  }
  return changes.get(`${kind} ${host}`) ?? [];
}

const byHost = new WeakMap<Lock, ReadonlyMap<string, readonly AcceptedChange[]>>();
