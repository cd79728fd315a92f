import { subIdsText } from "../../fleet/lock.ts";
import type { Host } from "../../fleet/model.ts";
import { shellCommand } from "../../text/shell.ts";
import { subIdsLines } from "../../fleet/sub-ids.ts";
import { containerHosts } from "../queries/host-user.ts";
import type { Rule } from "../rule.ts";

/**
 * The container user exists on a host and has no subordinate ids there.
 *
 * Its containers then know one user only: images with files of any other cannot be unpacked ("there
 * might not be enough IDs available in the namespace"). In the incident they were part of what had to
 * be put right by hand (root cause 2). On NixOS the next switch writes them, so it is a warning there;
 * elsewhere nobody does.
 *
 * Ignore it where every image of the host has files of root alone.
 *
 * @bad
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * ports = ["127.0.0.1:8080:8080"]
 * ```
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "passwd": [{ "name": "pod", "uid": 850, "gid": 850 }],
 *   "subuid": [{ "name": "pod", "start": 100000, "count": 65536 }],
 *   "subgid": []
 * }
 * ```
 * @good
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * ports = ["127.0.0.1:8080:8080"]
 * ```
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "passwd": [{ "name": "pod", "uid": 850, "gid": 850 }],
 *   "subuid": [{ "name": "pod", "start": 100000, "count": 65536 }],
 *   "subgid": [{ "name": "850", "start": 100000, "count": 65536 }]
 * }
 * ```
 */
export const rule: Rule = {
  id: "subid-missing",
  group: "identity",
  severity: "error",
  summary: "the container user has no subordinate ids on a host",
  audit: "also",
  *check(fleet) {
    for (const { host, user } of containerHosts(fleet)) {
      const missing = (["subuid", "subgid"] as const).filter(
        (file) => subIdsLines(host, file).length === 0,
      );
      if (missing.length === 0) continue;
      const { name, subIds, where } = host.user;
      yield {
        message: `user ${name} has no line in ${missing.map((file) => `/etc/${file}`).join(" or ")} of ${host.name}, where its containers run`,
        help: help(host),
        at: user.where,
        related: [{ ...where.subIds, message: `${name} is to have ${subIdsText(subIds)}` }],
        ...(host.release === undefined ? {} : { severity: "warning" }),
      };
    }
  },
};

function help({ name, release, user }: Host): string {
  const { start, count } = user.subIds;
  if (release !== undefined) {
    return `Switch ${name} to the emitted modules: they give ${user.name} the range ${subIdsText(user.subIds)}. If ${name} runs them already, look for what else writes these files.`;
  }
  const range = `${start}-${start + count - 1}`;
  const command = ["usermod", "--add-subuids", range, "--add-subgids", range, user.name];
  return `Run as root on ${name}: ${shellCommand(command)}.`;
}
