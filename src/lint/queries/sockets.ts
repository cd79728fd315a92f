/** What listens on a host's ports, beside what is to listen there. */
import type { Where } from "../../document/place.ts";
import { addressesOverlap } from "../../podman/address.ts";
import { groupBy } from "../../text/group.ts";
import { componentsOn, type Fleet, type Host, usesHostNetwork } from "../../fleet/model.ts";
import { type Listener, listenersOn } from "./listeners.ts";
import { containersOn, isRunning, podmanOf } from "./runtime.ts";

/** A listening socket of the facts. */
export interface Socket {
  readonly process: string | undefined;
  readonly where: Where;
}

/** Whether a socket is that of a program that holds published ports for podman, as ss(8) names it. */
export function isPodman({ process = "" }: { readonly process?: string | undefined }): boolean {
  return /^(?:rootlessport|rootlessport-child|exe|slirp4netns|pasta|pasta\.avx2|passt|passt\.avx2|conmon|podman|netavark|aardvark-dns)$/.test(
    process,
  );
}

/** A port that is to be served on a host. */
export interface ServedPort {
  readonly listener: Listener;
  readonly port: number;
  /** Who listens there. */
  readonly sockets: readonly Socket[];
  /** Whether podman is to publish it for a container. */
  readonly published: boolean;
  /** Whether the container that is to serve it is known not to run, or podman does not answer. */
  readonly down: boolean;
}

/** The ports that are to be served on a host whose sockets were collected. */
export function portsOn(fleet: Fleet, host: Host): ServedPort[] {
  const collected = host.facts?.facts.listeners;
  if (host.facts === undefined || collected === undefined) return [];
  const { file } = host.facts;
  const sockets = groupBy(
    collected.map((socket, index) => ({ socket, index })),
    ({ socket }) => socket.port,
  );
  const components = new Map(
    componentsOn(fleet, host.name).map((component) => [component.container, component]),
  );
  const containers = containersOn(host);
  const isUnanswered = containers === undefined && podmanOf(host)?.podman.error !== undefined;
  const running = new Set(containers?.filter(isRunning).map(({ name }) => name));
  const ports: ServedPort[] = [];
  for (const listener of listenersOn(fleet, host)) {
    const { address, range, protocol, who } = listener;
    const component = components.get(who);
    const published = component !== undefined && !usesHostNetwork(component);
    const isKnown = isUnanswered || containers !== undefined;
    const down = component !== undefined && isKnown && !running.has(who);
    for (let port = range.first; port <= range.last; port += 1) {
      const there = (sockets.get(port) ?? [])
        .filter(({ socket }) => socket.protocol === protocol)
        .filter(({ socket }) => addressesOverlap(address, socket.address))
        .map(({ socket, index }) => ({
          process: socket.process,
          where: { file, path: ["listeners", index] },
        }));
      ports.push({ listener, port, sockets: there, published, down });
    }
  }
  return ports;
}

/** "8080/tcp at 127.0.0.1" */
export function portText({ port, listener: { protocol, address } }: ServedPort): string {
  return `${port}/${protocol}${address === "" ? "" : ` at ${address}`}`;
}
