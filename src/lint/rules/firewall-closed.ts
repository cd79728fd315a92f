import { isLoopback } from "../../podman/address.ts";
import type { Facts, Host } from "../../fleet/model.ts";
import type { PortRange } from "../../podman/port.ts";
import { type Listener, listenersOn } from "../queries/listeners.ts";
import type { Rule } from "../rule.ts";

/**
 * The firewall of a host closes a port that a container publishes.
 *
 * The ports of rootless podman are sockets of ordinary programs (pasta, rootlessport), so the firewall
 * of NixOS closes them like any other; those of rootful podman and of docker go past it, which is what
 * the manual says of virtualisation.oci-containers. The container works, and answers on the host itself,
 * but to nobody else.
 *
 * Ignore it if only programs of the host itself ask there; better is to publish the port at 127.0.0.1.
 *
 * @bad
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * ports = ["192.168.1.10:8080:80"]
 * ```
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "firewall": { "enable": true, "open": { "tcp": [22] } }
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
 * ports = ["192.168.1.10:8080:80"]
 * ```
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "firewall": { "enable": true, "open": { "tcp": [22, 8080] } }
 * }
 * ```
 */
export const rule: Rule = {
  id: "firewall-closed",
  group: "addresses",
  severity: "warning",
  summary: "the host's firewall closes a port that a container publishes",
  audit: "only",
  *check(fleet) {
    for (const host of fleet.hosts) {
      const firewall = host.facts?.facts.firewall;
      if (firewall?.enable !== true) continue;
      for (const listener of listenersOn(fleet, host)) {
        // Of other protocols the firewall has no list of ports.
        if (isLoopback(listener.address) || listener.protocol === "sctp") continue;
        const interfaces = interfacesOf(host, listener);
        const closed = closedPorts(firewall, listener.protocol, listener.range, interfaces);
        const [first, last] = [closed[0], closed.at(-1)];
        if (first === undefined || last === undefined) continue;
        const { who, address, protocol } = listener;
        const ports = first === last ? String(first) : `${first} to ${last}`;
        const at = address === "" ? "" : ` at ${address}`;
        const only = interfaces.length === 1 ? `interfaces.${interfaces[0] ?? ""}.` : "";
        const option = `networking.firewall.${only}allowed${protocol.toUpperCase()}Port`;
        const added =
          first === last ? `s = [ ${first} ]` : `Ranges = [ { from = ${first}; to = ${last}; } ]`;
        yield {
          message: `the firewall of ${host.name} closes ${ports}/${protocol}${at}, where ${who} listens`,
          help: `Open it in the host's own configuration: ${option}${added}. If only ${host.name} itself asks there, publish it at 127.0.0.1.${firewall.rules ? " The firewall also has rules that nixgen does not read: ignore this if they open it." : ""}`,
          at: listener.where,
        };
      }
    }
  },
};

type Firewall = NonNullable<Facts["firewall"]>;

/** The interfaces that have a listener's address; none if it is every address, or one that is not up. */
function interfacesOf({ facts }: Host, { address }: Listener): string[] {
  const having = (facts?.facts.addresses ?? []).filter((each) => each.address === address);
  return [...new Set(having.map((each) => each.interface))];
}

/** The ports of a listener that are open on none of the interfaces, or, if these are not known, on none at all. */
function closedPorts(
  firewall: Firewall,
  protocol: "tcp" | "udp",
  range: PortRange,
  interfaces: readonly string[],
): number[] {
  const matches = (pattern: string): boolean =>
    interfaces.length === 0 || interfaces.some((name) => isNamed(name, pattern));
  if (firewall.trusted.some((pattern) => pattern !== "lo" && matches(pattern))) return [];
  const open = [
    firewall.open,
    ...Object.entries(firewall.interfaces).flatMap(([pattern, ports]) =>
      matches(pattern) ? [ports] : [],
    ),
  ];
  const isOpen = (port: number): boolean =>
    open.some(
      (ports) =>
        ports[protocol].includes(port) ||
        ports[`${protocol}_ranges`].some(({ from, to }) => from <= port && port <= to),
    );
  const closed: number[] = [];
  for (let port = range.first; port <= range.last; port += 1) if (!isOpen(port)) closed.push(port);
  return closed;
}

/** Whether an interface is meant by a name, or by the beginning of one: "+" of iptables, "*" of nftables. */
function isNamed(name: string, pattern: string): boolean {
  return /[+*]$/.test(pattern) ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
