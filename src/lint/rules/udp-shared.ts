import { groupBy } from "../../text/group.ts";
import { below } from "../../fleet/model.ts";
import { listenersOn } from "../queries/listeners.ts";
import { named } from "../queries/named.ts";
import type { Rule } from "../rule.ts";
import { isPodman } from "../queries/sockets.ts";

/**
 * Two sockets share a UDP port that a container publishes.
 *
 * pasta, which publishes the ports of containers on the default network (podman 5 and later), opens UDP ports so that
 * others may have them too, as dnsmasq does. Nobody gets an error: both containers are "Up", and what was started
 * last gets every packet until it ends.
 *
 * Never ignore it: one of them gets nothing.
 *
 * @bad
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "listeners": [
 *     { "protocol": "udp", "address": "192.168.1.10", "port": 53, "process": "pasta", "sockets": 2 }
 *   ]
 * }
 * ```
 * @good
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "listeners": [
 *     { "protocol": "udp", "address": "192.168.1.10", "port": 53, "process": "pasta" },
 *     { "protocol": "udp", "address": "100.64.0.10", "port": 53, "process": "pasta" }
 *   ]
 * }
 * ```
 */
export const rule: Rule = {
  id: "udp-shared",
  group: "addresses",
  severity: "error",
  summary: "two sockets share a UDP port that a container publishes",
  audit: "only",
  *check(fleet) {
    for (const host of fleet.hosts) {
      const { facts } = host;
      const sockets = (facts?.facts.listeners ?? []).map((socket, index) => ({ ...socket, index }));
      if (facts === undefined) continue;
      const udp = sockets.filter(({ protocol }) => protocol === "udp");
      const top = { file: facts.file, path: [] };
      for (const [, its] of groupBy(udp, ({ address, port }) => `${address} ${port}`)) {
        const [first, ...others] = its;
        const count = its.reduce((sum, { sockets = 1 }) => sum + sockets, 0);
        if (first === undefined || count < 2 || !its.some(isPodman)) continue;
        const { address, port, index } = first;
        const processes = [...new Set(its.map(({ process }) => process ?? "an unknown program"))];
        const publish = listenersOn(fleet, host).filter(
          ({ protocol, range }) => protocol === "udp" && range.first <= port && port <= range.last,
        );
        const whose = [...new Set(publish.map(({ who }) => who))];
        yield {
          message: `${count} sockets share port ${port}/udp at ${address} of ${host.name} (${processes.join(", ")}): what was started last gets every packet`,
          help: `Give each of them a port or an address of its own${whose.length === 0 ? "" : `; ${named(whose)} ${whose.length === 1 ? "is" : "are"} defined to have this one`}. See who has it on ${host.name}: ss --listening --udp --numeric --processes 'sport = :${port}'.`,
          at: below(top, "listeners", index),
          related: others.map((other) => ({
            ...below(top, "listeners", other.index),
            message: `${other.process ?? "an unknown program"} has it too`,
          })),
        };
      }
    }
  },
};
