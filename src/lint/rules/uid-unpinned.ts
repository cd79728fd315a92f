import { nixosHosts } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";

/**
 * The container user has no pinned uid.
 *
 * NixOS would hand one out, a different one on each host, and /run/user/<uid>, which podman keeps in
 * its database, could not be named in a unit. Pin one once, and keep it for ever.
 */
export const rule: Rule = {
  id: "uid-unpinned",
  severity: "error",
  summary: "the container user has no pinned uid",
  *check(fleet) {
    const hosts = nixosHosts(fleet).filter(({ user }) => user.uid === undefined);
    const [first] = hosts;
    if (first === undefined) return;
    const { name } = first.user;
    const has = first.facts?.facts.passwd.find((entry) => entry.name === name)?.uid;
    yield {
      message: `user ${name} has no uid on ${hosts.map((host) => host.name).join(", ")}`,
      help:
        has === undefined
          ? `Add uid = … to [user]: a number between 400 and 899 that is free on every host.`
          : `Add uid = ${has} to [user]: that is the uid ${name} has on ${first.name}.`,
      at: { file: fleet.file, path: ["user"] },
    };
  },
};
