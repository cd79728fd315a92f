import { allDependencies, type Dependency, whereOf } from "../../fleet/boot.ts";
import { groupBy } from "../../text/group.ts";
import type { Component } from "../../fleet/model.ts";
import { circles, shortestCircle } from "../../text/circles.ts";
import type { Report, Rule } from "../rule.ts";

/** A component, or several ones that one entry of `depends_on` names together. */
type Node = Component | readonly Component[];

/** Nobody reads more names of one circle. */
const MOST_NAMES = 10;

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
    const dependencies = groupBy(allDependencies(fleet), ({ component }) => component);
    const steps = new Map<Node, readonly Node[]>();
    for (const [component, its] of dependencies) steps.set(component, its.map(nodeOf));
    const next = (node: Node): readonly Node[] =>
      isTogether(node) ? node : (steps.get(node) ?? []);
    const groupOf = new Map<Node, ReadonlySet<Node>>();
    for (const group of circles<Node>(dependencies.keys(), next)) {
      for (const node of group) groupOf.set(node, group);
    }
    const told = new Set<ReadonlySet<Node>>();
    for (const component of dependencies.keys()) {
      const group = groupOf.get(component);
      if (group === undefined || told.has(group)) continue;
      told.add(group);
      const circle = shortestCircle<Node>(component, group, next);
      const cycle = circle.flatMap((node, index) => {
        const to = circle[index + 1] ?? component;
        const its = isTogether(node) ? [] : (dependencies.get(node) ?? []);
        return its.filter((dependency) => nodeOf(dependency) === to).slice(0, 1);
      });
      const size = [...group].filter((node) => !isTogether(node)).length;
      yield* reportOf(cycle, size);
    }
  },
};

/** What one entry leads to. What names several at once is one thing, so that n of them that name n others are 2n steps. */
function nodeOf({ targets }: Dependency): Node {
  const [first] = targets;
  return first !== undefined && targets.length === 1 ? first : targets;
}

function isTogether(node: Node): node is readonly Component[] {
  return Array.isArray(node);
}

/**
 * @param cycle each depends on the component of the next one.
 * @param size how many components lie on circles with these.
 */
function* reportOf(cycle: readonly Dependency[], size: number): Generator<Report> {
  const [first, ...rest] = cycle;
  if (first === undefined) return;
  const names = cycle.map(({ component }) => component.container);
  const shown = names.slice(0, MOST_NAMES);
  const left = names.length - shown.length;
  const way = [...shown, ...(left > 0 ? [`… ${left} more`] : []), names[0]].join(" -> ");
  const others = size > names.length ? `, and ${size} components depend on each other in all` : "";
  yield {
    message: `a dependency cycle: ${way}${others}`,
    help: "Remove one of these dependencies; what only has to start earlier belongs in an earlier boot stage.",
    at: whereOf(first),
    related: rest.slice(0, MOST_NAMES).map((dependency, index) => ({
      ...whereOf(dependency),
      message: `${dependency.component.container} depends on ${names[index + 2] ?? names[0] ?? ""}`,
    })),
  };
}
