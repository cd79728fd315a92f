import { below, type Component } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";

/**
 * Two components of one host make a container of the same name, or two routes of one component a
 * variable of the same name.
 *
 * A container is named <service>-<component>, so a service "a" with "b-c" meets a service "a-b" with
 * "c". podman would replace the one by the other.
 *
 * Never ignore it: one of the two would be gone.
 *
 * @bad
 * ```toml services/shop.toml
 * name = "shop"
 * node = "alpha"
 *
 * [[components]]
 * name = "web-api"
 * image = "registry.example/shop:v1.0.0"
 * ports = ["127.0.0.1:8080:80"]
 * ```
 * ```toml services/shop-web.toml
 * name = "shop-web"
 * node = "alpha"
 *
 * [[components]]
 * name = "api"
 * image = "registry.example/shop-web:v1.0.0"
 * ports = ["127.0.0.1:8081:80"]
 * ```
 * @good
 * ```toml services/shop.toml
 * name = "shop"
 * node = "alpha"
 *
 * [[components]]
 * name = "web-api"
 * image = "registry.example/shop:v1.0.0"
 * ports = ["127.0.0.1:8080:80"]
 * ```
 * ```toml services/shop-web.toml
 * name = "shop-web"
 * node = "alpha"
 *
 * [[components]]
 * name = "server"
 * image = "registry.example/shop-web:v1.0.0"
 * ports = ["127.0.0.1:8081:80"]
 * ```
 */
export const rule: Rule = {
  id: "duplicate-container",
  group: "containers",
  severity: "error",
  summary: "two components of one host make a container of the same name",
  *check(fleet) {
    for (const [host, services] of fleet.index.activeOn) {
      // Of two definitions of a service the rule duplicate-service has said what there is to say.
      const components = services
        .filter(({ name }, index) => name !== services[index - 1]?.name)
        .flatMap((service) => service.components);
      for (const component of components.filter(repeatsVariable)) yield* duplicateRoutes(component);
      for (const [component, before] of duplicates(components)) {
        yield {
          message: `two components${host === undefined ? "" : ` on ${host}`} make a container named ${component.container}`,
          help: "Rename one of the components: a container is named <service>-<component>.",
          at: below(component.where, "name"),
          related: [
            {
              ...below(before.where, "name"),
              message: `${before.service} has ${before.name}`,
            },
          ],
        };
      }
    }
  },
};

/** Each component whose container has the name of an earlier one's, and that one. */
function duplicates(components: readonly Component[]): [Component, Component][] {
  const first = new Map<string, Component>();
  const found: [Component, Component][] = [];
  for (const component of components) {
    const before = first.get(component.container);
    if (before === undefined) first.set(component.container, component);
    else found.push([component, before]);
  }
  return found;
}

function repeatsVariable({ routes }: Component): boolean {
  return routes.length > 1 && new Set(routes.map(({ variable }) => variable)).size < routes.length;
}

function* duplicateRoutes(component: Component): ReturnType<Rule["check"]> {
  const first = new Map(
    component.routes.map((route) => [route.variable, route] as const).reverse(),
  );
  for (const route of component.routes) {
    const before = first.get(route.variable);
    if (before === undefined || before === route) continue;
    yield {
      message: `two routes of ${component.container} both get the variable ${route.variable}`,
      help: "Give each route a name that differs in its letters and digits.",
      at: below(route.where, "name"),
      related: [{ ...below(before.where, "name"), message: "the first one" }],
    };
  }
}
