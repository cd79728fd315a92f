import type { Where } from "../../document/place.ts";
import { below, type Fleet, type Host, nixosHosts } from "../../fleet/model.ts";
import { isWithin, normalisePath } from "../../text/path.ts";
import { currentName } from "../queries/host-user.ts";
import type { Rule } from "../rule.ts";

/**
 * The container user's home is a folder of the system, or another user's.
 *
 * At each switch NixOS gives the home of a user to that user and closes it to all others
 * (createHome, in config/update-users-groups.pl), whatever the folder was before: with the home /srv,
 * no other user would reach anything below it; with /etc, nobody could log in.
 *
 * Never ignore it.
 *
 * @bad
 * ```toml nixgen.toml
 * [user]
 * name = "pod"
 * uid = 850
 * gid = 850
 * home = "/srv"
 * ```
 * @good
 * ```toml nixgen.toml
 * [user]
 * name = "pod"
 * uid = 850
 * gid = 850
 * home = "/srv/pod"
 * ```
 */
export const rule: Rule = {
  id: "system-home",
  group: "identity",
  severity: "error",
  summary: "the container user's home is a folder of the system, or another user's",
  *check(fleet) {
    for (const host of nixosHosts(fleet)) {
      const { name } = host.user;
      const home = normalisePath(host.user.home);
      const [other] = othersAtHome(host, home);
      if (other === undefined && !isSystemFolder(home)) continue;
      yield {
        message: `the home of ${name} on ${host.name} is ${home}, which ${other === undefined ? "is the system's" : `is ${other.name}'s`}: the next switch would give it to ${name}`,
        help: `Give ${name} a folder of its own that stays, e.g. home = "/srv/${name}". If its containers have run with this home, move .local/share/containers there first.`,
        at: homeWhere(fleet, host),
        related:
          other === undefined
            ? []
            : [{ ...other.where, message: `${host.name} has ${other.name} there` }],
      };
    }
  },
};

/** Folders of the system, as is all that is below them. */
const WHOLLY = [
  ...["/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/nix", "/proc", "/run", "/sbin", "/sys"],
  ...["/tmp", "/usr", "/var/empty", "/var/log", "/var/run", "/var/tmp"],
];

/** Folders of the system in which users may have one of their own. */
const THEMSELVES = new Set([
  ...["/", "/home", "/media", "/mnt", "/opt", "/root", "/srv", "/var"],
  ...["/var/cache", "/var/db", "/var/lib", "/var/spool"],
]);

function isSystemFolder(path: string): boolean {
  return THEMSELVES.has(path) || WHOLLY.some((folder) => isWithin(folder, path));
}

/** The other users of a host that have this home, as its facts show. */
function othersAtHome(host: Host, path: string): { name: string; where: Where }[] {
  if (host.facts === undefined) return [];
  const { file, facts } = host.facts;
  return facts.passwd.flatMap(({ name, home }, index) =>
    home !== undefined && currentName(host, name) !== host.user.name && normalisePath(home) === path
      ? [{ name, where: { file, path: ["passwd", index, "home"] } }]
      : [],
  );
}

/** Where it says so: [user], or what is written for the host alone. */
function homeWhere(fleet: Fleet, host: Host): Where {
  return host.node.user?.home === undefined
    ? { file: fleet.file, path: ["user", "home"] }
    : below(host.where, "user", "home");
}
