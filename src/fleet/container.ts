/** The container of a component: what podman is asked for, whoever starts it. */
import { type Component, usesHostNetwork } from "./model.ts";

/** What makes a container what it is; podman keeps all of this until the container is made anew. */
export interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  readonly network: string | undefined;
  readonly user: string | undefined;
  /** As podman takes them: [[ADDRESS:][HOST]:]CONTAINER[/PROTOCOL]. */
  readonly ports: readonly string[];
  /** As podman takes them: SOURCE:TARGET[:OPTIONS]. */
  readonly volumes: readonly string[];
  readonly cmd: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly envFiles: readonly string[];
}

/** The container that a component's definition asks for, with the ports of its routes. */
export function containerOf(component: Component): ContainerSpec {
  const { definition, container, routes } = component;
  const routePorts = routes.flatMap(({ hostPort, variable }) =>
    hostPort === undefined ? [] : [{ hostPort, variable }],
  );
  return {
    name: container,
    image: definition.image,
    network: definition.network,
    user: definition.user,
    // podman discards published ports under host networking, with a warning at each start.
    ports: usesHostNetwork(component)
      ? []
      : [
          ...definition.ports,
          // The proxy of the same host is the only client of a route.
          ...routePorts.map(({ hostPort }) => `127.0.0.1:${hostPort}:${hostPort}`),
        ],
    volumes: definition.volumes,
    cmd: definition.cmd,
    env: Object.fromEntries([
      ...definition.env.map(splitVariable),
      ...routePorts.map(({ variable, hostPort }): [string, string] => [variable, String(hostPort)]),
    ]),
    envFiles: definition.env_files,
  };
}

/** The name and the value of KEY=VALUE; the value is empty where there is no "=". */
export function splitVariable(entry: string): [name: string, value: string] {
  const at = entry.indexOf("=");
  return at === -1 ? [entry, ""] : [entry.slice(0, at), entry.slice(at + 1)];
}
