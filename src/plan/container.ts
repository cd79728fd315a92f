/** The container of a component: what podman is asked for, whoever starts it. */
import { wordsIn } from "../settings/words.ts";
import type { Words } from "../settings/setting.ts";
import { attachmentText } from "../podman/attachment.ts";
import { splitVariable } from "../podman/variable.ts";
import { containerResolvers } from "../fleet/dns.ts";
import { type Component, type Fleet, publishesPorts } from "../fleet/model.ts";

/** What makes a container what it is; podman keeps all of this until the container is made anew. */
export interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  /** As podman takes them: NAME[:OPTION=VALUE[,...]], or one mode like host; none is podman's own choice. */
  readonly networks: readonly string[];
  /** The resolvers that it asks, see containerResolvers. */
  readonly dns: readonly string[];
  readonly user: string | undefined;
  /** As podman takes them: [[ADDRESS:][HOST]:]CONTAINER[/PROTOCOL]. */
  readonly ports: readonly string[];
  /** As podman takes them: SOURCE:TARGET[:OPTIONS]. */
  readonly volumes: readonly string[];
  readonly cmd: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly envFiles: readonly string[];
  /** All else that the definition says of it. */
  readonly words: Words;
}

/** The container that a component's definition asks for, with the ports of its routes and its resolvers. */
export function containerOf(fleet: Fleet, component: Component): ContainerSpec {
  const { definition, container } = component;
  const routePorts = routePortsOf(component);
  return {
    name: container,
    image: definition.image,
    networks: networksOf(component),
    dns: containerResolvers(fleet, component),
    user: definition.user,
    ports: publishesPorts(component)
      ? [...definition.ports, ...routePorts.map(({ port }) => `${ROUTE_ADDRESS}:${port}:${port}`)]
      : [],
    volumes: definition.volumes,
    cmd: definition.cmd,
    env: Object.fromEntries([
      ...definition.env.map(splitVariable),
      ...routePorts.map(({ variable, port }): [string, string] => [variable, String(port)]),
    ]),
    envFiles: definition.env_files,
    words: wordsIn(definition),
  };
}

/** What a component asks --network for. */
function networksOf({ definition: { network }, attachments }: Component): string[] {
  if (network !== undefined) return [network];
  return attachments.map(({ attachment }) => attachmentText(attachment));
}

/** Where the ports of routes are published: the proxy of the same host is their only client. */
export const ROUTE_ADDRESS = "127.0.0.1";

/** The port of a route, the same on the host and in the container, and the variable that has it. */
export interface RoutePort {
  readonly port: number;
  readonly variable: string;
}

/** Those of the routes that have one. */
export function routePortsOf({ routes }: Component): RoutePort[] {
  const ports: RoutePort[] = [];
  for (const { hostPort: port, variable } of routes) {
    if (port !== undefined) ports.push({ port, variable });
  }
  return ports;
}
