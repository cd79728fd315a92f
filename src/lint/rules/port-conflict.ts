import { addressesOverlap } from "../../fleet/address.ts";
import { rangesOverlap, rangeText } from "../../fleet/port.ts";
import { type Listener, listenersOn } from "../listeners.ts";
import type { Rule } from "../rule.ts";

/**
 * Two listeners of one host want the same port.
 *
 * The second one to start gets "address already in use"; which one that is can change from boot to
 * boot. Wildcard addresses, port ranges and containers in the host's network are counted.
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
      for (const [index, { listener: a, order }] of sorted.entries()) {
        for (const { listener: b, order: other } of sorted.slice(index + 1)) {
          if (b.range.first > a.range.last) break;
          if (!collide(a, b)) continue;
          const [first, second] = order < other ? [a, b] : [b, a];
          yield {
            message: `${second.who} and ${first.who === second.who ? "itself" : first.who} both want port ${text(second)} on ${host.name}`,
            help: "Publish one of them on another port, or each on an address of its own.",
            at: second.where,
            related: [{ ...first.where, message: `${first.who} has ${text(first)}` }],
          };
        }
      }
    }
  },
};

function collide(a: Listener, b: Listener): boolean {
  return (
    a.protocol === b.protocol &&
    rangesOverlap(a.range, b.range) &&
    addressesOverlap(a.address, b.address)
  );
}

function text({ address, range, protocol }: Listener): string {
  return `${rangeText(range)}/${protocol}${address === "" ? "" : ` of ${address}`}`;
}
