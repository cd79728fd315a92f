import { below, type Component } from "../../fleet/model.ts";
import { rangeText } from "../../fleet/port.ts";
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
    for (const service of fleet.services) {
      if (!service.definition.active) continue;
      for (const component of service.components) {
        yield* lostVariables(component);
        yield* deadPorts(component);
      }
    }
  },
};

function* lostVariables(component: Component): Generator<Report> {
  for (const [index, entry] of component.definition.env.entries()) {
    const name = entry.slice(0, entry.indexOf("="));
    const route = component.routes.find(({ variable }) => variable === name);
    if (route === undefined) continue;
    yield {
      message: `${component.container} sets ${name}, which its route overrides`,
      help: `Remove ${name} from env: the route's port is chosen by nixgen and kept in nixgen.lock.`,
      at: below(component.where, "env", index),
      related: [{ ...below(route.where, "port"), message: `this route sets ${name}` }],
    };
  }
}

function* deadPorts(component: Component): Generator<Report> {
  for (const { port, where } of component.ports) {
    if (port.protocol !== "tcp") continue;
    const route = component.routes.find(
      ({ definition }) =>
        port.container.first <= definition.port && definition.port <= port.container.last,
    );
    if (route === undefined) continue;
    const listens = route.hostPort === undefined ? "" : ` (${route.hostPort})`;
    yield {
      message: `${component.container} publishes its port ${rangeText(port.container)}, but its route makes it listen on ${route.variable}${listens} instead`,
      help: "Remove the published port, and let clients go through the proxy; or remove the route.",
      at: where,
      related: [{ ...below(route.where, "port"), message: "this route is for the same port" }],
    };
  }
}
