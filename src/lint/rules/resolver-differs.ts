import { isLoopback } from "../../fleet/address.ts";
import { below, nixosHosts, type Host } from "../../fleet/model.ts";
import type { Report, Rule } from "../rule.ts";

/**
 * A host does not resolve names the way that [dns] sets up.
 *
 * nixgen gives each host a resolver of its own that splits the queries and keeps stale answers. A host
 * that asks others, or others as well, has neither: one list of internal and public resolvers stays
 * with the public one once the other has failed.
 *
 * Ignore it on a host whose resolvers are set up elsewhere on purpose.
 *
 * @bad
 * ```toml nixgen.toml
 * [dns]
 * public = ["1.1.1.1", "8.8.8.8"]
 * ```
 * ```json facts/alpha.json
 * { "schema": 1, "host": "alpha", "resolver": { "nameservers": ["192.168.1.1"] } }
 * ```
 * @good
 * ```toml nixgen.toml
 * [dns]
 * public = ["1.1.1.1", "8.8.8.8"]
 * ```
 * ```json facts/alpha.json
 * { "schema": 1, "host": "alpha", "resolver": { "nameservers": ["127.0.0.1"] } }
 * ```
 */
export const rule: Rule = {
  id: "resolver-differs",
  group: "dns",
  severity: "warning",
  summary: "a host resolves names otherwise than [dns] sets up",
  audit: "only",
  *check(fleet) {
    const { dns } = fleet.inventory;
    if (dns === undefined) return;
    for (const host of nixosHosts(fleet)) {
      const report = judge(host, dns.resolver);
      if (report !== undefined) yield report;
    }
  },
};

/** What systemd-resolved listens on (systemd-resolved.service(8)). */
const STUBS: ReadonlySet<string> = new Set(["127.0.0.53", "127.0.0.54"]);

function judge(host: Host, kind: "dnsmasq" | "resolved"): Report | undefined {
  const resolver = host.facts?.facts.resolver;
  if (host.facts === undefined || resolver === undefined) return undefined;
  const isOurs = (address: string): boolean =>
    isLoopback(address) && STUBS.has(address) === (kind === "resolved");
  const { nameservers } = resolver;
  const other = nameservers.findIndex((address) => !isOurs(address));
  if (nameservers.length > 0 && other === -1) return undefined;
  const at = below({ file: host.facts.file, path: ["resolver"] }, "nameservers");
  const asks = nameservers.length === 0 ? "no resolver at all" : nameservers.join(" and ");
  return {
    message: `${host.name} asks ${asks}, not its own ${kind}`,
    help: `Deploy the modules of ${host.name} (nixos-rebuild switch), and see that nothing else writes /etc/resolv.conf. If that was done since, collect the facts again.`,
    at: other === -1 ? at : below(at, other),
  };
}
