import { below, type Component, type Route } from "../../fleet/model.ts";
import { rangeText } from "../../podman/port.ts";
import type { Report, Rule } from "../rule.ts";

/**
 * A component has a route, and says by other means as well where it listens.
 *
 * Each route gets a port of its own, which the container is told in PORT (with several routes in
 * PORT_<NAME>), and which overrides the listener that is configured. What env says of the same
 * variable is lost; and a published port that leads to the route's configured one leads to nothing.
 *
 * Ignore it for a program that listens on both, the port that it is told and the one of its own.
 *
 * @bad
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * ports = ["127.0.0.1:8443:8443"]
 *
 * [[components.routes]]
 * name = "internal"
 * port = 8443
 * ```
 * @good
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 *
 * [[components.routes]]
 * name = "internal"
 * port = 8443
 * ```
 */
export const rule: Rule = {
  id: "route-and-ports",
  group: "addresses",
  severity: "warning",
  summary: "a component's route overrides the port that it is configured with",
  *check(fleet) {
    for (const component of fleet.index.components.filter(mayOverride)) {
      for (const report of lostVariables(component)) yield report;
      for (const report of deadPorts(component)) yield report;
    }
  },
};

/** Whether a component has routes beside variables of theirs, or beside ports. */
function mayOverride({ definition, ports, routes }: Component): boolean {
  if (routes.length === 0) return false;
  return ports.length > 0 || definition.env.some((entry) => setBy(routes, entry) !== undefined);
}

function lostVariables({ container, definition, routes, where }: Component): Report[] {
  const reports: Report[] = [];
  for (const [index, entry] of definition.env.entries()) {
    const route = setBy(routes, entry);
    if (route === undefined) continue;
    const name = route.variable;
    reports.push({
      message: `${container} sets ${name}, which its route overrides`,
      help: `Remove ${name} from env: the route's port is chosen by nixgen and kept in nixgen.lock.`,
      at: below(where, "env", index),
      related: [{ ...below(route.where, "port"), message: `this route sets ${name}` }],
    });
  }
  return reports;
}

/** The route whose variable an entry of env is, NAME=VALUE. */
function setBy(routes: readonly Route[], entry: string): Route | undefined {
  return routes.find(
    ({ variable }) => entry[variable.length] === "=" && entry.startsWith(variable),
  );
}

function deadPorts({ container, ports, routes }: Component): Report[] {
  const reports: Report[] = [];
  for (const { port, where } of ports) {
    if (port.protocol !== "tcp") continue;
    const { first, last } = port.container;
    const route = routes.find(
      ({ definition }) => first <= definition.port && definition.port <= last,
    );
    if (route === undefined) continue;
    const listens = route.hostPort === undefined ? "" : ` (${route.hostPort})`;
    reports.push({
      message: `${container} publishes its port ${rangeText(port.container)}, but its route makes it listen on ${route.variable}${listens} instead`,
      help: "Remove the published port, and let clients go through the proxy; or remove the route.",
      at: where,
      related: [{ ...below(route.where, "port"), message: "this route is for the same port" }],
    });
  }
  return reports;
}
