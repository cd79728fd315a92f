import { type Dependency, dependenciesOf, dependsOnOthers, whereOf } from "../../fleet/boot.ts";
import type { Component, Fleet } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";

interface Edge {
  readonly dependency: Dependency;
  readonly to: Component;
}

/**
 * Components depend on each other in a circle.
 *
 * systemd breaks such a circle by leaving out one of the units, and not always the same one: after one
 * reboot all is well, after the next one a container is missing.
 *
 * Never ignore it: there is no order in which they could start.
 *
 * @bad
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * ports = ["127.0.0.1:8080:80"]
 * depends_on = ["db"]
 * ```
 * ```toml services/db.toml
 * name = "db"
 * node = "alpha"
 *
 * [[components]]
 * name = "db"
 * image = "registry.example/db:v1.0.0"
 * ports = ["127.0.0.1:5432:5432"]
 * depends_on = ["web"]
 * ```
 * @good
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * ports = ["127.0.0.1:8080:80"]
 * depends_on = ["db"]
 * ```
 * ```toml services/db.toml
 * name = "db"
 * node = "alpha"
 *
 * [[components]]
 * name = "db"
 * image = "registry.example/db:v1.0.0"
 * ports = ["127.0.0.1:5432:5432"]
 * ```
 */
export const rule: Rule = {
  id: "boot-cycle",
  group: "boot",
  severity: "error",
  summary: "components depend on each other in a circle",
  *check(fleet) {
    for (const cycle of cyclesOf(fleet)) {
      const [first, ...rest] = cycle;
      if (first === undefined) continue;
      const names = cycle.map(({ dependency }) => dependency.component.container);
      yield {
        message: `a dependency cycle: ${[...names, names[0]].join(" -> ")}`,
        help: "Remove one of these dependencies; what only has to start earlier belongs in an earlier boot stage.",
        at: whereOf(first.dependency),
        related: rest.map(({ dependency, to }) => ({
          ...whereOf(dependency),
          message: `${dependency.component.container} depends on ${to.container}`,
        })),
      };
    }
  },
};

/** One cycle for each circle of components, found depth first in the order of their names. */
function cyclesOf(fleet: Fleet): Edge[][] {
  const dependent = dependentComponents(fleet);
  const cycles: Edge[][] = [];
  const done = new Set<string>();
  // The components on the trail, and of each the edges still to be followed: no recursion, however deep.
  const open: { name: string; left: Edge[] }[] = [];
  const trail: Edge[] = [];
  const enter = (component: Component): void => {
    open.push({ name: component.container, left: edgesFrom(fleet, component).reverse() });
  };
  for (const root of dependent.values()) {
    if (!done.has(root.container)) enter(root);
    for (let here = open.at(-1); here !== undefined; here = open.at(-1)) {
      const edge = here.left.pop();
      if (edge === undefined) {
        done.add(here.name);
        open.pop();
        trail.pop();
        continue;
      }
      const target = edge.to.container;
      const start = open.findIndex(({ name }) => name === target);
      const next = dependent.get(target);
      if (start !== -1) cycles.push([...trail.slice(start), edge]);
      else if (next !== undefined && !done.has(target)) {
        trail.push(edge);
        enter(next);
      }
    }
  }
  return cycles;
}

/** The components that depend on others: no others can be in a circle. */
function dependentComponents(fleet: Fleet): ReadonlyMap<string, Component> {
  const dependent = new Map<string, Component>();
  for (const component of fleet.index.components) {
    if (dependsOnOthers(component)) dependent.set(component.container, component);
  }
  return dependent;
}

function edgesFrom(fleet: Fleet, component: Component): Edge[] {
  const edges: Edge[] = [];
  for (const dependency of dependenciesOf(fleet, component)) {
    for (const to of dependency.targets) edges.push({ dependency, to });
  }
  return edges;
}
