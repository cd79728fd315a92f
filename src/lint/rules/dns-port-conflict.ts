import { ipVersion, isWildcard } from "../../podman/address.ts";
import { DNS_PORT, isDnsService } from "../../fleet/dns.ts";
import {
  below,
  type Component,
  type Fleet,
  type Host,
  hostOf,
  usesHostNetwork,
} from "../../fleet/model.ts";
import type { PortRange, Protocol } from "../../podman/port.ts";
import type { Report, Rule } from "../rule.ts";

/**
 * A container takes port 53 where the host's own resolver listens.
 *
 * dnsmasq holds 127.0.0.1 and ::1, systemd-resolved 127.0.0.53 and 127.0.0.54; a wildcard takes all of
 * them. By TCP the second one to start gets "address already in use". By UDP nobody gets an error if the container is on
 * the default network (podman 5 and later): at dnsmasq's own address it takes every query of the host. In the recovery MCNS needed explicit
 * addresses for this very reason (incident, step 2). Where nothing says that the host has a resolver,
 * or where a container in the host's network binds is its own affair, it is a warning.
 *
 * Ignore it, as a warning, where the host has no resolver of its own, or the container's configuration
 * names the addresses that it binds.
 *
 * @bad
 * ```toml nixgen.toml
 * [dns]
 * zones = ["svc.example.org"]
 * service = "ns"
 * public = ["1.1.1.1", "8.8.8.8"]
 * ```
 * ```toml services/ns.toml
 * name = "ns"
 * node = "alpha"
 *
 * [[components]]
 * name = "ns"
 * image = "registry.example/ns:v1.0.0"
 * ports = ["53:53/udp"]
 * ```
 * @good
 * ```toml nixgen.toml
 * [dns]
 * zones = ["svc.example.org"]
 * service = "ns"
 * public = ["1.1.1.1", "8.8.8.8"]
 * ```
 * ```toml services/ns.toml
 * name = "ns"
 * node = "alpha"
 *
 * [[components]]
 * name = "ns"
 * image = "registry.example/ns:v1.0.0"
 * ports = ["192.168.1.10:53:53/udp", "100.64.0.10:53:53/udp"]
 * ```
 */
export const rule: Rule = {
  id: "dns-port-conflict",
  group: "dns",
  severity: "error",
  summary: "port 53 is published where the host's resolver listens",
  *check(fleet) {
    for (const component of fleet.index.components.filter(mayTakeDns)) {
      const host = fleet.index.hostNamed.get(hostOf(fleet, component));
      if (host === undefined) continue;
      if (usesHostNetwork(component)) yield* onHostNetwork(fleet, host, component);
      else yield* published(fleet, host, component);
    }
  },
};

function mayTakeDns(component: Component): boolean {
  return usesHostNetwork(component) || component.ports.some(isDns);
}

function isDns({ port: { host, protocol } }: Component["ports"][number]): boolean {
  return protocol !== "sctp" && host !== undefined && hasDns(host);
}

function* published(fleet: Fleet, host: Host, component: Component): Generator<Report> {
  for (const { port, where } of component.ports.filter(isDns)) {
    const holder = resolverAt(fleet, host, port.address);
    if (holder === undefined) continue;
    yield {
      message: `${component.container} publishes port ${DNS_PORT} on ${isWildcard(port.address) ? "every address" : port.address} of ${host.name}, where ${holder}`,
      help: ownAddresses(host, port.protocol),
      at: where,
      ...(isManaged(fleet, host) ? {} : { severity: "warning" }),
    };
  }
}

/** A container in the host's network binds what it likes: its configuration must name addresses. */
function* onHostNetwork(fleet: Fleet, host: Host, component: Component): Generator<Report> {
  const port = component.ports.find(
    ({ port: { container, protocol } }) => protocol !== "sctp" && hasDns(container),
  );
  if (port === undefined && !isDnsService(fleet, component.service)) return;
  yield {
    message: `${component.container} shares the network of ${host.name}, ${isManaged(fleet, host) ? "whose own resolver has" : "where the host's own resolver may have"} port ${DNS_PORT} on a loopback address`,
    help: `Remove network = "host" and publish the port. ${ownAddresses(host, port?.port.protocol ?? "udp")}`,
    at: port?.where ?? below(component.where, "network"),
    severity: "warning",
  };
}

function hasDns({ first, last }: PortRange): boolean {
  return first <= DNS_PORT && DNS_PORT <= last;
}

/** Whether the host has the resolver that nixgen sets up. */
function isManaged(fleet: Fleet, host: Host): boolean {
  return host.release !== undefined && fleet.inventory.dns !== undefined;
}

function ownAddresses(host: Host, protocol: Protocol): string {
  if (host.ips.length === 0) {
    return `Publish it on the host's own addresses only, and write them into addresses of ${host.name}.`;
  }
  const ports = host.ips.map(({ ip }) => {
    const address = ipVersion(ip) === 6 ? `[${ip}]` : ip;
    return `"${address}:${DNS_PORT}:${DNS_PORT}/${protocol}"`;
  });
  return `Publish it on the host's own addresses only: ${ports.join(", ")}.`;
}

function resolverAt(fleet: Fleet, host: Host, address: string): string | undefined {
  const managed = isManaged(fleet, host);
  if (isWildcard(address))
    return `the host's own resolver ${managed ? "listens" : "may listen"} too`;
  if (!managed) return undefined;
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
