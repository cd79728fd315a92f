import { compareText } from "../../text/order.ts";
import { groupBy } from "../../text/group.ts";
import type { Fleet, Host } from "../../fleet/model.ts";
import {
  allocatorOf,
  allocatorText,
  type Ladder,
  nextIds,
  takenIds,
} from "../queries/allocator.ts";
import { currentName } from "../queries/host-user.ts";
import { type Kind, type Owner, pinned } from "../queries/identity.ts";
import type { Rule } from "../rule.ts";

/**
 * How many allocations to look ahead: more system users and groups than a host of a small fleet gets
 * between the day its facts are collected and the day its new user is made, or than a new one starts
 * with. They end at 936 where nothing has been handed out yet.
 */
const AHEAD = 64;

/**
 * A pinned uid or gid is one that the host may hand out by itself.
 *
 * NixOS gives system users without a uid the numbers from 999 downward and normal users those from 1000 upward,
 * and leaves a pinned one alone only from the switch on that pins it. A host that enables something
 * else first may have given it away by then: mcp was pinned to 995, and orion already had it as sshd's
 * (incident, root cause 1). NixOS then lets both users share it, and systemd-sysusers, if it makes the users
 * instead (systemd.sysusers.enable), silently gives the second one another uid. systemd-homed, services
 * with DynamicUser= and systemd-nspawn take ids of ranges of their own at any time.
 *
 * Facts show who has an id. A host that has the user already is safe.
 *
 * Ignore it where the host is certain to get this user before any other.
 *
 * @bad
 * ```toml nixgen.toml
 * [user]
 * name = "pod"
 * uid = 850
 *
 * [[users]]
 * name = "backup"
 * uid = 996
 * nodes = ["alpha"]
 * ```
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "passwd": [{ "name": "sshd", "uid": 998, "gid": 998 }],
 *   "nixos_uid_map": { "sshd": 998, "nscd": 999 }
 * }
 * ```
 * @good
 * ```toml nixgen.toml
 * [user]
 * name = "pod"
 * uid = 850
 *
 * [[users]]
 * name = "backup"
 * uid = 851
 * nodes = ["alpha"]
 * ```
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "passwd": [{ "name": "sshd", "uid": 998, "gid": 998 }],
 *   "nixos_uid_map": { "sshd": 998, "nscd": 999 }
 * }
 * ```
 */
export const rule: Rule = {
  id: "uid-in-allocation-path",
  group: "identity",
  severity: "warning",
  summary: "a pinned uid or gid is one that the host may hand out by itself",
  needsAll: true,
  audit: "also",
  *check(fleet) {
    for (const kind of ["uid", "gid"] as const) {
      const risks = fleet.hosts.flatMap((host) => risksOn(fleet, host, kind));
      // One report for all hosts of which the same is to be said.
      for (const group of groupBy(risks, ({ key }) => key).values()) {
        const [first] = group;
        if (first === undefined) continue;
        const { owner, why, host } = first;
        const hosts = group.map((risk) => risk.host.name).sort(compareText);
        yield {
          message: `${kind} ${owner.id} is pinned for ${kind === "uid" ? "user" : "group"} ${owner.name}, but ${why}, and ${absence(first, hosts)}`,
          help: help(fleet, kind, first, hosts),
          at: owner.where ?? host.where,
        };
      }
    }
  },
};

/** A pinned id that a host may give to somebody else. */
interface Risk {
  readonly owner: Owner;
  readonly host: Host;
  /** What follows "uid 995 is pinned for user pod, but". */
  readonly why: string;
  /** What risks have in common that are reported together. */
  readonly key: string;
}

function risksOn(fleet: Fleet, host: Host, kind: Kind): Risk[] {
  const facts = host.facts?.facts;
  const there = new Set(
    (kind === "uid" ? facts?.passwd : facts?.group)?.map(({ name }) => currentName(host, name)),
  );
  return pinned(fleet, host, kind).flatMap((owner): Risk[] => {
    // A gid that only follows from a uid is reported already.
    if (owner.where?.path.at(-1) !== kind || there.has(owner.name)) return [];
    const ladder = ladderOf(host, kind, owner);
    const next = ladder === undefined ? [] : nextIds(facts, kind, ladder, AHEAD);
    const why = whyAtRisk(host, owner.id, ladder, next);
    if (why === undefined) return [];
    const key = JSON.stringify([owner.where.path, why, facts === undefined]);
    return [{ owner, host, why, key }];
  });
}

function whyAtRisk(
  { name, facts }: Host,
  id: number,
  ladder: Ladder | undefined,
  next: readonly number[],
): string | undefined {
  const turn = next.indexOf(id);
  if (turn === -1) {
    const range = allocatorOf(id);
    return range && allocatorText(range);
  }
  if (facts !== undefined) {
    const before = next.slice(0, Math.min(turn + 1, 4)).join(", ");
    return `is the ${ordinal(turn + 1)} that ${name} hands out next (${before}${turn < 4 ? "" : ", …"})`;
  }
  return ladder === "system"
    ? "NixOS gives 999 and below to system users and groups"
    : "NixOS and useradd give 1000 and above to normal users";
}

/**
 * Of which ids this may be one. Normal users in [[users]] have theirs from 1000 on, as it should be; and a system
 * user of a host that is not NixOS is made by hand.
 */
function ladderOf({ release, user }: Host, kind: Kind, { id, name }: Owner): Ladder | undefined {
  if (id < 1000) return release === undefined ? undefined : "system";
  return kind === "uid" && name === user.name ? "normal" : undefined;
}

function absence({ host, owner }: Risk, hosts: readonly string[]): string {
  return host.facts === undefined
    ? `there are no facts of ${hosts.join(", ")}`
    : `${hosts.join(", ")} ${hosts.length === 1 ? "does" : "do"} not have ${owner.name} yet`;
}

function help(fleet: Fleet, kind: Kind, risk: Risk, hosts: readonly string[]): string {
  const { owner, host } = risk;
  const other = `If no host has ${owner.name} yet, pin another ${kind}${eg(fleet, kind, owner.name)}.`;
  if (host.facts === undefined) {
    return `${other} If one has, collect the facts of ${hosts.join(", ")} (nixgen facts --help): a host that has ${owner.name} with this ${kind} is safe.`;
  }
  return `${other} If one has, keep it, and switch ${hosts.join(", ")} to a configuration that pins it before anything else is enabled there.`;
}

/** A number that is nobody else's on any host. */
function eg(fleet: Fleet, kind: Kind, own: string): string {
  const taken = new Set(
    fleet.hosts.flatMap((host) => [
      ...takenIds(host.facts?.facts, kind),
      ...pinned(fleet, host, kind).flatMap(({ name, id }) => (name === own ? [] : [id])),
    ]),
  );
  for (let id = 850; id >= 400; id -= 1) if (!taken.has(id)) return `, e.g. ${id}`;
  return "";
}

function ordinal(n: number): string {
  const ending = { 1: "st", 2: "nd", 3: "rd" }[n % 10];
  return `${n}${ending === undefined || (n > 10 && n < 14) ? "th" : ending}`;
}
