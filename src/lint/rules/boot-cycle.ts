import { allDependencies, type Dependency, whereOf } from "../../fleet/boot.ts";
import type { Component } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";

/** A component that depends on others, and how far these have been followed. */
interface Node {
  readonly component: Component;
  /** The numbers of a dependency of all, and of the next of its targets. */
  dependency: number;
  target: number;
  state: "new" | "open" | "done";
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
    for (const cycle of cyclesOf(allDependencies(fleet))) {
      const [first, ...rest] = cycle;
      if (first === undefined) continue;
      const names = cycle.map(({ component }) => component.container);
      const [start = "", ...others] = names;
      const targets = [...others, start];
      yield {
        message: `a dependency cycle: ${[start, ...targets].join(" -> ")}`,
        help: "Remove one of these dependencies; what only has to start earlier belongs in an earlier boot stage.",
        at: whereOf(first),
        related: rest.map((dependency, index) => ({
          ...whereOf(dependency),
          message: `${dependency.component.container} depends on ${targets[index + 1] ?? ""}`,
        })),
      };
    }
  },
};

/**
 * One cycle for each circle of components, found depth first in the order of their names.
 * @param all those of a component follow each other.
 */
function cyclesOf(all: readonly Dependency[]): Dependency[][] {
  const nodes = nodesOf(all);
  const cycles: Dependency[][] = [];
  // The way from a root to where we are: no recursion, however deep.
  const way: Node[] = [];
  for (const root of nodes.values()) {
    if (root.state === "new") way.push(root);
    for (let here = way.at(-1); here !== undefined; here = way.at(-1)) {
      here.state = "open";
      const to = follow(all, here);
      if (to === undefined) {
        here.state = "done";
        way.pop();
        continue;
      }
      const target = nodes.get(to.container);
      if (target?.state === "new") way.push(target);
      else if (target?.state === "open") {
        const circle = way.slice(way.indexOf(target));
        cycles.push(circle.flatMap(({ dependency: at }) => all.slice(at, at + 1)));
      }
    }
  }
  return cycles;
}

/** The components that depend on others, by their containers: no others can be in a circle. */
function nodesOf(all: readonly Dependency[]): ReadonlyMap<string, Node> {
  const nodes = new Map<string, Node>();
  for (let dependency = 0; dependency < all.length; dependency += 1) {
    const component = all[dependency]?.component;
    if (component === undefined || component === all[dependency - 1]?.component) continue;
    // Of two that make one container, which is an error of its own, the last one counts.
    nodes.set(component.container, { component, dependency, target: 0, state: "new" });
  }
  return nodes;
}

/** The next component that a node depends on. */
function follow(all: readonly Dependency[], node: Node): Component | undefined {
  for (;;) {
    const dependency = all[node.dependency];
    if (dependency?.component !== node.component) return undefined;
    const to = dependency.targets[node.target];
    node.target += 1;
    if (to !== undefined) return to;
    node.dependency += 1;
    node.target = 0;
  }
}
