/** Everything that listens on a host, as far as the definitions tell. */
import type { Where } from "../fleet/finding.ts";
import { below, type Fleet, type Host, servicesOn, usesHostNetwork } from "../fleet/model.ts";
import type { PortRange, Protocol } from "../fleet/port.ts";

/** One listener: who, where, and where it is written. */
export interface Listener {
  /** "mcr-api" or "the agent". */
  readonly who: string;
  /** The host's address; "" is every address. */
  readonly address: string;
  readonly range: PortRange;
  readonly protocol: Protocol;
  readonly where: Where;
}

/** The listeners of a host. Under host networking, a container's own ports are the host's. */
export function listenersOn(fleet: Fleet, host: Host): Listener[] {
  const listeners: Listener[] = host.agent.map(({ endpoint, where }) => ({
    who: `the agent of ${host.name}`,
    address: endpoint.address,
    range: { first: endpoint.port, last: endpoint.port },
    protocol: "tcp",
    where,
  }));
  for (const service of servicesOn(fleet, host.name)) {
    for (const component of service.components) {
      const who = component.container;
      const onHost = usesHostNetwork(component);
      for (const { port, where } of component.ports) {
        const range = onHost ? port.container : port.host;
        if (range === undefined) continue;
        const address = onHost ? "" : port.address;
        listeners.push({ who, address, range, protocol: port.protocol, where });
      }
      for (const { hostPort, where } of component.routes) {
        if (hostPort === undefined) continue;
        const range = { first: hostPort, last: hostPort };
        listeners.push({ who, address: onHost ? "" : "127.0.0.1", range, protocol: "tcp", where });
      }
      const { health } = component.definition;
      if (!onHost || health === undefined || !("port" in health)) continue;
      const { port } = health;
      const known = listeners.some(
        (other) =>
          other.who === who && other.range.first <= (port ?? 0) && (port ?? 0) <= other.range.last,
      );
      if (port === undefined || known) continue;
      listeners.push({
        who,
        address: "",
        range: { first: port, last: port },
        protocol: "tcp",
        where: below(component.where, "health", "port"),
      });
    }
  }
  return listeners;
}
