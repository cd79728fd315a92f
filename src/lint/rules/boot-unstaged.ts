import { compareText } from "../../text/order.ts";
import { allDependencies, stageIndex } from "../../fleet/boot.ts";
import type { Fleet, Service } from "../../fleet/model.ts";
import { named } from "../queries/named.ts";
import type { Rule } from "../rule.ts";

/**
 * A service is in no stage of the boot sequence.
 *
 * It starts after the last stage, which is right for most applications and wrong for what others need.
 * Without any boot sequence nothing is ordered at all: after the reboot of rift somebody had to know
 * the order by heart (incident, root cause 3), so there it is a warning, but for services that
 * depends_on orders, and where no host has more than one. Hosts that nothing is emitted for have no
 * stages.
 *
 * Ignore it for applications that nothing else needs, or put them into a last stage of their own.
 *
 * @bad
 * ```toml nixgen.toml
 * [[boot.sequence]]
 * name = "core"
 * services = ["db"]
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
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * ports = ["127.0.0.1:8080:80"]
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
 * ```toml services/db.toml
 * name = "db"
 * node = "alpha"
 *
 * [[components]]
 * name = "db"
 * image = "registry.example/db:v1.0.0"
 * ports = ["127.0.0.1:5432:5432"]
 * ```
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * ports = ["127.0.0.1:8080:80"]
 * ```
 */
export const rule: Rule = {
  id: "boot-unstaged",
  group: "boot",
  severity: "info",
  summary: "a service is in no stage of the boot sequence",
  needsAll: true,
  *check(fleet) {
    const { sequence } = fleet.inventory.boot;
    const last = sequence.at(-1);
    const emitted = new Set(
      fleet.hosts.filter(({ release }) => release !== undefined).map(({ name }) => name),
    );
    const active = fleet.services.filter(
      ({ definition, host }) => definition.active && (host === undefined || emitted.has(host)),
    );
    // A single service needs no order, and those of several hosts cannot be given one.
    if (last === undefined && new Set(active.map(({ host }) => host)).size === active.length)
      return;
    const ordered = last === undefined ? orderedByDependencies(fleet, active) : new Set<string>();
    const unstaged = active
      .filter(({ name }) => stageIndex(fleet, name) === undefined && !ordered.has(name))
      .sort((a, b) => compareText(a.name, b.name));
    const [first] = unstaged;
    if (last !== undefined) {
      for (const { name, where } of unstaged) {
        yield {
          message: `service ${name} is in no boot stage: it starts after ${last.name}, the last one`,
          help: "Add it to a stage if something needs it, or to one of its own to have its health awaited.",
          at: { ...where, path: ["name"] },
        };
      }
    } else if (first !== undefined) {
      yield {
        message: `there is no boot sequence: nothing orders the start of ${named(unstaged.map(({ name }) => name))}`,
        help: "Write the order down as stages: [[boot.sequence]] with name and services, what the others need first.",
        at: { ...first.where, path: ["name"] },
        severity: "warning",
      };
    }
  },
};

/** The services that depend on another one, or another one on them. */
function orderedByDependencies(fleet: Fleet, services: readonly Service[]): ReadonlySet<string> {
  const names = new Set(services.map(({ name }) => name));
  const ordered = new Set<string>();
  for (const { component, targets } of allDependencies(fleet)) {
    if (!names.has(component.service)) continue;
    for (const { service } of targets) {
      if (service !== component.service) ordered.add(service).add(component.service);
    }
  }
  return ordered;
}
