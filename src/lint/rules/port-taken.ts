import type { Rule } from "../rule.ts";
import { isPodman, portsOn, portText, type ServedPort, type Socket } from "../queries/sockets.ts";

/**
 * Something else listens on a port that a container is to publish.
 *
 * The container cannot start, or its clients talk to somebody else: in the incident systemd-resolved
 * held port 53 on localhost, so that MCNS had to be started with other ports (recovery, step 2).
 *
 * Ignore it for a program that passes connections on to the container.
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
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "listeners": [
 *     { "protocol": "tcp", "address": "0.0.0.0", "port": 8080, "process": "nginx" }
 *   ]
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
 * ports = ["127.0.0.1:8080:80"]
 * ```
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "listeners": [
 *     { "protocol": "tcp", "address": "127.0.0.1", "port": 8080, "process": "rootlessport" },
 *     { "protocol": "tcp", "address": "192.168.1.10", "port": 8080, "process": "nginx" }
 *   ]
 * }
 * ```
 */
export const rule: Rule = {
  id: "port-taken",
  group: "addresses",
  severity: "error",
  summary: "something else listens on a container's port",
  audit: "only",
  *check(fleet) {
    for (const host of fleet.hosts) {
      for (const served of portsOn(fleet, host).filter(isTaken)) {
        const { listener, sockets } = served;
        const other = sockets.find(isForeign);
        if (other?.process === undefined) continue;
        yield {
          message: `${other.process} listens on ${portText(served)} of ${host.name}, which ${listener.who} is to publish`,
          help: `Stop ${other.process} on ${host.name} or give it another port, or publish ${listener.who} on another one.`,
          at: listener.where,
          related: [{ ...other.where, message: `${other.process} has it` }],
        };
      }
    }
  },
};

/** A container in the host's network, and the agent, listen under names of their own. */
function isTaken({ published, sockets }: ServedPort): boolean {
  return published && sockets.some(isForeign);
}

function isForeign(socket: Socket): boolean {
  return socket.process !== undefined && !isPodman(socket);
}
