import { isWildcard } from "../../podman/address.ts";
import { type PortRange, rangeText } from "../../podman/port.ts";
import { listenersOn } from "../queries/listeners.ts";
import type { Rule } from "../rule.ts";

/** What an edge host is for: web pages, on every address that it has. */
const PUBLIC_PORTS = [80, 443];

/**
 * Something listens on every address of an edge host.
 *
 * An edge host is on the open network, so a port without an address is offered to everybody, and what
 * was meant for the VPN or the host itself is one firewall rule away from the world. The agent, which
 * can start and stop everything, is the worst of it. Ports 80 and 443 are what an edge host is for.
 *
 * Ignore it for what is to be public.
 *
 * @bad
 * ```toml nixgen.toml
 * [[nodes]]
 * name = "gate"
 * os = "nixos"
 * nixos_release = "25.11"
 * role = "edge"
 * addresses = { wan = "198.51.100.7", vpn = "100.64.0.7" }
 * ```
 * ```toml services/proxy.toml
 * name = "proxy"
 * node = "gate"
 *
 * [[components]]
 * name = "proxy"
 * image = "registry.example/proxy:v1.0.0"
 * ports = ["443:8443", "9443:9443"]
 * ```
 * @good
 * ```toml nixgen.toml
 * [[nodes]]
 * name = "gate"
 * os = "nixos"
 * nixos_release = "25.11"
 * role = "edge"
 * addresses = { wan = "198.51.100.7", vpn = "100.64.0.7" }
 * ```
 * ```toml services/proxy.toml
 * name = "proxy"
 * node = "gate"
 *
 * [[components]]
 * name = "proxy"
 * image = "registry.example/proxy:v1.0.0"
 * ports = ["443:8443", "127.0.0.1:9443:9443"]
 * ```
 */
export const rule: Rule = {
  id: "wildcard-on-edge",
  group: "addresses",
  severity: "warning",
  summary: "something listens on every address of an edge host",
  *check(fleet) {
    for (const host of fleet.hosts) {
      if (host.node.role !== "edge") continue;
      for (const listener of listenersOn(fleet, host)) {
        const { who, address, assumed, range, protocol, where } = listener;
        if (!isWildcard(address) || assumed || isPublic(range)) continue;
        const own = host.ips.map(({ ip }) => ip);
        yield {
          message: `${who} listens on every address of the edge host ${host.name} (port ${rangeText(range)}/${protocol})`,
          help: `Write the address that it is meant for: 127.0.0.1${own.length === 0 ? "" : `, ${own.join(", ")}`}.`,
          at: where,
        };
      }
    }
  },
};

function isPublic({ first, last }: PortRange): boolean {
  return first === last && PUBLIC_PORTS.includes(first);
}
