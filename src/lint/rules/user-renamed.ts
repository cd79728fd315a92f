import { lockedIdentity } from "../../fleet/lock.ts";
import { type Fleet, type Host, nixosHosts } from "../../fleet/model.ts";
import { normalisePath } from "../../text/path.ts";
import { changeOnHost, homeBefore } from "../queries/changed.ts";
import { actualUser } from "../queries/host-user.ts";
import type { Report, Rule } from "../rule.ts";

/**
 * The container user has another name than it had.
 *
 * To NixOS that is another user: it removes the old one and makes one of the new name with the same uid,
 * or refuses to (the check before a switch finds the uid taken). Where home has its default, /srv/NAME,
 * podman then looks in a new, empty home and finds no container, image or volume; the old ones lie in the
 * old home. /etc/subuid, lingering and everything else that goes by the name changes as well.
 *
 * Never ignore it: keep the name, or rename the user by hand as `nixgen lock accept name` says, and keep
 * its home.
 *
 * @bad
 * ```toml nixgen.toml
 * [user]
 * name = "carrier"
 * uid = 850
 * ```
 * ```toml nixgen.lock
 * version = 2
 *
 * [identities.alpha]
 * name = "pod"
 * uid = 850
 * group = "pod"
 * gid = 850
 * home = "/srv/carrier"
 * ```
 * @good
 * ```toml nixgen.toml
 * [user]
 * name = "pod"
 * uid = 850
 * ```
 * ```toml nixgen.lock
 * version = 2
 *
 * [identities.alpha]
 * name = "pod"
 * uid = 850
 * group = "pod"
 * gid = 850
 * home = "/srv/pod"
 * ```
 */
export const rule: Rule = {
  id: "user-renamed",
  group: "identity",
  severity: "error",
  unsuppressible: true,
  summary: "the container user has another name than it had",
  audit: "also",
  *check(fleet) {
    for (const host of nixosHosts(fleet)) {
      const report = judge(fleet, host);
      if (report !== undefined) yield report;
    }
  },
};

function judge(fleet: Fleet, host: Host): Report | undefined {
  const change = changeOnHost(fleet, host, "name");
  if (change === undefined) return undefined;
  const { user } = host;
  const { before, by, done, accept, related } = change;
  const locked = lockedIdentity(fleet, host);
  const uid = (by === "host" ? actualUser(host)?.value.uid : locked?.uid) ?? user.uid;
  const home = homeBefore(fleet, host, before);
  const moves = normalisePath(home) !== normalisePath(user.home);
  return {
    message: `the container user of ${host.name} ${by === "host" ? "is" : "was"} ${before} (uid ${uid}), which must not become ${user.name}`,
    help: done
      ? `On ${host.name} it is ${user.name} already. If it was renamed there with all that it had, run ${accept}.`
      : `Keep name = "${before}".${moves ? ` Its home would become ${user.home}, where podman has nothing: if you rename it, write home = "${home}" first.` : ""} To rename it by hand, run ${accept}, which prints the commands.`,
    at: user.where.name,
    related,
  };
}
