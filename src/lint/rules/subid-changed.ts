import { parseSubIds, subIdsText } from "../../fleet/lock.ts";
import { type Fleet, type Host, nixosHosts } from "../../fleet/model.ts";
import { type Change, changeOnHost } from "../queries/changed.ts";
import type { Report, Rule } from "../rule.ts";

/**
 * The container user's range of subordinate ids is not the one that it had.
 *
 * The files of its images, containers and volumes belong to ids of the old range. NixOS writes the new
 * one at once, and then they belong to nobody inside a container: images do not start, and chmod is
 * denied as in the incident (recovery, step 4). A range may only grow at its end.
 *
 * Never ignore it: keep the range that the host has. Where the data was moved, or there is none, accept
 * the change with `nixgen lock accept`.
 *
 * @bad
 * ```toml nixgen.toml
 * [user]
 * name = "pod"
 * uid = 850
 * sub_ids = { start = 2130706432, count = 65536 }
 * ```
 * ```toml nixgen.lock
 * version = 1
 *
 * [sub_ids]
 * "pod@alpha" = "1900000000:65536"
 * ```
 * @good
 * ```toml nixgen.toml
 * [user]
 * name = "pod"
 * uid = 850
 * sub_ids = { start = 1900000000, count = 131072 }
 * ```
 * ```toml nixgen.lock
 * version = 1
 *
 * [sub_ids]
 * "pod@alpha" = "1900000000:65536"
 * ```
 */
export const rule: Rule = {
  id: "subid-changed",
  group: "identity",
  severity: "error",
  unsuppressible: true,
  summary: "the container user's subordinate ids differ from those it had",
  audit: "also",
  *check(fleet) {
    for (const host of nixosHosts(fleet)) {
      const report = judge(fleet, host);
      if (report !== undefined) yield report;
    }
  },
};

function judge(fleet: Fleet, host: Host): Report | undefined {
  const { name, subIds, where } = host.user;
  const change = changeOnHost(fleet, host, "sub_ids");
  if (change === undefined) return undefined;
  return {
    message: `user ${name} on ${host.name} ${change.was}, which must not become ${subIdsText(subIds)}`,
    help: help(host, change),
    at: where.subIds,
    related: change.related,
  };
}

function help({ name: host }: Host, { before, accept, done }: Change): string {
  const old = parseSubIds(before);
  if (old === undefined) {
    return `A definition has one range: give the files that belong to the others on ${host} ids of it first, and then run ${accept}.`;
  }
  const written = `sub_ids = { start = ${old.start}, count = ${old.count} }`;
  return done
    ? `On ${host} it is the new range already. If images or volumes still belong to the old one, write that back (${written}). Only where they were moved, or there were none, run ${accept}.`
    : `Keep the range that the files of images and volumes belong to: ${written}, in [user] or in the user of ${host} ([[nodes]]). Only where they were moved, or there are none, a change may be accepted: ${accept}.`;
}
