import { groupBy } from "../../text/group.ts";
import { below, type Fleet, type Host } from "../../fleet/model.ts";
import { currentName } from "../queries/host-user.ts";
import { pinned } from "../queries/identity.ts";
import type { Report, Rule } from "../rule.ts";
import {
  actualRanges,
  declaredRanges,
  overlap,
  type Range,
  rangeText,
} from "../queries/sub-ids.ts";

/**
 * Two users of a host that are not the fleet's share a uid, or subordinate ids.
 *
 * Each of two users with one uid can do everything to the other's files and processes. The rootless
 * containers of two users with one range can do so to each other's files. NixOS hands out ranges
 * without looking at declared ones and gave a third user one that was taken; userborn, which newer
 * releases can make users with, refuses a host like this. It does not touch the fleet's containers.
 *
 * Ignore it where both names are one person's on purpose.
 *
 * @bad
 * ```json facts/alpha.json
 * {
 *   "schema": 2,
 *   "host": "alpha",
 *   "passwd": [
 *     { "name": "ana", "uid": 1000, "gid": 100 },
 *     { "name": "bo", "uid": 1000, "gid": 100 }
 *   ]
 * }
 * ```
 * @good
 * ```json facts/alpha.json
 * {
 *   "schema": 2,
 *   "host": "alpha",
 *   "passwd": [
 *     { "name": "ana", "uid": 1000, "gid": 100 },
 *     { "name": "bo", "uid": 1001, "gid": 100 }
 *   ],
 *   "subuid": [
 *     { "name": "ana", "start": 100000, "count": 65536 },
 *     { "name": "bo", "start": 165536, "count": 65536 }
 *   ]
 * }
 * ```
 */
export const rule: Rule = {
  id: "others-collide",
  group: "identity",
  severity: "warning",
  summary: "two users of a host that are not the fleet's share a uid or subordinate ids",
  audit: "only",
  *check(fleet) {
    for (const host of fleet.hosts) {
      yield* sharedUids(fleet, host);
      yield* sharedRanges(fleet, host);
    }
  },
};

/** The names that the fleet pins something for: their collisions are for other rules to say. */
function ours(fleet: Fleet, host: Host): ReadonlySet<string> {
  return new Set([
    ...pinned(fleet, host, "uid").map(({ name }) => name),
    ...declaredRanges(fleet, host).map(({ name }) => name),
    host.user.name,
  ]);
}

function* sharedUids(fleet: Fleet, host: Host): Generator<Report> {
  if (host.facts === undefined) return;
  const { file, facts } = host.facts;
  const known = ours(fleet, host);
  const others = facts.passwd
    .map((line, index) => ({ ...line, where: { file, path: ["passwd", index, "uid"] } }))
    // Further names of root are made on purpose.
    .filter(({ name, uid }) => uid !== 0 && !known.has(currentName(host, name)));
  for (const [uid, lines] of groupBy(others, (line) => line.uid)) {
    const [first, ...more] = lines;
    const second = more.find(({ name }) => name !== first?.name);
    if (first === undefined || second === undefined) continue;
    yield {
      message: `${first.name} and ${second.name} on ${host.name} have the same uid ${uid}`,
      help: `Give one of them another uid on ${host.name}, and its files too (find / -xdev -uid ${uid}).`,
      at: second.where,
      related: [{ ...first.where, message: `${first.name} has uid ${uid}` }],
    };
  }
}

function* sharedRanges(fleet: Fleet, host: Host): Generator<Report> {
  const known = ours(fleet, host);
  const said = new Set<string>();
  const ranges = actualRanges(fleet, host)
    .filter(({ name }) => !known.has(name))
    .sort((a, b) => a.start - b.start);
  // Of those that begin before, the one that ends last: each range is looked at once.
  const last = new Map<string, Range>();
  for (const range of ranges) {
    const key = String(range.where.path[0]);
    const before = last.get(key);
    if (before !== undefined && before.name !== range.name && overlap(before, range)) {
      const names = [before.name, range.name].sort().join();
      if (!said.has(names)) {
        yield {
          message: `the subordinate ids of ${before.name} (${rangeText(before)}) and ${range.name} (${rangeText(range)}) on ${host.name} overlap`,
          help: `Their containers can change each other's files. Declare another range for the one whose podman has less to lose (NixOS: users.users.NAME.subUidRanges and subGidRanges, autoSubUidGidRange = false), and have it make its containers again.`,
          at: range.where,
          related: [{ ...below(before.where), message: `${before.name} has ${rangeText(before)}` }],
        };
      }
      said.add(names);
    }
    if (before === undefined || before.start + before.count < range.start + range.count) {
      last.set(key, range);
    }
  }
}
