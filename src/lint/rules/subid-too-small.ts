import { compareText } from "../../text/order.ts";
import type { Where } from "../../document/place.ts";
import { type Fix } from "../../finding/finding.ts";
import { groupBy } from "../../text/group.ts";
import { below, type Fleet, type Host } from "../../fleet/model.ts";
import { type SubIdsLine, subIdsLines } from "../../fleet/sub-ids.ts";
import { containerHosts } from "../queries/host-user.ts";
import { hasContainerUser } from "../queries/identity.ts";
import type { Report, Rule } from "../rule.ts";
import { actualRanges, contains, declaredRanges, overlap, realIds } from "../queries/sub-ids.ts";

/** What images use: nobody is 65534 in nearly all of them. */
const ENOUGH = 65536;

/**
 * The container user has fewer than 65536 subordinate ids.
 *
 * An id inside a container needs one outside. Images have files of nobody (65534), and podman refuses
 * to unpack what it cannot map ("potentially insufficient UIDs or GIDs available in user namespace"):
 * the service that is pulled on the day of the recovery does not start. Images
 * that have low ids only work all the same, so it is a warning.
 *
 * Ignore it where all images are known to use low ids only.
 *
 * @bad
 * ```toml nixgen.toml
 * [user]
 * name = "pod"
 * uid = 850
 * sub_ids = { start = 2130706432, count = 1000 }
 * ```
 * @good
 * ```toml nixgen.toml
 * [user]
 * name = "pod"
 * uid = 850
 * sub_ids = { start = 2130706432, count = 65536 }
 * ```
 */
export const rule: Rule = {
  id: "subid-too-small",
  group: "identity",
  severity: "warning",
  summary: "the container user has fewer than 65536 subordinate ids",
  audit: "also",
  fixable: true,
  *check(fleet) {
    yield* defined(fleet);
    yield* onHosts(fleet);
  },
};

function* defined(fleet: Fleet): Generator<Report> {
  const small = fleet.hosts.filter(
    (host) => hasContainerUser(fleet, host) && host.user.subIds.count < ENOUGH,
  );
  // A host without a range of its own has that of [user]: said once for all of them.
  const byPlace = groupBy(small, ({ user }) => placeOf(user.where.subIds));
  for (const hosts of byPlace.values()) {
    const [first] = hosts;
    if (first === undefined) continue;
    const { name, subIds, where, subIdsFrom } = first.user;
    const hasRoom = hosts.every((host) => mayGrow(fleet, host));
    const isWritten = subIdsFrom === "inventory";
    yield {
      message: `user ${name} has ${subIds.count} subordinate ids on ${hosts
        .map((host) => host.name)
        .sort(compareText)
        .join(", ")}, too few to unpack images that contain files of nobody (65534)`,
      help: hasRoom
        ? `${isWritten ? `Set count = ${ENOUGH}` : `Write user = { sub_ids = { start = ${subIds.start}, count = ${ENOUGH} } } in the [[nodes]] of ${first.name}`}: the files of the first ${subIds.count} ids keep their owner.`
        : `Give it a range of ${ENOUGH} ids that nobody else has one of, if none of its images and volumes belong to this one yet.`,
      at: where.subIds,
      ...(hasRoom && isWritten ? { fix: grow(first) } : {}),
    };
  }
}

function placeOf({ file, path }: Where): string {
  return JSON.stringify([file, ...path]);
}

function grow({ user }: Host): Fix {
  return {
    title: `set the count of ${user.name}'s subordinate ids to ${ENOUGH}`,
    edits: [{ kind: "replace", at: below(user.where.subIds, "count"), value: ENOUGH }],
  };
}

/** Whether the ids behind the range, up to the wanted count, are nobody's on a host. */
function mayGrow(fleet: Fleet, host: Host): boolean {
  const { name, subIds } = host.user;
  const wanted = { start: subIds.start, count: ENOUGH };
  return (
    !realIds(fleet, host).some(({ id }) => contains(wanted, id)) &&
    ![...declaredRanges(fleet, host), ...actualRanges(fleet, host)].some(
      (other) => other.name !== name && overlap(other, wanted),
    )
  );
}

function* onHosts(fleet: Fleet): Generator<Report> {
  for (const { host } of containerHosts(fleet)) {
    const { name, subIds, where } = host.user;
    const short = (["subuid", "subgid"] as const)
      .map((file) => ({ file, lines: subIdsLines(host, file) }))
      .map(({ file, lines }) => ({ file, first: lines[0], count: total(lines) }))
      .find(({ first, count }) => first !== undefined && count < ENOUGH);
    if (short?.first === undefined || subIds.count < ENOUGH) continue;
    const { file, first, count } = short;
    // Another start is for subid-changed to report, where NixOS would write it.
    if (host.release !== undefined && first.value.start !== subIds.start) continue;
    yield {
      message: `user ${name} has ${count} subordinate ids in /etc/${file} of ${host.name}, too few to unpack images that contain files of nobody (65534)`,
      help:
        host.release === undefined
          ? `Give it ${ENOUGH} in /etc/${file} of ${host.name}, from the same start on, so that what is there keeps its owner.`
          : `Switch ${host.name} to the emitted modules: they give it ${subIds.count} from the same start on.`,
      at: first.where,
      related: [{ ...where.subIds, message: `${name} is to have ${subIds.count}` }],
    };
  }
}

function total(lines: readonly SubIdsLine[]): number {
  return lines.reduce((sum, { value }) => sum + value.count, 0);
}
