import type { Where } from "../../fleet/finding.ts";
import { below, type Fleet, type Host, type SubIds } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";

interface Range extends SubIds {
  readonly name: string;
  readonly where: Where;
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
  severity: "error",
  summary: "subordinate ids overlap with those of another user",
  *check(fleet) {
    for (const host of fleet.hosts) {
      const ours = declared(fleet, host);
      const theirs = actual(host);
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
        for (const id of realIds(host)) {
          if (id.id < range.start || id.id >= range.start + range.count) continue;
          yield {
            message: `the subordinate ids of ${range.name} on ${host.name} (${text(range)}) contain ${id.id}, which is ${id.name}`,
            help: "Start the range above every real id: 100000 is the usual start.",
            at: range.where,
            related: [{ ...id.where, message: `${id.name} is ${id.id}` }],
          };
        }
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
  return [{ name, ...subIds, where: subIdsWhere }, ...others];
}

function actual(host: Host): Range[] {
  if (host.facts === undefined) return [];
  const { file, facts } = host.facts;
  return (["subuid", "subgid"] as const).flatMap((key) =>
    facts[key].map((entry, index) => ({
      ...entry,
      where: below({ file, path: [] }, key, index),
    })),
  );
}

/** The uids that are real users': the pinned one and those of the facts. */
function realIds(host: Host): { name: string; id: number; where: Where }[] {
  const { name, uid, uidWhere } = host.user;
  const own = uid === undefined ? [] : [{ name: `user ${name}`, id: uid, where: uidWhere }];
  const facts = host.facts;
  const known = (facts?.facts.passwd ?? []).flatMap((entry, index) =>
    facts === undefined || entry.name === name
      ? []
      : [
          {
            name: `user ${entry.name}`,
            id: entry.uid,
            where: below({ file: facts.file, path: [] }, "passwd", index, "uid"),
          },
        ],
  );
  return [...own, ...known];
}

function overlap(a: SubIds, b: SubIds): boolean {
  return a.start < b.start + b.count && b.start < a.start + a.count;
}

function text({ start, count }: SubIds): string {
  return `${start} to ${start + count - 1}`;
}
