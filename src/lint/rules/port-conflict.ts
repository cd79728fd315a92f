import { ipVersion, isWildcard } from "../../podman/address.ts";
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
      for (const [first, second] of conflicts(listenersOn(fleet, host))) {
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
  },
};

/**
 * Pairs that want the same port, by their first ports and in the order of their definition: each listener
 * with one of those before it, so that n on one port are n - 1 findings.
 */
function* conflicts(listeners: readonly Listener[]): Generator<readonly [Listener, Listener]> {
  const sorted = [...listeners].sort((a, b) => a.range.first - b.range.first);
  /** Ordered by their first ports: of those that bind the same, the next ones meet the one that ends last. */
  const last = new Map<string, Listener>();
  for (const listener of sorted) {
    const met = asked(listener)
      .map((key) => last.get(key))
      .find((before) => before !== undefined && collide(before, listener));
    if (met !== undefined) yield [met, listener];
    for (const key of taken(listener)) {
      const before = last.get(key);
      if (before === undefined || before.range.last < listener.range.last) last.set(key, listener);
    }
  }
}

/** What a listener takes: its address, and places among those that wildcards cover. */
function taken({ protocol, address }: Listener): string[] {
  const version = isWildcard(address) ? 4 : ipVersion(address);
  return [
    `at ${address}`,
    "any",
    ...(version === 4 ? ["IPv4"] : []),
    ...(isWildcard(address) && address !== IPV4_WILDCARD ? ["wildcard"] : []),
  ].map((key) => `${protocol} ${key}`);
}

/** What a listener can meet. */
function asked({ protocol, address }: Listener): string[] {
  const ofOne = [
    `at ${address}`,
    "wildcard",
    ...(ipVersion(address) === 4 ? [`at ${IPV4_WILDCARD}`] : []),
  ];
  const keys = address === IPV4_WILDCARD ? ["IPv4"] : isWildcard(address) ? ["any"] : ofOne;
  return keys.map((key) => `${protocol} ${key}`);
}

const IPV4_WILDCARD = "0.0.0.0";

function text({ address, range, protocol }: Listener): string {
  return `${rangeText(range)}/${protocol}${address === "" ? "" : ` of ${address}`}`;
}
