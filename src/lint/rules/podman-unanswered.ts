import { below } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";
import { podmanOf } from "../runtime.ts";

/**
 * The podman of the container user does not answer on a host.
 *
 * Containers that run go on running, and nothing shows until the next reboot: then none of them
 * starts. In the incident every podman call failed once the uid had changed, with "newuidmap: write to
 * uid_map failed: Operation not permitted".
 *
 * Never ignore it.
 *
 * @bad
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "podman": [{ "user": "pod", "error": "mkdir /run/user/995: permission denied" }]
 * }
 * ```
 * @good
 * ```json facts/alpha.json
 * { "schema": 1, "host": "alpha", "podman": [{ "user": "pod", "containers": [] }] }
 * ```
 */
export const rule: Rule = {
  id: "podman-unanswered",
  group: "identity",
  severity: "error",
  summary: "the container user's podman does not answer",
  audit: "only",
  *check(fleet) {
    for (const host of fleet.hosts) {
      const found = podmanOf(host);
      if (found?.podman.error === undefined || found.podman.containers !== undefined) continue;
      yield {
        message: `the podman of ${host.user.name} on ${host.name} does not answer: ${found.podman.error.trim()}`,
        help: `Nothing is lost yet, so do not run podman system reset or remove its database. recover.sh of ${host.name} has the cure for a uid that was changed.`,
        at: below(found.where, "error"),
      };
    }
  },
};
