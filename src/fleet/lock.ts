/** `nixgen.lock`: uids, gids, placements and route ports, kept once chosen. Meant to be committed. */
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

/**
 * What the lock must say after a build of this fleet. Uids, gids and ranges of subordinate ids are added and never changed or
 * dropped, for a uid that was in use once must not come back as another one; placements and ports of
 * what is no longer defined go.
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

/** The uid that a host's user was locked to, if it was. */
export function lockedUid(fleet: Fleet, host: Host): number | undefined {
  return fleet.lock.lock.uids[identityKey(host.user.name, host.name)];
}
