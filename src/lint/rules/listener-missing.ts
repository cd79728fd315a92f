import type { Rule } from "../rule.ts";
import { portsOn, portText, type ServedPort } from "../queries/sockets.ts";

/**
 * Nobody listens on a port that a running container publishes.
 *
 * The container runs, and nobody can reach it: its port was taken when it started, or the address was
 * not there yet. In the incident MCNS could not publish port 53 as before, for systemd-resolved held
 * it (recovery, step 2).
 *
 * Ignore it where the facts were collected while the container was starting, and collect them again.
 *
 * @bad
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * ports = ["127.0.0.1:8080:80"]
 * ```
 * ```json facts/alpha.json
 * { "schema": 1, "host": "alpha", "listeners": [] }
 * ```
 * @good
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * ports = ["127.0.0.1:8080:80"]
 * ```
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "listeners": [
 *     { "protocol": "tcp", "address": "127.0.0.1", "port": 8080, "process": "rootlessport" }
 *   ]
 * }
 * ```
 */
export const rule: Rule = {
  id: "listener-missing",
  group: "addresses",
  severity: "warning",
  summary: "nobody listens on a port that a container publishes",
  audit: "only",
  *check(fleet) {
    for (const host of fleet.hosts) {
      for (const served of portsOn(fleet, host).filter(isSilent)) {
        const { listener, port } = served;
        yield {
          message: `nobody listens on ${portText(served)} of ${host.name}, which ${listener.who} is to serve`,
          help: `Look at the log of ${listener.who} on ${host.name}, and at what the port is bound to: ss -lntup | grep :${port}.`,
          at: listener.where,
        };
      }
    }
  },
};

/** What does not run is for the rule missing-container to say, and why podman does not answer for podman-unanswered. */
function isSilent({ sockets, down }: ServedPort): boolean {
  return !down && sockets.length === 0;
}
