import type { Annotated } from "../../fleet/finding.ts";
import type { SubIds } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";
import { actualRanges, contains, declaredRanges, overlap, realIds } from "../sub-ids.ts";

/**
 * Subordinate ids of two users of one host overlap, or contain the uid or gid of a real user.
 *
 * The containers of one user could then read and change the files of the other one's, or those of a
 * user of the host (subuid(5), newuidmap(1)).
 *
 * Ignore it only where both users are one person's and share their containers on purpose.
 *
 * @bad
 * ```toml nixgen.toml
 * [user]
 * name = "pod"
 * uid = 850
 * sub_ids = { start = 100000, count = 65536 }
 *
 * [[users]]
 * name = "ci"
 * uid = 860
 * sub_ids = { start = 150000, count = 65536 }
 * ```
 * @good
 * ```toml nixgen.toml
 * [user]
 * name = "pod"
 * uid = 850
 * sub_ids = { start = 100000, count = 65536 }
 *
 * [[users]]
 * name = "ci"
 * uid = 860
 * sub_ids = { start = 165536, count = 65536 }
 * ```
 */
export const rule: Rule = {
  id: "subid-overlap",
  group: "identity",
  severity: "error",
  summary: "subordinate ids overlap with those of another user",
  audit: "also",
  *check(fleet) {
    for (const host of fleet.hosts) {
      const ours = declaredRanges(fleet, host);
      const theirs = actualRanges(fleet, host);
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
        const inside = real.filter(({ id }) => contains(range, id));
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

function text({ start, count }: SubIds): string {
  return `${start} to ${start + count - 1}`;
}
