import { canonicalIp, isLoopback } from "../../podman/address.ts";
import { plainName, resolvedServerAddress, splitZones } from "../../fleet/dns.ts";
import { below, type Fleet, type Host, type NixosHost, nixosHosts } from "../../fleet/model.ts";
import type { Report, Rule } from "../rule.ts";

/**
 * A host does not resolve names the way that [dns] sets up.
 *
 * nixgen gives each host a resolver of its own that splits the queries and keeps stale answers. A host
 * that asks others, or others as well, has neither: one list of internal and public resolvers stays
 * with the public one once the other has failed. Under systemd-resolved, a zone without a delegate is asked
 * of the public resolvers. tailscaled rewrites resolv.conf unless it is told not to.
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
      const report = judgeServers(host, dns.resolver);
      if (report !== undefined) yield report;
      else if (dns.resolver === "resolved") yield* judgeDelegates(fleet, host);
    }
  },
};

/** What systemd-resolved listens on (systemd-resolved.service(8)). */
const STUBS: ReadonlySet<string> = new Set(["127.0.0.53", "127.0.0.54"]);

/** Where tailscaled answers names on every host of a tailnet (MagicDNS). */
const MAGIC_DNS: ReadonlySet<string> = new Set(["100.100.100.100", "fd7a:115c:a1e0::53"]);

function judgeServers(host: Host, kind: "dnsmasq" | "resolved"): Report | undefined {
  const resolver = host.facts?.facts.resolver;
  if (host.facts === undefined || resolver === undefined) return undefined;
  const isOurs = (address: string): boolean =>
    isLoopback(address) && STUBS.has(address) === (kind === "resolved");
  const { nameservers } = resolver;
  const other = nameservers.findIndex((address) => !isOurs(address));
  if (nameservers.length > 0 && other === -1) return undefined;
  const at = below({ file: host.facts.file, path: ["resolver"] }, "nameservers");
  const asks = nameservers.length === 0 ? "no resolver at all" : nameservers.join(" and ");
  const magic = nameservers.some((address) => MAGIC_DNS.has(canonicalIp(address)));
  return {
    message: `${host.name} asks ${asks}, not its own ${kind}${magic ? ": tailscaled has rewritten /etc/resolv.conf" : ""}`,
    help: magic
      ? `Run "tailscale set --accept-dns=false" on ${host.name}, which restores the file, and restart the containers that were started since. Names of the tailnet then need [[dns.forward]] with servers = ["100.100.100.100"]. Then collect the facts again.`
      : `Deploy the modules of ${host.name} (nixos-rebuild switch), and see that nothing else writes /etc/resolv.conf. If that was done since, collect the facts again.`,
    at: other === -1 ? at : below(at, other),
  };
}

/** systemd-resolved asks the public servers for a zone without a delegate. */
function* judgeDelegates(fleet: Fleet, host: NixosHost): Generator<Report> {
  const delegates = host.facts?.facts.resolver?.delegates;
  if (host.facts === undefined || delegates === undefined) return;
  const at = below({ file: host.facts.file, path: ["resolver"] }, "delegates");
  const help = `Deploy the modules of ${host.name} (nixos-rebuild switch). If that was done since, collect the facts again.`;
  for (const { zones, servers } of splitZones(fleet)) {
    for (const zone of zones) {
      const plain = plainName(zone);
      const its = (delegate: (typeof delegates)[number]): string | undefined =>
        delegate.domains.find((domain) => plainName(domain.replace(/^~/, "")) === plain);
      const index = delegates.findIndex((delegate) => its(delegate) !== undefined);
      const found = delegates[index];
      if (found === undefined) {
        const message = `${host.name} asks the public resolvers for ${zone}: systemd-resolved has no delegate of that zone`;
        yield { message, help, at };
        continue;
      }
      const place = below(at, index);
      if (its(found)?.startsWith("~") !== true) {
        const message = `${host.name} completes names with ${zone}, and so do its containers: the delegate ${found.name} has the zone without "~"`;
        yield { message, help, at: below(place, "domains") };
      }
      const asked = new Set(found.dns.map(resolvedServerAddress));
      const missing = servers.filter((address) => !asked.has(address));
      if (missing.length > 0) {
        const message = `${host.name} does not ask ${missing.join(" and ")} for ${zone}: the delegate ${found.name} names ${found.dns.join(" and ") || "no server"}`;
        yield { message, help, at: below(place, "dns") };
      }
    }
  }
}
