import type { Where } from "../../document/place.ts";
import { isLoopback } from "../../podman/address.ts";
import { below } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";

/**
 * Two hosts have one name, or one address.
 *
 * Both would be written to one folder; and a listener on a shared address could be either one's. A
 * copied [[nodes]] table of which one line was not changed is the usual cause.
 *
 * Never ignore it: an address that wanders between hosts belongs in the table of neither.
 *
 * @bad
 * ```toml nixgen.toml
 * [[nodes]]
 * name = "alpha"
 * os = "nixos"
 * nixos_release = "25.11"
 * role = "master"
 * addresses = { lan = "192.168.1.10", vpn = "100.64.0.10" }
 *
 * [[nodes]]
 * name = "beta"
 * os = "nixos"
 * nixos_release = "25.11"
 * role = "worker"
 * addresses = { lan = "192.168.1.10", vpn = "100.64.0.11" }
 * ```
 * @good
 * ```toml nixgen.toml
 * [[nodes]]
 * name = "alpha"
 * os = "nixos"
 * nixos_release = "25.11"
 * role = "master"
 * addresses = { lan = "192.168.1.10", vpn = "100.64.0.10" }
 *
 * [[nodes]]
 * name = "beta"
 * os = "nixos"
 * nixos_release = "25.11"
 * role = "worker"
 * addresses = { lan = "192.168.1.11", vpn = "100.64.0.11" }
 * ```
 */
export const rule: Rule = {
  id: "duplicate-host",
  group: "inventory",
  severity: "error",
  summary: "two hosts have one name or one address",
  *check(fleet) {
    const names = new Map<string, Where>();
    const addresses = new Map<string, { host: string; where: Where }>();
    for (const { name, where, ips } of fleet.hosts) {
      const at = below(where, "name");
      const first = names.get(name);
      if (first === undefined) names.set(name, at);
      else {
        yield {
          message: `two hosts are named ${name}`,
          help: "Rename one of them, or remove the one that is not meant.",
          at,
          related: [{ ...first, message: "the first one" }],
        };
      }
      for (const { ip, where: place } of ips) {
        // Every host has these.
        if (isLoopback(ip)) continue;
        const before = addresses.get(ip);
        if (before === undefined) addresses.set(ip, { host: name, where: place });
        else if (before.host !== name) {
          yield {
            message: `${name} and ${before.host} both have the address ${ip}`,
            help: "Correct the one that is wrong.",
            at: place,
            related: [{ ...before.where, message: `${before.host} has ${ip}` }],
          };
        }
      }
    }
  },
};
