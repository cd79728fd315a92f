/** Everything that listens on a host, as far as the definitions tell. */
import type { Where } from "../../document/place.ts";
import { addressesOverlap } from "../../podman/address.ts";
import { DNS_PORT } from "../../fleet/dns.ts";
import {
  below,
  type Component,
  type Fleet,
  type Host,
  type Service,
  servicesOn,
  usesHostNetwork,
} from "../../fleet/model.ts";
import { type PortRange, type Protocol, rangesOverlap } from "../../podman/port.ts";

/** One listener: who, where, and where it is written. */
export interface Listener {
  /** "mcr-api" or "the agent". */
  readonly who: string;
  /** The service that it is a part of; undefined for the agent. */
  readonly service: string | undefined;
  /** The host's address, canonical; "" is every address. */
  readonly address: string;
  /** A container in the host's network binds what it likes: every address is then the worst case. */
  readonly assumed: boolean;
  readonly range: PortRange;
  /** Where a connection ends: the container's ports, or the host's own. */
  readonly target: PortRange;
  readonly protocol: Protocol;
  readonly where: Where;
}

/**
 * The listeners of a host. Under host networking, a container's own ports are the host's. Several rules
 * go through them, so they are made once for a fleet.
 */
export function listenersOn(fleet: Fleet, host: Host): readonly Listener[] {
  const known = made.get(fleet) ?? new Map<Host, readonly Listener[]>();
  made.set(fleet, known);
  const listeners = known.get(host) ?? makeListeners(fleet, host);
  known.set(host, listeners);
  return listeners;
}

const made = new WeakMap<Fleet, Map<Host, readonly Listener[]>>();

function makeListeners(fleet: Fleet, host: Host): Listener[] {
  const listeners = host.agent.map(({ endpoint, where }): Listener => {
    const range = onePort(endpoint.port);
    const address = plainAddress(endpoint.address);
    const who = `the agent of ${host.name}`;
    return {
      who,
      service: undefined,
      address,
      assumed: false,
      range,
      target: range,
      protocol: "tcp",
      where,
    };
  });
  let before: Service | undefined;
  for (const service of servicesOn(fleet, host.name)) {
    // What two definitions of one service have in common is for the rule duplicate-service to say.
    if (service.name === before?.name) continue;
    before = service;
    for (const component of service.components) addListenersOf(component, listeners);
  }
  return listeners;
}

function addListenersOf(component: Component, listeners: Listener[]): void {
  const { container: who, service } = component;
  const onHost = usesHostNetwork(component);
  const start = listeners.length;
  for (const { port, where } of component.ports) {
    const range = onHost ? port.container : port.host;
    if (range === undefined) continue;
    const address = onHost ? "" : port.address;
    const { container: target, protocol } = port;
    listeners.push({ who, service, address, assumed: onHost, range, target, protocol, where });
  }
  for (const { hostPort, where } of component.routes) {
    if (hostPort === undefined) continue;
    const range = onePort(hostPort);
    const address = onHost ? "" : "127.0.0.1";
    const protocol = "tcp";
    listeners.push({
      who,
      service,
      address,
      assumed: onHost,
      range,
      target: range,
      protocol,
      where,
    });
  }
  const probed = onHost ? probedPort(component) : undefined;
  if (probed === undefined) return;
  const { protocol } = probed;
  const range = onePort(probed.port);
  const known = listeners
    .slice(start)
    .some((other) => other.protocol === protocol && rangesOverlap(other.range, range));
  if (known) return;
  const where = below(component.where, "health", "port");
  listeners.push({
    who,
    service,
    address: "",
    assumed: true,
    range,
    target: range,
    protocol,
    where,
  });
}

/** The port that a health check gives away. */
function probedPort({ definition: { health } }: Component) {
  if (health?.kind === "dns") return { port: DNS_PORT, protocol: "udp" as const };
  if (health === undefined || !("port" in health) || health.port === undefined) return undefined;
  return { port: health.port, protocol: "tcp" as const };
}

/** The agent may be told "localhost" and "*", which mean the same as an address. */
function plainAddress(address: string): string {
  if (address === "*") return "";
  return address === "localhost" ? "127.0.0.1" : address;
}

/** Whether two listeners of one host want the same port. */
export function collide(a: Listener, b: Listener): boolean {
  return (
    a.protocol === b.protocol &&
    rangesOverlap(a.range, b.range) &&
    addressesOverlap(a.address, b.address)
  );
}

function onePort(port: number): PortRange {
  return { first: port, last: port };
}
