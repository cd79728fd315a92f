import { below, componentsOn, type Fleet, type Host } from "../../fleet/model.ts";
import type { Report, Rule } from "../rule.ts";
import { podmanOf } from "../queries/runtime.ts";

/**
 * The podman of the container user does not answer on a host, or was not found there.
 *
 * Containers that run go on running, and nothing shows until the next reboot: then none of them
 * starts. In the incident every podman call failed once the uid had changed, with "newuidmap: write to
 * uid_map failed: Operation not permitted". Where facts have nothing of the user's podman at all, its
 * storage is not there, as on a disk that is not mounted; or somebody else than root collected them.
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
  summary: "the container user's podman does not answer, or is not there",
  audit: "only",
  *check(fleet) {
    for (const host of fleet.hosts) {
      const found = podmanOf(host);
      if (found === undefined) yield* notFound(fleet, host);
      if (found?.podman.error === undefined || found.podman.containers !== undefined) continue;
      yield {
        message: `the podman of ${host.user.name} on ${host.name} does not answer: ${found.podman.error.trim()}`,
        help: `Nothing is lost yet, so do not run podman system reset or remove its database. recover.sh of ${host.name} has the cure for a uid that was changed.`,
        at: below(found.where, "error"),
      };
    }
  },
};

/** The user is to run containers, and there were podmans looked for, but not one of its own found. */
function notFound(fleet: Fleet, host: Host): Report[] {
  const { facts, name, user } = host;
  const containers = componentsOn(fleet, name).length;
  if (facts?.facts.podman === undefined || containers === 0) return [];
  return [
    {
      message: `the facts of ${name} have nothing of the podman of ${user.name}, which is to have ${containers} container${containers === 1 ? "" : "s"} there`,
      help: `Collect them as root, who sees the podman of every user. If root did, ${user.name} has no storage: see that the disk of ${user.home} is mounted. If it is, recover.sh of ${name} makes the containers.`,
      at: { file: facts.file, path: ["podman"] },
    },
  ];
}
