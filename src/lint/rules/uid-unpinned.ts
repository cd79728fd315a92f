import { compareText } from "../../fleet/finding.ts";
import { lockedUid } from "../../fleet/lock.ts";
import { type Fleet, type Host, nixosHosts } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";

/**
 * The container user has no pinned uid.
 *
 * NixOS would hand one out, a different one on each host, and /run/user/<uid>, which podman keeps in
 * its database, could not be named in a unit. Pin one once, and keep it for ever.
 */
export const rule: Rule = {
  id: "uid-unpinned",
  group: "identity",
  severity: "error",
  summary: "the container user has no pinned uid",
  *check(fleet) {
    const hosts = nixosHosts(fleet)
      .filter(({ user }) => user.uid === undefined)
      .sort((a, b) => compareText(a.name, b.name));
    const [first] = hosts;
    if (first === undefined) return;
    const { name } = first.user;
    yield {
      message: `user ${name} has no uid on ${hosts.map((host) => host.name).join(", ")}`,
      help: help(fleet, name, hosts),
      at: { file: fleet.file, path: ["user"] },
    };
  },
};

/** The uid that a user already has must stay, so it is what there is to pin. */
function help(fleet: Fleet, name: string, hosts: readonly Host[]): string {
  const known = hosts.flatMap((host) => {
    const actual = host.facts?.facts.passwd.find((entry) => entry.name === name)?.uid;
    const uid = actual ?? lockedUid(fleet, host);
    return uid === undefined ? [] : [{ host: host.name, uid }];
  });
  const [one] = known;
  if (one === undefined) {
    return "Add uid = … to [user]: a number between 400 and 899 that is free on every host.";
  }
  if (known.every(({ uid }) => uid === one.uid)) {
    return `Add uid = ${one.uid} to [user]: that is the uid ${name} has on ${known.map(({ host }) => host).join(", ")}.`;
  }
  const own = known.map(({ host, uid }) => `user = { uid = ${uid} } for ${host}`).join(", ");
  return `Pin the uid that ${name} has on each host, in [[nodes]]: ${own}.`;
}
