import { dependenciesOf } from "../../fleet/boot.ts";
import type { Where } from "../../fleet/finding.ts";
import type { Component } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";

interface Edge {
  readonly from: Component;
  readonly to: Component;
  readonly where: Where;
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
    const edges = new Map<string, Edge[]>();
    for (const service of fleet.services) {
      if (!service.definition.active) continue;
      for (const component of service.components) {
        if (component.definition.depends_on.length === 0) continue;
        edges.set(
          component.container,
          dependenciesOf(fleet, component).flatMap(({ where, targets }) =>
            targets.map((to) => ({ from: component, to, where })),
          ),
        );
      }
    }
    for (const cycle of cyclesOf(edges)) {
      const [first, ...rest] = cycle;
      if (first === undefined) continue;
      const names = [...cycle.map(({ from }) => from.container), first.from.container];
      yield {
        message: `a dependency cycle: ${names.join(" -> ")}`,
        help: "Remove one of these dependencies; what only has to start earlier belongs in an earlier boot stage.",
        at: first.where,
        related: rest.map(({ from, to, where }) => ({
          ...where,
          message: `${from.container} depends on ${to.container}`,
        })),
      };
    }
  },
};

/** One cycle for each circle of components, found depth first in the order of their names. */
function cyclesOf(edges: ReadonlyMap<string, readonly Edge[]>): Edge[][] {
  const cycles: Edge[][] = [];
  const done = new Set<string>();
  for (const root of edges.keys()) {
    const trail: Edge[] = [];
    // The edges still to be followed of each component on the trail: no recursion, however deep.
    const open: { name: string; left: Edge[] }[] = [];
    const enter = (name: string): void => {
      open.push({ name, left: [...(edges.get(name) ?? [])].reverse() });
    };
    if (!done.has(root)) enter(root);
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
      if (start !== -1) cycles.push([...trail.slice(start), edge]);
      else if (!done.has(target)) {
        trail.push(edge);
        enter(target);
      }
    }
  }
  return cycles;
}
