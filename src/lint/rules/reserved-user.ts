import { compareText } from "../../text/order.ts";
import type { Where } from "../../document/place.ts";
import { groupBy } from "../../text/group.ts";
import { type Fleet, hasOwnGroup, type Host } from "../../fleet/model.ts";
import { hasContainerUser } from "../queries/identity.ts";
import { NIXOS_GROUPS, NIXOS_USERS } from "../queries/nixos-names.ts";
import type { Rule } from "../rule.ts";

/**
 * The container user, or its group, has a name that the host needs for something else.
 *
 * NixOS declares root, sshd, messagebus, nixbld1, the group users and others on every host, with ids and
 * homes of their own: the emitted module and NixOS's then contradict each other, and nothing is built. The group
 * podman is worse, for everything builds: it may use the socket of the rootful podman
 * (/run/podman/podman.sock, in virtualisation/podman/default.nix), so the rootless user is root. The same is
 * true of docker.
 *
 * Ignore it for extra_groups, where the container user is meant to be able to do all that root can. Never
 * ignore it for a name.
 *
 * @bad
 * ```toml nixgen.toml
 * [user]
 * name = "podman"
 * uid = 850
 * ```
 * @good
 * ```toml nixgen.toml
 * [user]
 * name = "pods"
 * uid = 850
 * ```
 */
export const rule: Rule = {
  id: "reserved-user",
  group: "identity",
  severity: "error",
  summary: "the container user, or its group, has a name that the host needs for something else",
  *check(fleet) {
    const reserved = fleet.hosts.flatMap((host) =>
      hasContainerUser(fleet, host) ? reservedOn(fleet, host) : [],
    );
    // A name that is written for several hosts is reported once.
    for (const group of groupBy(
      reserved,
      ({ why, at }) => `${why} ${at.path.join(".")}`,
    ).values()) {
      const [first] = group;
      if (first === undefined) continue;
      const hosts = group.map(({ host }) => host).sort(compareText);
      yield { message: `${first.why} on ${hosts.join(", ")}`, help: first.help, at: first.at };
    }
  },
};

/** A name that a host has for something else. */
interface Reserved {
  readonly host: string;
  readonly why: string;
  readonly help: string;
  readonly at: Where;
}

function reservedOn(fleet: Fleet, host: Host): Reserved[] {
  const { user } = host;
  const { name, group, where } = user;
  const rename = `Choose a name that nothing else has, e.g. name = "${name === "pods" ? "containers" : "pods"}".`;
  const found: Omit<Reserved, "host">[] = [];
  const socket = socketOf(host, group);
  if (isSystemUser(host, name)) {
    const why = `the container user is named ${name}, which is a user of the system`;
    found.push({ why, help: rename, at: where.name });
  } else if (socket !== undefined) {
    found.push({
      why: `${name} is in the primary group ${group}, whose members can use ${socket} and so act as root`,
      help: hasOwnGroup(user) ? rename : `Give ${name} another primary group.`,
      at: hasOwnGroup(user) ? where.name : where.group,
    });
  } else if (hasOwnGroup(user) && host.release !== undefined && NIXOS_GROUPS.has(group)) {
    const why = `the container user is named ${name}, which is a group of the system`;
    found.push({ why, help: rename, at: where.name });
  }
  for (const [index, extra] of user.extraGroups.entries()) {
    const its = socketOf(host, extra);
    if (its === undefined) continue;
    found.push({
      why: `${name} is in the group ${extra}, whose members can use ${its} and so act as root`,
      help: `Remove ${extra} from extra_groups.`,
      at: { file: fleet.file, path: ["user", "extra_groups", index] },
    });
  }
  return found.map((one) => ({ ...one, host: host.name }));
}

/** The daemon that runs as root and whose socket a group may use. Debian gives podman's to root alone. */
function socketOf({ release }: Host, group: string): string | undefined {
  if (group === "docker") return "the socket of Docker";
  return group === "podman" && release !== undefined
    ? "the socket of the rootful podman"
    : undefined;
}

function isSystemUser({ release }: Host, name: string): boolean {
  if (/^(?:systemd-.*|nixbld[0-9]*)$/.test(name)) return true;
  return release === undefined ? name === "root" || name === "nobody" : NIXOS_USERS.has(name);
}
