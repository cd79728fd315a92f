import type { Annotated, Where } from "../../fleet/finding.ts";
import { below, type Fleet, type Host, type SubIds } from "../../fleet/model.ts";
import { hasContainerUser, wellKnownIds } from "../identity.ts";
import type { Rule } from "../rule.ts";

interface Range extends SubIds {
  readonly name: string;
  readonly where: Where;
}

/** A uid or gid of a user or group that is not a subordinate one. */
interface RealId {
  /** "user kyle" */
  readonly name: string;
  readonly id: number;
  readonly where: Where | undefined;
}

/**
 * Subordinate ids of two users of one host overlap, or contain the uid or gid of a real user.
 *
 * The containers of one user could then read and change the files of the other one's, or those of a
 * user of the host (subuid(5), newuidmap(1)).
 *
 * Ignore it only where both users are one person's and share their containers on purpose.
 */
export const rule: Rule = {
  id: "subid-overlap",
  group: "identity",
  severity: "error",
  summary: "subordinate ids overlap with those of another user",
  *check(fleet) {
    for (const host of fleet.hosts) {
      const ours = declared(fleet, host);
      const theirs = actual(fleet, host);
      const real = realIds(fleet, host);
      for (const [index, range] of ours.entries()) {
        const others = [...ours.slice(0, index), ...theirs];
        for (const other of others) {
          if (other.name === range.name || !overlap(range, other)) continue;
          yield {
            message: `the subordinate ids of ${range.name} on ${host.name} (${text(range)}) overlap with those of ${other.name} (${text(other)})`,
            help: "Give each user a range of its own, e.g. start = 100000, 165536, 231072, … with count = 65536.",
            at: range.where,
            related: [{ ...other.where, message: `${other.name} has ${text(other)}` }],
          };
        }
        const inside = real.filter(({ id }) => id >= range.start && id < range.start + range.count);
        const [first] = inside;
        if (first === undefined) continue;
        yield {
          message: `the subordinate ids of ${range.name} on ${host.name} (${text(range)}) contain ${first.id}, which is ${first.name}${inside.length === 1 ? "" : `, and ${inside.length - 1} more`}`,
          help: "Start the range above every real id: 100000 is the usual start.",
          at: range.where,
          related: inside.flatMap(({ name, id, where }): Annotated[] =>
            where === undefined ? [] : [{ ...where, message: `${name} is ${id}` }],
          ),
        };
      }
    }
  },
};

function declared(fleet: Fleet, host: Host): Range[] {
  const { name, subIds, subIdsWhere } = host.user;
  const others = fleet.inventory.users.flatMap(({ name: other, sub_ids, nodes }, index): Range[] =>
    sub_ids === undefined || (nodes !== undefined && !nodes.includes(host.name))
      ? []
      : [
          {
            name: other,
            ...sub_ids,
            where: { file: fleet.file, path: ["users", index, "sub_ids"] },
          },
        ],
  );
  if (!hasContainerUser(fleet, host)) return others;
  return [{ name, ...subIds, where: subIdsWhere }, ...others];
}

function actual(fleet: Fleet, host: Host): Range[] {
  if (host.facts === undefined) return [];
  const { file, facts } = host.facts;
  // Both files may name a user by its uid (subuid(5)).
  const names = new Map(
    [
      ...facts.passwd,
      ...fleet.inventory.users,
      ...(host.user.uid === undefined ? [] : [{ name: host.user.name, uid: host.user.uid }]),
    ].map(({ name, uid }) => [String(uid), name]),
  );
  return (["subuid", "subgid"] as const).flatMap((key) =>
    facts[key].map((entry, index) => ({
      ...entry,
      name: names.get(entry.name) ?? entry.name,
      where: below({ file, path: [] }, key, index),
    })),
  );
}

/** The ids of real users and groups: those that are pinned, those of the facts, and well-known ones. */
function realIds(fleet: Fleet, host: Host): RealId[] {
  const { user, facts } = host;
  const top = (...path: (string | number)[]): Where => ({ file: facts?.file ?? "", path });
  const found: RealId[] = [];
  const add = (name: string, id: number | undefined, where: Where | undefined): void => {
    if (id === undefined || found.some((other) => other.name === name && other.id === id)) return;
    found.push({ name, id, where });
  };
  if (hasContainerUser(fleet, host)) {
    add(`user ${user.name}`, user.uid, user.uidWhere);
    add(`group ${user.name}`, user.gid, user.gidWhere);
  }
  for (const [index, { name, uid, gid, nodes }] of fleet.inventory.users.entries()) {
    if (nodes !== undefined && !nodes.includes(host.name)) continue;
    add(`user ${name}`, uid, { file: fleet.file, path: ["users", index, "uid"] });
    add(`group ${name}`, gid, { file: fleet.file, path: ["users", index, "gid"] });
  }
  for (const [index, { name, uid }] of (facts?.facts.passwd ?? []).entries()) {
    add(`user ${name}`, uid, top("passwd", index, "uid"));
  }
  for (const [index, { name, gid }] of (facts?.facts.group ?? []).entries()) {
    add(`group ${name}`, gid, top("group", index, "gid"));
  }
  for (const [id, name] of wellKnownIds(host, "uid")) add(`user ${name}`, id, undefined);
  for (const [id, name] of wellKnownIds(host, "gid")) add(`group ${name}`, id, undefined);
  return found;
}

function overlap(a: SubIds, b: SubIds): boolean {
  return a.start < b.start + b.count && b.start < a.start + a.count;
}

function text({ start, count }: SubIds): string {
  return `${start} to ${start + count - 1}`;
}
