import { isLoopback, isWildcard } from "../../fleet/address.ts";
import { groupBy } from "../../fleet/group.ts";
import { rangeText } from "../../fleet/port.ts";
import { listenersOn } from "../listeners.ts";
import type { Rule } from "../rule.ts";

/**
 * Something listens on only one of a host's several addresses.
 *
 * When that network is down, the service is gone although the host can still be reached. In the
 * incident Tailscale was turned off, and with it went the agent of rift, which was bound to its
 * Tailnet address alone.
 *
 * Ignore it for what is meant for one network only, and say so as the reason.
 */
export const rule: Rule = {
  id: "single-address-binding",
  severity: "error",
  summary: "something listens on only one of a host's several addresses",
  *check(fleet) {
    for (const host of fleet.hosts) {
      const addresses = new Map(host.ips.map(({ ip, where }) => [ip, where]));
      if (addresses.size < 2) continue;
      const reachable = listenersOn(fleet, host).filter(({ address }) => !isLoopback(address));
      const groups = groupBy(
        reachable,
        ({ who, protocol, range }) => `${who} ${protocol} ${rangeText(range)}`,
      );
      for (const group of groups.values()) {
        const bound = new Set(group.map(({ address }) => address));
        const [first] = group;
        // A host name may stand for several addresses.
        const [only] = bound;
        if (first === undefined || only === undefined || bound.size > 1) continue;
        if (isWildcard(only) || !addresses.has(only)) continue;
        const others = [...addresses].filter(([ip]) => ip !== only);
        const port = rangeText(first.range);
        yield {
          message: `${first.who} listens on ${only} only, and ${host.name} has ${addresses.size} addresses`,
          help: `Listen on the others too, so that it can be reached when that network is down: add ${others
            .map(
              ([ip]) =>
                `"${ip.includes(":") ? `[${ip}]` : ip}:${port}${first.where.path.includes("ports") ? ":…" : ""}"`,
            )
            .join(", ")}.`,
          at: first.where,
          related: others.map(([ip, where]) => ({
            ...where,
            message: `${host.name} is also ${ip}`,
          })),
        };
      }
    }
  },
};
