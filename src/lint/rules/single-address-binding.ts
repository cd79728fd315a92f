import type { Where } from "../../document/place.ts";
import { ipVersion, isLinkLocal, isLoopback, isPrivate, isWildcard } from "../../podman/address.ts";
import { DNS_PORT, isDnsService } from "../../fleet/dns.ts";
import type { Fix } from "../../finding/finding.ts";
import { groupBy } from "../../text/group.ts";
import type { Fleet } from "../../fleet/model.ts";
import { isCovered, type PortRange, rangeText } from "../../podman/port.ts";
import { collide, type Listener, listenersOn } from "../queries/listeners.ts";
import type { Rule } from "../rule.ts";

/**
 * Something listens on only one of a host's several addresses.
 *
 * When that network is down, the service is gone although the host can still be reached. In the
 * incident Tailscale was turned off, and with it went the agent of rift, which was bound to its
 * Tailnet address alone. For the agent, which is needed to repair everything else, it is an error; a
 * container may be meant for one network only, and an edge host's agent likewise, so there it is a
 * warning. What listens on a private address is not asked to listen on a public one, nor the other way
 * round: that is a choice, and to open the agent to the world would be worse than any outage.
 *
 * Ignore it for what is meant for one network only, and say so as the reason.
 *
 * @bad
 * ```toml nixgen.toml
 * [[nodes]]
 * name = "alpha"
 * os = "nixos"
 * nixos_release = "25.11"
 * role = "master"
 * addresses = { lan = "192.168.1.10", vpn = "100.64.0.10" }
 * agent = { listen = ["100.64.0.10:9444"] }
 * ```
 * @good
 * ```toml nixgen.toml
 * [[nodes]]
 * name = "alpha"
 * os = "nixos"
 * nixos_release = "25.11"
 * role = "master"
 * addresses = { lan = "192.168.1.10", vpn = "100.64.0.10" }
 * agent = { listen = ["192.168.1.10:9444", "100.64.0.10:9444"] }
 * ```
 */
export const rule: Rule = {
  id: "single-address-binding",
  group: "addresses",
  severity: "error",
  summary: "something listens on only one of a host's several addresses",
  fixable: true,
  *check(fleet) {
    for (const host of fleet.hosts) {
      const addresses = new Map(
        host.ips
          .filter(({ ip }) => !isLoopback(ip) && !isLinkLocal(ip))
          .map(({ ip, where }) => [ip, where]),
      );
      if (addresses.size < 2) continue;
      const all = listenersOn(fleet, host);
      const reachable = all.filter(({ address }) => !isLoopback(address));
      const ofOne = new Map(
        [...groupBy(reachable, ownerOf)].map(([owner, its]) => [owner, near(its, "target")]),
      );
      const nearOnHost = near(all, "range");
      for (const listener of reachable) {
        const { who, address, range, protocol, where } = listener;
        // A host name may stand for several addresses.
        if (isWildcard(address) || !addresses.has(address)) continue;
        if (isReachedElsewhere(listener, ofOne.get(ownerOf(listener))?.(listener.target) ?? []))
          continue;
        const alike = [...addresses].filter(([ip]) => isPrivate(ip) === isPrivate(address));
        const others = alike.filter(([ip]) => ip !== address);
        if (others.length === 0) continue;
        const inPorts = where.path.includes("ports");
        const missing = others.map(([ip]) =>
          inPorts ? published(ip, listener) : endpoint(ip, listener),
        );
        const ofOneKind = alike.length === addresses.size;
        const kind = ofOneKind ? "" : isPrivate(address) ? "private " : "public ";
        const isEdge = host.node.role === "edge";
        const fixable =
          !isEdge &&
          isForAllNetworks(fleet, listener) &&
          others.every(([ip]) =>
            nearOnHost(range).every((other) => !collide(other, { ...listener, address: ip })),
          );
        yield {
          message: `${who} listens on ${address} only (port ${rangeText(range)}/${protocol}), and ${host.name} has ${alike.length} ${kind}addresses`,
          help: `Listen on the others too, so that it can be reached when that network is down: add ${missing.map((text) => JSON.stringify(text)).join(", ")}.`,
          at: where,
          related: others.map(([ip, place]) => ({
            ...place,
            message: `${host.name} is also ${ip}`,
          })),
          ...((inPorts || isEdge) && { severity: "warning" }),
          ...(fixable && { fix: appended(who, where, missing) }),
        };
      }
    }
  },
};

/** Those that may have a port in common with a range: an agent may have as many ports as there are. */
function near(
  listeners: readonly Listener[],
  which: "range" | "target",
): (range: PortRange) => readonly Listener[] {
  const isOne = ({ first, last }: PortRange): boolean => first === last;
  // What is written twice says nothing more.
  const different = new Map(
    listeners.map((each) => [`${each.protocol} ${rangeText(each[which])} ${each.address}`, each]),
  );
  const all = [...different.values()];
  const byPort = groupBy(
    all.filter((each) => isOne(each[which])),
    (each) => each[which].first,
  );
  const wide = all.filter((each) => !isOne(each[which]));
  return (range) => (isOne(range) ? [...(byPort.get(range.first) ?? []), ...wide] : all);
}

/** What listeners have in common of which one may be reached where another one is not. */
function ownerOf({ who, protocol }: Listener): string {
  return `${protocol} ${who}`;
}

/** Whether every port that the listener leads to is led to from another address as well. */
function isReachedElsewhere({ address, target }: Listener, its: readonly Listener[]): boolean {
  const elsewhere = its.filter((other) => other.address !== address);
  return isCovered(
    target,
    elsewhere.map((other) => other.target),
  );
}

/** Whether a listener is the agent, or the fleet's DNS at work. */
function isForAllNetworks(fleet: Fleet, { service, target }: Listener): boolean {
  if (service === undefined) return true;
  return isDnsService(fleet, service) && target.first <= DNS_PORT && DNS_PORT <= target.last;
}

/**
 * The agent and the fleet's DNS are there for all networks. What else listens may be meant for one,
 * and an edge host may have an open one: to offer it there is not ours to decide.
 */
function appended(who: string, where: Where, missing: readonly string[]): Fix {
  const at = { file: where.file, path: where.path.slice(0, -1) };
  return {
    title: `let ${who} listen on ${missing.join(" and ")} too`,
    edits: [{ kind: "append", at, values: missing }],
  };
}

function endpoint(ip: string, { range }: Listener): string {
  return `${ipVersion(ip) === 6 ? `[${ip}]` : ip}:${rangeText(range)}`;
}

function published(ip: string, listener: Listener): string {
  const protocol = listener.protocol === "tcp" ? "" : `/${listener.protocol}`;
  return `${endpoint(ip, listener)}:${rangeText(listener.target)}${protocol}`;
}
