import { ipVersion, isLinkLocal, isLoopback, isWildcard } from "../../podman/address.ts";
import type { Rule } from "../rule.ts";

/**
 * An address of the inventory is one that no other host can reach.
 *
 * Wildcards (0.0.0.0), multicast and broadcast are no host's address. Loopback is every host's own: it may stand beside others, not alone. A link-local
 * address (169.254.0.0/16, fe80::/10) means nothing without the interface: nothing can be published there. Rules that ask
 * which addresses a host has, and the resolvers of other hosts, would count on it.
 *
 * Never ignore it.
 *
 * @bad
 * ```toml nixgen.toml
 * [[nodes]]
 * name = "alpha"
 * os = "nixos"
 * nixos_release = "25.11"
 * role = "master"
 * addresses = { lan = "192.168.1.10", vpn = "0.0.0.0" }
 * ```
 * @good
 * ```toml nixgen.toml
 * [[nodes]]
 * name = "alpha"
 * os = "nixos"
 * nixos_release = "25.11"
 * role = "master"
 * addresses = { lan = "192.168.1.10", vpn = "100.64.0.10" }
 * ```
 */
export const rule: Rule = {
  id: "unusable-address",
  group: "addresses",
  severity: "error",
  summary: "an address of the inventory is one that no other host can reach",
  *check(fleet) {
    for (const host of fleet.hosts) {
      for (const { ip, where } of host.ips) {
        const kind = kindOf(ip, host.ips.length);
        if (kind === undefined) continue;
        yield {
          message: `${host.name} has the address ${ip}, which is ${kind}`,
          help: `Write the address that other hosts reach ${host.name} by, or remove this one.`,
          at: where,
        };
      }
    }
  },
};

/**
 * What an address is instead of a host's; undefined for one that a host may have.
 * @param count how many addresses the host has: loopback may be named beside others.
 */
function kindOf(ip: string, count: number): string | undefined {
  if (isWildcard(ip)) return "every address of a host";
  if (isLoopback(ip) && count === 1) return "every host's own (loopback)";
  if (isLinkLocal(ip)) return "link-local: it means nothing without an interface";
  if (ip === "255.255.255.255") return "a broadcast address";
  const isMulticast =
    ipVersion(ip) === 4 ? /^(?:22[4-9]|23[0-9])\./.test(ip) : /^ff[0-9a-f]{2}:/i.test(ip);
  return isMulticast ? "a multicast address" : undefined;
}
