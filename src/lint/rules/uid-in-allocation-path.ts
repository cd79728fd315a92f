import { compareText } from "../../fleet/finding.ts";
import { groupBy } from "../../fleet/group.ts";
import { type Fleet, type Host, nixosHosts } from "../../fleet/model.ts";
import { nextIds, takenIds } from "../allocator.ts";
import { type Kind, type Owner, pinned } from "../identity.ts";
import type { Report, Rule } from "../rule.ts";

/**
 * How many allocations to look ahead: more system users and groups than a host of a small fleet gets
 * between the day its facts are collected and the day its new user is made, or than a new one starts
 * with. They end at 936 where nothing has been handed out yet.
 */
const AHEAD = 64;

/**
 * A pinned uid or gid is one that NixOS soon hands out by itself.
 *
 * NixOS gives system users without a uid the numbers from 999 downward, and lets a pinned one alone
 * only from the switch on that pins it. A host that enables something else first may have given it
 * away by then: mcp was pinned to 995, and orion already had it as sshd's (incident, root cause 1).
 * What counts is each host's own state, which its facts show; without them, every number near the top
 * may be gone. Hosts that have the user already are safe.
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
  summary: "a pinned uid or gid is one that NixOS soon hands out by itself",
  audit: "also",
  *check(fleet) {
    const hosts = nixosHosts(fleet);
    const known = hosts.filter(({ facts }) => facts !== undefined);
    const unknown = hosts.filter(({ facts }) => facts === undefined);
    for (const kind of ["uid", "gid"] as const) {
      for (const host of known) yield* onKnownHost(fleet, host, kind);
      yield* onUnknownHosts(fleet, unknown, kind);
    }
  },
};

function* onKnownHost(fleet: Fleet, host: Host, kind: Kind): Generator<Report> {
  const facts = host.facts?.facts;
  const next = nextIds(facts, kind, AHEAD);
  const there = new Set(
    kind === "uid" ? facts?.passwd.map(({ name }) => name) : facts?.group.map(({ name }) => name),
  );
  for (const owner of atRisk(fleet, host, kind)) {
    const turn = next.indexOf(owner.id);
    if (turn === -1 || there.has(owner.name) || owner.where === undefined) continue;
    const thing = kind === "uid" ? "user" : "group";
    const first = next.slice(0, Math.min(turn + 1, 4)).join(", ");
    yield {
      message: `${kind} ${owner.id}, pinned for ${thing} ${owner.name}, is the ${ordinal(turn + 1)} that ${host.name} would hand out by itself (next are ${first}${turn < 4 ? "" : ", …"})`,
      help: `Switch ${host.name} to a configuration that pins it before anything else is enabled there. Where no ${thing} ${owner.name} exists on any host yet, pin another one instead${eg(fleet, kind, owner.name)}.`,
      at: owner.where,
    };
  }
}

/** One report for each pinned id, with all hosts that nothing is known of. */
function* onUnknownHosts(fleet: Fleet, hosts: readonly Host[], kind: Kind): Generator<Report> {
  const next = new Set(nextIds(undefined, kind, AHEAD));
  const risks = hosts.flatMap((host) =>
    atRisk(fleet, host, kind)
      .filter(({ id }) => next.has(id))
      .map((owner) => ({ owner, host: host.name })),
  );
  for (const group of groupBy(risks, ({ owner }) => owner.where?.path.join(".")).values()) {
    const [first] = group;
    if (first?.owner.where === undefined) continue;
    const { name, id, where } = first.owner;
    const names = group.map(({ host }) => host).sort(compareText);
    yield {
      message: `${kind} ${id}, pinned for ${kind === "uid" ? "user" : "group"} ${name}, is near 999, where NixOS begins to hand out its own, and there are no facts of ${names.join(", ")}`,
      help: `Collect the facts (nixgen facts --help): all is well where ${name} has it already. Where no ${name} exists on any host yet, pin another one${eg(fleet, kind, name)}.`,
      at: where,
    };
  }
}

/** The pinned ids of a host; not a gid that only follows from a uid, which is reported already. */
function atRisk(fleet: Fleet, host: Host, kind: Kind): Owner[] {
  return pinned(fleet, host, kind).filter(({ where }) => where?.path.at(-1) === kind);
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
