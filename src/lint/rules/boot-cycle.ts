import { allDependencies, type Dependency, whereOf } from "../../fleet/boot.ts";
import type { Component, Fleet } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";

interface Edge {
  readonly dependency: Dependency;
  readonly to: Component;
}

/** A component, and how many of the edges that lead from it have been followed. */
interface Node {
  readonly component: Component;
  readonly edges: Edge[];
  followed: number;
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
  const nodes = nodesOf(fleet);
  const cycles: Edge[][] = [];
  // The way from a root to where we are: no recursion, however deep.
  const way: Node[] = [];
  for (const root of nodes.values()) {
    if (root.state === "new") way.push(root);
    for (let here = way.at(-1); here !== undefined; here = way.at(-1)) {
      const edge = here.edges[here.followed];
      if (edge === undefined) {
        here.state = "done";
        way.pop();
        continue;
      }
      here.state = "open";
      here.followed += 1;
      const target = nodes.get(edge.to.container);
      if (target?.state === "new") way.push(target);
      else if (target?.state === "open") {
        const circle = way.slice(way.indexOf(target));
        cycles.push(circle.flatMap(({ edges, followed }) => edges.slice(followed - 1, followed)));
      }
    }
  }
  return cycles;
}

/** The components that depend on others, by their containers: no others can be in a circle. */
function nodesOf(fleet: Fleet): ReadonlyMap<string, Node> {
  const nodes = new Map<string, Node>();
  for (const dependency of allDependencies(fleet)) {
    const { component } = dependency;
    let node = nodes.get(component.container);
    // Of two that make one container, which is an error of its own, the last one counts.
    if (node?.component !== component) {
      node = { component, edges: [], followed: 0, state: "new" };
      nodes.set(component.container, node);
    }
    for (const to of dependency.targets) node.edges.push({ dependency, to });
  }
  return nodes;
}
