/** Where services without a node of their own run, and which host ports their routes get. */
import { compareText } from "../text/order.ts";
import type { Lock } from "./model.ts";
import type { NodeDefinition, ServiceDefinition } from "./schema.ts";

/** What placement needs to know of a service. */
export interface Placeable {
  readonly name: string;
  readonly definition: ServiceDefinition;
}

/**
 * Chooses a host for every service: its `node`; for tier core the node with role master; for tier
 * worker the one it was placed on before, else the worker with the fewest containers, ties by name.
 * @param services in the order in which they are to be placed.
 * @returns host by service; a service that fits nowhere is not in it.
 */
export function place(
  services: readonly Placeable[],
  nodes: readonly NodeDefinition[],
  locked: Lock["placement"],
): Map<string, string> {
  const placed = new Map<string, string>();
  const known = new Set(nodes.map(({ name }) => name));
  const master = nodes.find(({ role }) => role === "master");
  const workers = nodes.filter((node) => node.role === "worker").map((node) => node.name);
  const load = new Map(workers.map((name) => [name, 0]));
  const put = ({ name, definition }: Placeable, host: string): void => {
    placed.set(name, host);
    const containers = definition.active ? definition.components.length : 0;
    if (load.has(host)) load.set(host, (load.get(host) ?? 0) + containers);
  };

  const open: Placeable[] = [];
  for (const service of services) {
    const before = locked[service.name];
    const { node, tier } = service.definition;
    if (node !== undefined) {
      if (known.has(node)) put(service, node);
    } else if (tier === "core") {
      if (master !== undefined) put(service, master.name);
    } else if (tier === "worker") {
      if (before !== undefined && load.has(before)) put(service, before);
      else open.push(service);
    }
  }
  for (const service of open) {
    const best = leastLoaded(load);
    if (best !== undefined) put(service, best);
  }
  return placed;
}

/** The one with the fewest containers, the first by name of several. */
function leastLoaded(load: ReadonlyMap<string, number>): string | undefined {
  let best: [name: string, containers: number] | undefined;
  for (const [name, containers] of load) {
    const isBetter =
      best === undefined ||
      containers < best[1] ||
      (containers === best[1] && compareText(name, best[0]) < 0);
    if (isBetter) best = [name, containers];
  }
  return best?.[0];
}

/** The host ports that routes may have. */
const FIRST_ROUTE_PORT = 10000;
const LAST_ROUTE_PORT = 60000;

/**
 * Hands out the route ports of one host. A port that was given once is kept; a new one is the lowest
 * that is free, so that it stays below the ports of outgoing connections (32768 and up, ip(7)).
 */
export class RoutePorts {
  readonly #used: Set<number>;
  /** All below it are taken, and none is given back. */
  #lowest = FIRST_ROUTE_PORT;

  /** @param used ports that something on the host listens on already; those of routes are added. */
  constructor(used: Set<number>) {
    this.#used = used;
  }

  /** The port that was chosen before, if it can still be had. */
  keep(port: number | undefined): number | undefined {
    const usable =
      port !== undefined &&
      port >= FIRST_ROUTE_PORT &&
      port <= LAST_ROUTE_PORT &&
      !this.#used.has(port);
    if (!usable) return undefined;
    this.#used.add(port);
    return port;
  }

  /** The next free port; undefined where all are taken. */
  take(): number | undefined {
    while (this.#used.has(this.#lowest)) this.#lowest += 1;
    if (this.#lowest > LAST_ROUTE_PORT) return undefined;
    this.#used.add(this.#lowest);
    return this.#lowest;
  }
}
