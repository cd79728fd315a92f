import {
  below,
  type Component,
  componentsOn,
  containerName,
  type Host,
  sharedNamespaces,
} from "../../fleet/model.ts";
import {
  onlyNear,
  suggestion,
  type Vocabulary,
  vocabulary,
  withReplaced,
} from "../../text/suggest.ts";
import type { Report, Rule } from "../rule.ts";

/**
 * A component runs in a namespace of a container that its host does not have, or has settings that podman does not take
 * there.
 *
 * `network`, `pid` and `ipc` can be `container:NAME`. NAME is the container's name, SERVICE-COMPONENT, of a component of
 * the same host; nixgen starts that container first, and starts both again when it is made again.
 *
 * A container in the network of another one has no ports, resolvers and lines of /etc/hosts of its own. podman drops
 * its published ports with a warning only, and refuses dns, dns_search, dns_option and extra_hosts. Publish the ports
 * at the container whose network it is.
 *
 * Never ignore it: podman makes no such container, or nobody reaches its ports. A container that nixgen does not make
 * has no place in the boot order; define it as a component.
 *
 * @bad
 * ```toml services/media.toml
 * name = "media"
 * node = "alpha"
 *
 * [[components]]
 * name = "vpn"
 * image = "registry.example/vpn:v1.0.0"
 * health = { kind = "exec", command = ["true"] }
 *
 * [[components]]
 * name = "torrent"
 * image = "registry.example/torrent:v1.0.0"
 * network = "container:media-vpn"
 * ports = ["127.0.0.1:8080:8080"]
 * ```
 * @good
 * ```toml services/media.toml
 * name = "media"
 * node = "alpha"
 *
 * [[components]]
 * name = "vpn"
 * image = "registry.example/vpn:v1.0.0"
 * ports = ["127.0.0.1:8080:8080"]
 *
 * [[components]]
 * name = "torrent"
 * image = "registry.example/torrent:v1.0.0"
 * network = "container:media-vpn"
 * health = { kind = "listen", port = 8080 }
 * ```
 */
export const rule: Rule = {
  id: "namespace-shared",
  group: "containers",
  severity: "error",
  summary: "a component cannot run in another container's namespace",
  needsAll: true,
  fixable: true,
  *check(fleet) {
    for (const host of fleet.hosts) {
      const components = componentsOn(fleet, host.name);
      const sharing = components.filter((each) => sharedNamespaces(each).length > 0);
      if (sharing.length === 0) continue;
      const containers = new Map(components.map((each) => [each.container, each]));
      const known = vocabulary([...containers.keys()]);
      for (const component of sharing) {
        for (const { key, container } of sharedNamespaces(component)) {
          if (key === "network") yield* findRefused(component, container);
          if (containers.has(container) && container !== component.container) continue;
          yield unknown(host, component, { key, container, containers, known });
        }
      }
    }
  },
};

function unknown(
  host: Host,
  component: Component,
  { key, container, containers, known }: Unknown,
): Report {
  const at = below(component.where, key);
  if (container === component.container) {
    return {
      message: `${container} runs in the ${key} namespace of itself`,
      help: `Name another container, or remove ${key}.`,
      at,
    };
  }
  const message = `${component.container} runs in the ${key} namespace of ${container}, which is no container of ${host.name}`;
  const full = containerName(component.service, container);
  const others = withReplaced(known, { without: component.container, also: [] });
  // Often a component of the same service was meant.
  const meant = containers.has(full) ? full : onlyNear(container, others);
  if (meant === undefined) return { message, help: suggestion(container, others), at };
  const value = `container:${meant}`;
  return {
    message,
    help: `Did you mean "${value}"?`,
    at,
    fix: { title: `write "${value}"`, edits: [{ kind: "replace", at, value }] },
  };
}

/** A container that is named and not known, and those that are. */
interface Unknown {
  readonly key: string;
  readonly container: string;
  readonly containers: ReadonlyMap<string, Component>;
  readonly known: Vocabulary;
}

/** The keys that podman does not take beside the network of another container. */
const REFUSED = ["dns", "dns_search", "dns_option", "extra_hosts"] as const;

/** What is lost or refused in the network of another container. */
function* findRefused(component: Component, owner: string): Generator<Report> {
  const { container, definition, ports, routes, where } = component;
  const related = [
    { ...below(where, "network"), message: `${container} is in the network of ${owner}` },
  ];
  const [port] = ports;
  if (port !== undefined) {
    yield {
      message: `${container} publishes ports, but is in the network of ${owner}: podman publishes none of them`,
      help: `Move ports to the component whose container is ${owner}.`,
      at: below(where, "ports"),
      related,
    };
  }
  const [route] = routes;
  if (route !== undefined) {
    yield {
      message: `${container} has a route, but is in the network of ${owner}: podman does not publish its port`,
      help: `Move the route to the component whose container is ${owner}.`,
      at: route.where,
      related,
    };
  }
  for (const key of REFUSED) {
    const value = definition[key];
    if (value === undefined || value.length === 0) continue;
    yield {
      message: `${container} has ${key}, but is in the network of ${owner}: podman makes no such container`,
      help: `Move ${key} to the component whose container is ${owner}.`,
      at: below(where, key),
      related,
    };
  }
}
