import type { Annotated } from "../../finding/finding.ts";
import type { Fleet, Host } from "../../fleet/model.ts";
import { DEFAULT_SUB_IDS } from "../../fleet/sub-ids.ts";
import { changeOnHost } from "../queries/changed.ts";
import type { Rule } from "../rule.ts";
import {
  actualRanges,
  contains,
  declaredRanges,
  freeRange,
  hasRange,
  moveRange,
  overlap,
  type Range,
  rangeText,
  realIds,
} from "../queries/sub-ids.ts";

/**
 * Subordinate ids of two users of one host overlap, or contain the uid or gid of a real user.
 *
 * The containers of one user can then read and change the files of the other's, or those of a user of
 * the host: newuidmap(1) maps what /etc/subuid grants and compares no two lines. On NixOS it is the usual
 * case: the first user with isNormalUser = true gets 100000:65536, whoever has that range already.
 *
 * Ignore it only where both users are one person's and share their containers on purpose.
 *
 * @bad
 * ```toml nixgen.toml
 * [user]
 * name = "pod"
 * uid = 850
 * sub_ids = { start = 2130706432, count = 65536 }
 *
 * [[users]]
 * name = "ci"
 * uid = 860
 * sub_ids = { start = 2130750000, count = 65536 }
 * ```
 * @good
 * ```toml nixgen.toml
 * [user]
 * name = "pod"
 * uid = 850
 * sub_ids = { start = 2130706432, count = 65536 }
 *
 * [[users]]
 * name = "ci"
 * uid = 860
 * sub_ids = { start = 2130771968, count = 65536 }
 * ```
 */
export const rule: Rule = {
  id: "subid-overlap",
  group: "identity",
  severity: "error",
  summary: "subordinate ids overlap with those of another user",
  audit: "also",
  fixable: true,
  *check(fleet) {
    for (const host of fleet.hosts) {
      const ours = declaredRanges(fleet, host);
      const theirs = actualRanges(fleet, host);
      const real = realIds(fleet, host);
      for (const [index, range] of ours.entries()) {
        const fix = range.name === host.user.name ? moveRange(fleet, host) : undefined;
        const others = [...ours.slice(0, index), ...theirs];
        for (const other of others) {
          if (other.name === range.name || !overlap(range, other)) continue;
          yield {
            message: `the subordinate ids of ${range.name} on ${host.name} (${rangeText(range)}) overlap with those of ${other.name} (${rangeText(other)})`,
            help: help(fleet, host, range, `the range of ${other.name}`, other.name),
            at: range.where,
            related: [{ ...other.where, message: `${other.name} has ${rangeText(other)}` }],
            ...(fix && { fix }),
          };
        }
        const inside = real.filter(({ id }) => contains(range, id));
        const [first] = inside;
        if (first === undefined) continue;
        yield {
          message: `the subordinate ids of ${range.name} on ${host.name} (${rangeText(range)}) contain ${first.id}, which is ${first.name}${inside.length === 1 ? "" : `, and ${inside.length - 1} more`}`,
          help: help(fleet, host, range, `the id of ${first.name}`),
          at: range.where,
          related: inside.flatMap(({ name, id, where }): Annotated[] =>
            where === undefined ? [] : [{ ...where, message: `${name} is ${id}` }],
          ),
          ...(fix && { fix }),
        };
      }
    }
  },
};

/**
 * Which of the two moves, and where to: never a range that the container user has in use.
 * @param theirs what is in the way.
 * @param other whose range that is, if it is one.
 */
function help(fleet: Fleet, host: Host, range: Range, theirs: string, other?: string): string {
  if (range.name !== host.user.name || !hasRange(fleet, host)) {
    const free = freeRange(fleet, [host], range.name, range.count);
    const example = free && `, e.g. sub_ids = { start = ${free.start}, count = ${free.count} }`;
    return `Give ${range.name} a range that nobody has an id of${example ?? ""}.`;
  }
  if (changeOnHost(fleet, host, "sub_ids") !== undefined) {
    return `Write back the range that ${range.name} had (subid-changed).`;
  }
  const stays = `The range of ${range.name} must not move: the files of its images, containers and volumes belong to it.`;
  const free = other && freeRange(fleet, [host], other, DEFAULT_SUB_IDS.count);
  if (host.release === undefined || !free) return `Change ${theirs} on ${host.name}. ${stays}`;
  return `Change ${theirs} on ${host.name}: users.users.${other}.subUidRanges = [ { startUid = ${free.start}; count = ${free.count}; } ], and subGidRanges with startGid. Files of containers that ${other} runs keep the old ids. ${stays}`;
}
