import { type Fleet, type Host, nixosHosts } from "../../fleet/model.ts";
import { changeOnHost } from "../queries/changed.ts";
import type { Report, Rule } from "../rule.ts";

/**
 * The container user's home is not the one that it had.
 *
 * NixOS writes the new home into /etc/passwd without a word and makes an empty folder. podman keeps
 * images, containers and volumes below the home: in the new one `podman ps --all` and `podman images` are
 * empty. Nothing is deleted, and nothing runs. With the folder moved along, podman refuses every call
 * ("database static dir … does not match our static dir"), until a link stands in the old place.
 *
 * Never ignore it: write the home that the host has. To move it, do what `nixgen lock accept home` prints.
 *
 * @bad
 * ```toml nixgen.toml
 * [user]
 * name = "pod"
 * uid = 850
 * ```
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "passwd": [{ "name": "pod", "uid": 850, "gid": 850, "home": "/home/pod" }]
 * }
 * ```
 * @good
 * ```toml nixgen.toml
 * [user]
 * name = "pod"
 * uid = 850
 * home = "/home/pod"
 * ```
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "passwd": [{ "name": "pod", "uid": 850, "gid": 850, "home": "/home/pod" }]
 * }
 * ```
 */
export const rule: Rule = {
  id: "home-changed",
  group: "identity",
  severity: "error",
  unsuppressible: true,
  summary: "the container user's home differs from the one it had",
  audit: "also",
  *check(fleet) {
    for (const host of nixosHosts(fleet)) {
      const report = judge(fleet, host);
      if (report !== undefined) yield report;
    }
  },
};

function judge(fleet: Fleet, host: Host): Report | undefined {
  const change = changeOnHost(fleet, host, "home");
  if (change === undefined) return undefined;
  const { name, home, where } = host.user;
  const { before, was, done, accept, related } = change;
  return {
    message: `user ${name} on ${host.name} ${was}, which must not become ${home}`,
    help: done
      ? `On ${host.name} it is ${home} already, and podman looks for its containers there. If they are still in ${before}, write home = "${before}". If they were moved, or there were none, run ${accept}.`
      : `Keep it: home = "${before}", in [user] or for ${host.name} alone ([[nodes]] user = { home = "${before}" }). podman finds nothing in another one. To move the home, run ${accept}, which prints the commands.`,
    at: where.home,
    related,
  };
}
