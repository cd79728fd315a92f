import { allDependencies, stageIndex, stageOf, whereOf } from "../../fleet/boot.ts";
import { type Component, type Fleet, hostOf } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";

/**
 * A service depends on one that starts in a later boot stage, or in none.
 *
 * It could never start: its stage waits for it, and the later stage waits for its stage. The order that
 * had to be known by heart in the recovery (incident, root cause 3) must at least be possible.
 *
 * Never ignore it: the first stage that waits in vain keeps everything after it down.
 *
 * @bad
 * ```toml nixgen.toml
 * [[boot.sequence]]
 * name = "core"
 * services = ["web"]
 *
 * [[boot.sequence]]
 * name = "apps"
 * services = ["db"]
 * ```
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
 * @good
 * ```toml nixgen.toml
 * [[boot.sequence]]
 * name = "core"
 * services = ["db"]
 *
 * [[boot.sequence]]
 * name = "apps"
 * services = ["web"]
 * ```
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
  id: "boot-order",
  group: "boot",
  severity: "error",
  summary: "a service depends on one that starts in a later boot stage",
  *check(fleet) {
    const { sequence } = fleet.inventory.boot;
    for (const dependency of allDependencies(fleet)) {
      const { component, targets } = dependency;
      const target = oneOfEachHost(fleet, targets).find((each) =>
        startsLater(fleet, component, each),
      );
      if (target === undefined) continue;
      const { service } = component;
      const stage = stageIndex(fleet, service) ?? sequence.length;
      const early = sequence[stage]?.name;
      const late = stageOf(fleet, target.service)?.name;
      const on =
        targets.length === 1
          ? target.container
          : `${target.service} (${targets.length} containers)`;
      yield {
        message: `${component.container} starts in boot stage ${early ?? ""}, but depends on ${on}, which starts ${late === undefined ? "after the last stage" : `later, in ${late}`}`,
        help: `Move ${target.service} into ${early ?? "its stage"} or an earlier stage, or ${service} into a later one.`,
        at: whereOf(dependency),
        related: [
          {
            file: fleet.file,
            path: ["boot", "sequence", stage, "services"],
            message: `${early ?? ""} has ${service}`,
          },
        ],
      };
    }
  },
};

/** What one entry names is all of one service, so in one stage; services of one name may be on several hosts. */
function oneOfEachHost(fleet: Fleet, targets: readonly Component[]): readonly Component[] {
  let known = oneOfEach.get(targets);
  if (known === undefined) {
    known = [...new Map(targets.map((target) => [hostOf(fleet, target), target])).values()];
    oneOfEach.set(targets, known);
  }
  return known;
}

const oneOfEach = new WeakMap<readonly Component[], readonly Component[]>();

/** Whether a component of the same host, on which another one depends, starts in a later stage. */
function startsLater(fleet: Fleet, component: Component, target: Component): boolean {
  if (target.service === component.service) return false;
  const last = fleet.inventory.boot.sequence.length;
  const stage = stageIndex(fleet, component.service) ?? last;
  // What is on another host is not ordered at all: the rule unknown-service says so.
  return (
    (stageIndex(fleet, target.service) ?? last) > stage &&
    hostOf(fleet, target) === hostOf(fleet, component)
  );
}
