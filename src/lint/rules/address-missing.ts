import { canonicalIp, isLinkLocal, isPrivate } from "../../podman/address.ts";
import type { Rule } from "../rule.ts";

/**
 * A host does not have an address that the inventory gives it.
 *
 * What is to listen there is reached by nobody, and does not even fail: the emitted modules let
 * containers bind an address that is not there yet, for the sake of VPNs. Hosts that ask the fleet's DNS
 * at that address wait for an answer that does not come. Public addresses are left alone, for they are
 * often those of a router in front of the host.
 *
 * Ignore it for a network that is up at times only.
 *
 * @bad
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "addresses": [
 *     { "interface": "eth0", "address": "192.168.1.77" },
 *     { "interface": "vpn0", "address": "100.64.0.10" }
 *   ]
 * }
 * ```
 * @good
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "addresses": [
 *     { "interface": "eth0", "address": "192.168.1.10" },
 *     { "interface": "vpn0", "address": "100.64.0.10" }
 *   ]
 * }
 * ```
 */
export const rule: Rule = {
  id: "address-missing",
  group: "addresses",
  severity: "warning",
  summary: "a host does not have an address that the inventory gives it",
  audit: "only",
  *check(fleet) {
    for (const { name, ips, facts: its } of fleet.hosts) {
      if (its?.facts.addresses === undefined) continue;
      const actual = its.facts.addresses.map(({ address }) => address);
      const there = new Set(actual.map(canonicalIp));
      for (const { ip, where } of ips) {
        if (there.has(ip) || !isPrivate(ip) || isLinkLocal(ip)) continue;
        yield {
          message: `${name} does not have ${ip}, which the inventory gives it`,
          help: `It has ${actual.length === 0 ? "none" : actual.join(", ")}. Correct addresses of ${name}, and what listens there; or, where the network was down, collect the facts again.`,
          at: where,
          related: [
            {
              file: its.file,
              path: ["addresses"],
              message: `the addresses of ${name}`,
            },
          ],
        };
      }
    }
  },
};
