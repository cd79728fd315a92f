import { isWildcard } from "../../fleet/address.ts";
import { DNS_PORT } from "../../fleet/dns.ts";
import type { Fleet, Host } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";

/**
 * A container publishes port 53 where the host's own resolver listens.
 *
 * dnsmasq holds 127.0.0.1 and ::1, systemd-resolved 127.0.0.53 and 127.0.0.54; a wildcard takes all of
 * them. Whichever starts second gets "address already in use". In the recovery MCNS needed explicit
 * addresses for this very reason (incident, step 2).
 */
export const rule: Rule = {
  id: "dns-port-conflict",
  severity: "error",
  summary: "port 53 is published where the host's resolver listens",
  *check(fleet) {
    const hosts = new Map(fleet.hosts.map((host) => [host.name, host]));
    for (const service of fleet.services) {
      const host = hosts.get(service.host ?? "");
      if (!service.definition.active || host === undefined) continue;
      for (const { container, ports } of service.components) {
        for (const { port, where } of ports) {
          if (port.protocol === "sctp" || port.host === undefined) continue;
          if (port.host.first > DNS_PORT || port.host.last < DNS_PORT) continue;
          const holder = resolverAt(fleet, host, port.address);
          if (holder === undefined) continue;
          yield {
            message: `${container} publishes port 53 on ${isWildcard(port.address) ? "every address" : port.address} of ${host.name}, where ${holder}`,
            help: `Publish it on the host's own addresses only: ${host.ips.map(({ ip }) => `"${ip.includes(":") ? `[${ip}]` : ip}:53:53/${port.protocol}"`).join(", ")}.`,
            at: where,
          };
        }
      }
    }
  },
};

function resolverAt(fleet: Fleet, host: Host, address: string): string | undefined {
  if (isWildcard(address)) return "the host's own resolver listens too";
  if (host.release === undefined) return undefined;
  switch (fleet.inventory.dns?.resolver) {
    case "dnsmasq":
      return address === "127.0.0.1" || address === "::1"
        ? "the dnsmasq that nixgen sets up listens"
        : undefined;
    case "resolved":
      return address === "127.0.0.53" || address === "127.0.0.54"
        ? "systemd-resolved listens"
        : undefined;
    case undefined:
      return undefined;
  }
}
