import { ipVersion, isLoopback, isWildcard } from "../../fleet/address.ts";
import { rangeText } from "../../fleet/port.ts";
import { type Listener, listenersOn } from "../listeners.ts";
import type { Rule } from "../rule.ts";

/**
 * Something listens on only one of a host's several addresses.
 *
 * When that network is down, the service is gone although the host can still be reached. In the
 * incident Tailscale was turned off, and with it went the agent of rift, which was bound to its
 * Tailnet address alone. For the agent, which is needed to repair everything else, it is an error; a
 * container may be meant for one network only, so there it is a warning.
 *
 * Ignore it for what is meant for one network only, and say so as the reason.
 */
export const rule: Rule = {
  id: "single-address-binding",
  group: "addresses",
  severity: "error",
  summary: "something listens on only one of a host's several addresses",
  *check(fleet) {
    for (const host of fleet.hosts) {
      const addresses = new Map(
        host.ips.filter(({ ip }) => !isLoopback(ip)).map(({ ip, where }) => [ip, where]),
      );
      if (addresses.size < 2) continue;
      const reachable = listenersOn(fleet, host).filter(({ address }) => !isLoopback(address));
      for (const listener of reachable) {
        const { who, address, range, protocol, where } = listener;
        // A host name may stand for several addresses.
        if (isWildcard(address) || !addresses.has(address)) continue;
        if (isReachedElsewhere(listener, reachable)) continue;
        const others = [...addresses].filter(([ip]) => ip !== address);
        const inPorts = where.path.includes("ports");
        yield {
          message: `${who} listens on ${address} only (port ${rangeText(range)}/${protocol}), and ${host.name} has ${addresses.size} addresses`,
          help: `Listen on the others too, so that it can be reached when that network is down: add ${others
            .map(([ip]) => `"${inPorts ? published(ip, listener) : endpoint(ip, listener)}"`)
            .join(", ")}.`,
          at: where,
          related: others.map(([ip, place]) => ({
            ...place,
            message: `${host.name} is also ${ip}`,
          })),
          ...(inPorts && { severity: "warning" }),
        };
      }
    }
  },
};

/** Whether every port that the listener leads to is led to from another address as well. */
function isReachedElsewhere(listener: Listener, all: readonly Listener[]): boolean {
  const elsewhere = all.filter(
    ({ who, protocol, address }) =>
      who === listener.who && protocol === listener.protocol && address !== listener.address,
  );
  for (let port = listener.target.first; port <= listener.target.last; port += 1) {
    if (!elsewhere.some(({ target }) => target.first <= port && port <= target.last)) return false;
  }
  return true;
}

function endpoint(ip: string, { range }: Listener): string {
  return `${ipVersion(ip) === 6 ? `[${ip}]` : ip}:${rangeText(range)}`;
}

function published(ip: string, listener: Listener): string {
  const protocol = listener.protocol === "tcp" ? "" : `/${listener.protocol}`;
  return `${endpoint(ip, listener)}:${rangeText(listener.target)}${protocol}`;
}
