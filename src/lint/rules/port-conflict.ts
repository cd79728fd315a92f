import { rangeText } from "../../podman/port.ts";
import { collide, type Listener, listenersOn } from "../queries/listeners.ts";
import type { Rule } from "../rule.ts";

/**
 * Two listeners of one host want the same port.
 *
 * The second one to start gets "address already in use"; which one that is can change from boot to
 * boot. A UDP port of containers on the default network is worse (podman 5 and later): nobody gets an error, and what
 * was started last gets every packet. Wildcard addresses, port ranges and containers in the host's network are counted.
 *
 * Never ignore it: only one of them can run.
 *
 * @bad
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * ports = ["192.168.1.10:8080:80", "100.64.0.10:8080:80"]
 * ```
 * ```toml services/wiki.toml
 * name = "wiki"
 * node = "alpha"
 *
 * [[components]]
 * name = "wiki"
 * image = "registry.example/wiki:v1.0.0"
 * ports = ["8080:3000"]
 * ```
 * @good
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * ports = ["192.168.1.10:8080:80", "100.64.0.10:8080:80"]
 * ```
 * ```toml services/wiki.toml
 * name = "wiki"
 * node = "alpha"
 *
 * [[components]]
 * name = "wiki"
 * image = "registry.example/wiki:v1.0.0"
 * ports = ["8081:3000"]
 * ```
 */
export const rule: Rule = {
  id: "port-conflict",
  group: "addresses",
  severity: "error",
  summary: "two listeners of one host want the same port",
  *check(fleet) {
    for (const host of fleet.hosts) {
      const sorted = listenersOn(fleet, host)
        .map((listener, order) => ({ listener, order }))
        .sort((a, b) => a.listener.range.first - b.listener.range.first || a.order - b.order);
      let index = 0;
      for (const { listener: a, order } of sorted) {
        index += 1;
        // Ordered by their first ports: the next ones are all that it can meet.
        for (let at = index; at < sorted.length; at += 1) {
          const next = sorted[at];
          if (next === undefined || next.listener.range.first > a.range.last) break;
          const { listener: b, order: other } = next;
          if (!collide(a, b)) continue;
          const [first, second] = order < other ? [a, b] : [b, a];
          yield {
            message:
              first.who === second.who
                ? `${second.who} wants port ${text(second)} on ${host.name} twice`
                : `${second.who} and ${first.who} both want port ${text(second)} on ${host.name}`,
            help: "Publish one of them on another port, or each on an address of its own.",
            at: second.where,
            related: [{ ...first.where, message: `${first.who} has ${text(first)}` }],
          };
        }
      }
    }
  },
};

function text({ address, range, protocol }: Listener): string {
  return `${rangeText(range)}/${protocol}${address === "" ? "" : ` of ${address}`}`;
}
