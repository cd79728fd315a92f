import { ipVersion, isLoopback, isWildcard } from "../../fleet/address.ts";
import { listenersOn } from "../listeners.ts";
import type { Rule } from "../rule.ts";

/**
 * Something listens on an address that its host does not have.
 *
 * The container would start in vain ("Cannot assign requested address"), or bind an address that the
 * inventory knows nothing of, so that no other rule can reason about it. An address that was left in a
 * definition when its service moved to another host is the usual cause.
 *
 * Ignore it for an address that wanders between hosts (VRRP and the like).
 *
 * @bad
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * ports = ["192.168.1.99:8080:80"]
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
 */
export const rule: Rule = {
  id: "unknown-bind-address",
  group: "addresses",
  severity: "error",
  summary: "something listens on an address that its host does not have",
  *check(fleet) {
    for (const host of fleet.hosts) {
      const own = new Set(host.ips.map(({ ip }) => ip));
      for (const { who, address, where } of listenersOn(fleet, host)) {
        if (isWildcard(address) || isLoopback(address) || own.has(address)) continue;
        if (ipVersion(address) === 0) continue;
        const owner = fleet.hosts.find(({ ips }) => ips.some(({ ip }) => ip === address));
        yield {
          message: `${who} listens on ${address}, which is no address of ${host.name}${owner === undefined ? "" : ` but of ${owner.name}`}`,
          help:
            own.size === 0
              ? `Add the address to addresses of ${host.name}.`
              : `Use an address of ${host.name} (${[...own].join(", ")}), or add this one to its addresses.`,
          at: where,
          related: [{ ...host.where, message: `${host.name} is here` }],
        };
      }
    }
  },
};
