import { compareText } from "../../text/order.ts";
import type { Edit } from "../../document/edit.ts";
import type { Where } from "../../document/place.ts";
import { lockedIdentity } from "../../fleet/lock.ts";
import { below, type Fleet, type Host, nixosHosts } from "../../fleet/model.ts";
import { actualGroup, actualUser } from "../queries/host-user.ts";
import type { Report, Rule } from "../rule.ts";

/**
 * The container user has no pinned uid.
 *
 * NixOS would hand one out, a different one on each host, and /run/user/<uid>, which podman keeps in
 * its database, could not be named in a unit. Pin one once, and keep it for ever.
 *
 * Never ignore it: nothing is emitted for a host without a uid.
 *
 * @bad
 * ```toml nixgen.toml
 * [user]
 * name = "pod"
 * ```
 * @good
 * ```toml nixgen.toml
 * [user]
 * name = "pod"
 * uid = 850
 * ```
 */
export const rule: Rule = {
  id: "uid-unpinned",
  group: "identity",
  severity: "error",
  summary: "the container user has no pinned uid",
  fixable: true,
  *check(fleet) {
    const hosts = nixosHosts(fleet)
      .filter(({ user }) => user.uid === undefined)
      .sort((a, b) => compareText(a.name, b.name));
    const [first] = hosts;
    if (first === undefined) return;
    const { name } = first.user;
    yield {
      message: `user ${name} has no pinned uid on ${hosts.map((host) => host.name).join(", ")}`,
      ...cure(fleet, hosts),
      at: { file: fleet.file, path: ["user"] },
    };
  },
};

/** What a host has or had: the uid and gid that must stay. */
interface Before {
  readonly host: Host;
  readonly uid: number;
  readonly gid: number | undefined;
}

function before(fleet: Fleet, host: Host): Before[] {
  const locked = lockedIdentity(fleet, host);
  const uid = actualUser(host)?.value.uid ?? locked?.uid;
  const gid = host.user.gid ?? actualGroup(host)?.value.gid ?? locked?.gid;
  return uid === undefined ? [] : [{ host, uid, gid }];
}

/** The ids that a user already has must stay, so they are what there is to pin. */
function cure(fleet: Fleet, hosts: readonly Host[]): Pick<Report, "help" | "fix"> {
  const known = hosts.flatMap((host) => before(fleet, host));
  const [one] = known;
  if (one === undefined) {
    return {
      help: "Add uid = … to [user]: a number between 400 and 899 that is free on every host.",
    };
  }
  const { name } = one.host.user;
  const complete = known.length === hosts.length;
  if (known.every(({ uid, gid }) => uid === one.uid && gid === one.gid)) {
    const at = { file: fleet.file, path: ["user"] };
    const pins = pinsOf(one, fleet.inventory.user.gid !== undefined);
    return {
      help: `Add ${text(pins)} to [user]: that is what ${name} has on ${known.map(({ host }) => host.name).join(", ")}.`,
      ...(complete && { fix: { title: `add ${text(pins)} to [user]`, edits: edits(at, pins) } }),
    };
  }
  const own = known.map((each) => ({
    host: each.host,
    pins: pinsOf(each, each.host.node.user?.gid !== undefined),
  }));
  const written = own.map(({ host, pins }) => `user = { ${text(pins, ", ")} } for ${host.name}`);
  return {
    help: `Pin what ${name} has on each host, in [[nodes]]: ${written.join(", ")}.`,
    ...(complete && {
      fix: {
        title: `pin in [[nodes]] what ${name} has on each host`,
        edits: own.flatMap(({ host, pins }) => edits(below(host.where, "user"), pins)),
      },
    }),
  };
}

type Pins = readonly (readonly ["uid" | "gid", number])[];

/**
 * What to write into a table.
 * @param given whether the table has a gid already; without one it follows from the uid.
 */
function pinsOf({ uid, gid }: Before, given: boolean): Pins {
  const pins: Pins = [["uid", uid]];
  return given || gid === undefined || gid === uid ? pins : [...pins, ["gid", gid]];
}

function text(pins: Pins, separator = " and "): string {
  return pins.map(([key, id]) => `${key} = ${id}`).join(separator);
}

function edits(at: Where, pins: Pins): Edit[] {
  return pins.map(([key, value]) => ({ kind: "add", at, key, value }));
}
