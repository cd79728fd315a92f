/** `nixgen.lock`: uids, gids, placements and route ports, kept once chosen. Meant to be committed. */
import { groupBy } from "./group.ts";
import { type Fleet, type Host, type Lock, nixosHosts, type SubIds } from "./model.ts";

/** The lock's key of a user or group on a host. */
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

/**
 * What the lock must say after a build of this fleet. Uids, gids and ranges of subordinate ids are added
 * and never changed or dropped, for a uid that was in use once must not come back as another one;
 * placements and ports of what is no longer defined go.
 */
export function nextLock(fleet: Fleet): Lock {
  const { lock } = fleet.lock;
  const uids = { ...lock.uids };
  const gids = { ...lock.gids };
  const sub_ids = { ...lock.sub_ids };
  for (const { name, user } of nixosHosts(fleet)) {
    const key = identityKey(user.name, name);
    if (user.uid !== undefined) uids[key] ??= user.uid;
    if (user.gid !== undefined) gids[key] ??= user.gid;
    sub_ids[key] ??= subIdsText(user.subIds);
  }
  const placement: Lock["placement"] = {};
  const ports: Lock["ports"] = {};
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
  return { version: 1, uids, gids, sub_ids, placement, ports, accepted: lock.accepted };
}

/** Whether two locks have chosen the same, in whatever order they say so. */
export function isSameChoice(a: Lock, b: Lock): boolean {
  return CHOICES.every((table) => hasSameEntries(a[table], b[table]));
}

const CHOICES = ["uids", "gids", "sub_ids", "placement", "ports"] as const;

type Table = Readonly<Record<string, string | number>>;

function hasSameEntries(a: Table, b: Table): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

/** The uid that a host's user was locked to, if it was. */
export function lockedUid(fleet: Fleet, host: Host): number | undefined {
  return fleet.lock.lock.uids[identityKey(host.user.name, host.name)];
}

/** A change that is recorded in the lock. */
export type AcceptedChange = Lock["accepted"][number];

/** What it is a change of. */
export type ChangeKind = AcceptedChange["kind"];

/** The table of the lock that has what may change. */
export const LOCK_TABLES = {
  uid: "uids",
  gid: "gids",
  sub_ids: "sub_ids",
} as const satisfies Record<ChangeKind, keyof Lock>;

/** A lock in which something has become what it was not to become, and why. */
export function acceptChange(lock: Lock, change: AcceptedChange): Lock {
  const { kind, key, to } = change;
  const accepted = [...lock.accepted, change];
  if (kind === "sub_ids") return { ...lock, sub_ids: { ...lock.sub_ids, [key]: to }, accepted };
  const table = LOCK_TABLES[kind];
  return { ...lock, [table]: { ...lock[table], [key]: Number(to) }, accepted };
}

/**
 * Whether it was accepted that an id or a range becomes another one, in one step or in several.
 * @param key user@host
 * @param from as the lock file writes it, like `to`.
 */
export function isAccepted(
  lock: Lock,
  kind: ChangeKind,
  key: string,
  from: string,
  to: string,
): boolean {
  // In their order, so that a way back that nobody accepted is none.
  const reached = new Set([from]);
  for (const change of acceptedOf(lock).get(changeKey(kind, key)) ?? []) {
    if (reached.has(change.from)) reached.add(change.to);
  }
  return reached.has(to);
}

function changeKey(kind: ChangeKind, key: string): string {
  return `${kind} ${key}`;
}

/** The changes by what they are of: each host asks for its own, so this is made once for a lock. */
function acceptedOf(lock: Lock): ReadonlyMap<string, readonly AcceptedChange[]> {
  let changes = byKey.get(lock);
  if (changes === undefined) {
    changes = groupBy(lock.accepted, ({ kind, key }) => changeKey(kind, key));
    byKey.set(lock, changes);
  }
  return changes;
}

const byKey = new WeakMap<Lock, ReadonlyMap<string, readonly AcceptedChange[]>>();
