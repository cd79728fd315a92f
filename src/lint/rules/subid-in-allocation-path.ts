import { compareText } from "../../text/order.ts";
import { groupBy } from "../../text/group.ts";
import type { Fleet, Host } from "../../fleet/model.ts";
import { subIdsLines } from "../../fleet/sub-ids.ts";
import { type Allocator, allocatorIn, allocatorText } from "../queries/allocator.ts";
import { changeOnHost } from "../queries/changed.ts";
import { hasContainerUser } from "../queries/identity.ts";
import type { Rule } from "../rule.ts";
import {
  actualRanges,
  contains,
  declaredRanges,
  freeRange,
  hasRange,
  moveRange,
  overlap,
  rangeText,
  realIds,
} from "../queries/sub-ids.ts";

/**
 * The container user's range of subordinate ids is one that the host may hand out by itself.
 *
 * NixOS gives each user with isNormalUser = true the next 65536 ids from 100000 on, and does not look at
 * the ranges that are declared: the first one gets 100000:65536. The containers of both users then have
 * the same ids outside, can read and change each other's files, and nothing says so. useradd looks at
 * /etc/subuid, but only at what is in it by then. systemd-nspawn takes ranges of 65536 ids from
 * 524288 to 1879048191.
 *
 * Facts show who has a range. A host where the container user has it already, and nobody else does, is left
 * alone: a range in use must not move. subid-overlap reports a range that two users have.
 *
 * Ignore it where the host has no other users and no containers of systemd-nspawn.
 *
 * @bad
 * ```toml nixgen.toml
 * [user]
 * name = "pod"
 * uid = 850
 * sub_ids = { start = 100000, count = 65536 }
 * ```
 * @good
 * ```toml nixgen.toml
 * [user]
 * name = "pod"
 * uid = 850
 * ```
 */
export const rule: Rule = {
  id: "subid-in-allocation-path",
  group: "identity",
  severity: "warning",
  summary: "the container user's subordinate ids are ones that the host may hand out by itself",
  needsAll: true,
  audit: "also",
  fixable: true,
  *check(fleet) {
    const risks = fleet.hosts.flatMap((host) => riskOn(fleet, host));
    // A range that is written for several hosts is reported once for those of which the same is to be said.
    for (const group of groupBy(risks, ({ key }) => key).values()) {
      const [first] = group;
      if (first === undefined) continue;
      const { host, allocator } = first;
      const { name, subIds, where } = host.user;
      const hosts = group.map((risk) => risk.host);
      const fix = moveRange(fleet, host);
      yield {
        message: `the subordinate ids of ${name} on ${list(hosts)} are ${rangeText(subIds)}, but ${allocatorText(allocator)}, and no facts show that ${name} has them`,
        help: help(fleet, hosts),
        at: where.subIds,
        ...(fix && { fix }),
      };
    }
  },
};

/** A range that something may take on a host. */
interface Risk {
  readonly host: Host;
  readonly allocator: Allocator;
  /** What risks have in common that are reported together. */
  readonly key: string;
}

function riskOn(fleet: Fleet, host: Host): Risk[] {
  const { name, subIds, where } = host.user;
  const allocator = allocatorIn(subIds);
  const has = [...subIdsLines(host, "subuid"), ...subIdsLines(host, "subgid")].length > 0;
  if (allocator === undefined || has || !hasContainerUser(fleet, host)) return [];
  // What the rules subid-changed and subid-overlap report as an error is not reported twice.
  if (changeOnHost(fleet, host, "sub_ids") !== undefined) return [];
  if (realIds(fleet, host).some(({ id }) => contains(subIds, id))) return [];
  const others = [...declaredRanges(fleet, host), ...actualRanges(fleet, host)];
  if (others.some((other) => other.name !== name && overlap(subIds, other))) return [];
  const { file, path } = where.subIds;
  return [{ host, allocator, key: JSON.stringify([file, path, hasRange(fleet, host)]) }];
}

/** @param hosts of which the same is to be said. */
function help(fleet: Fleet, hosts: readonly Host[]): string {
  const [host] = hosts;
  if (host === undefined) return "";
  const { name, subIds } = host.user;
  const names = list(hosts);
  const unknown = hosts.filter(({ facts }) => facts === undefined);
  const collect = `Collect the facts of ${list(unknown)} (nixgen facts --help)`;
  if (hasRange(fleet, host)) {
    const others =
      host.release === undefined
        ? "Give new users another range"
        : "Give every user with isNormalUser = true subUidRanges and subGidRanges of its own";
    return `${unknown.length === 0 ? "" : `${collect}: they show whether another user has these ids. `}${others} on ${names}. The range of ${name} must not move once its containers have run.`;
  }
  const free = freeRange(fleet, hosts, name, subIds.count);
  const where =
    moveRange(fleet, host) === undefined
      ? `Write user = { sub_ids = { start = ${free?.start ?? "…"}, count = ${subIds.count} } } in the [[nodes]] of ${names}`
      : `Set start = ${free?.start ?? "…"}`;
  return `${where}: nothing hands out those ids.${unknown.length === 0 ? "" : ` If containers of ${name} have run on ${list(unknown)}, do not: ${collect.replace("C", "c")} instead.`}`;
}

function list(hosts: readonly Host[]): string {
  return hosts
    .map(({ name }) => name)
    .sort(compareText)
    .join(", ");
}
