import { allDependencies, type Dependency, whereOf } from "../../fleet/boot.ts";
import { groupBy } from "../../text/group.ts";
import { dnsServices } from "../../fleet/dns.ts";
import { below, type Component, type Fleet, hostOf, type Service } from "../../fleet/model.ts";
import { withReplaced, suggestion, type Vocabulary, vocabulary } from "../../text/suggest.ts";
import { correctedName } from "../queries/corrected-name.ts";
import type { Report, Rule } from "../rule.ts";

/**
 * A service or component is named that is not defined or not active.
 *
 * Checked for the fleet's DNS ([dns] service), its registry ([registry] service) and depends_on. What
 * is not there cannot be waited for, and would be left out without a word. A dependency must also be on
 * the same host: systemd orders the units of one host only. A service that is there and has no
 * components cannot be waited for either: a warning.
 *
 * Never ignore it: correct the name, or remove it.
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
 * depends_on = ["postgres"]
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
  id: "unknown-service",
  group: "inventory",
  severity: "error",
  summary: "a service is named that is not defined",
  needsAll: true,
  fixable: true,
  *check(fleet) {
    const known: Known = {
      active: vocabulary([...fleet.index.activeNamed.keys()]),
      inactive: groupBy(
        fleet.services.filter(({ definition }) => !definition.active),
        ({ name }) => name,
      ),
    };
    const { registry } = fleet.inventory;
    const registryAt = { file: fleet.file, path: ["registry", "service"] };
    const named = [
      ...dnsServices(fleet).map(({ name, where }) => ({ table: "dns", name, at: where })),
      ...(registry?.service === undefined
        ? []
        : [{ table: "registry", name: registry.service, at: registryAt }]),
    ];
    for (const { table, name, at } of named) {
      if (fleet.index.activeNamed.has(name)) continue;
      const [inactive] = known.inactive.get(name) ?? [];
      yield {
        message: `[${table}] names the service ${name}, which is not ${inactive === undefined ? "defined" : "active"}`,
        help:
          inactive === undefined
            ? suggestion(name, known.active)
            : `Set active = true in ${inactive.where.file}, or remove it from [${table}].`,
        at,
        ...(inactive === undefined
          ? correctedName(at, name, known.active)
          : { related: [inactiveHere(inactive)] }),
      };
    }
    // Of namespaces the rule namespace-shared speaks.
    const isUnmet = ({ component, path, targets }: Dependency): boolean =>
      (targets.length === 0 && path[0] === "depends_on") ||
      targets.some((target) => isElsewhere(fleet, component, target));
    for (const dependency of allDependencies(fleet).filter(isUnmet)) {
      const report =
        dependency.targets.length === 0
          ? unknown(fleet, dependency, known)
          : elsewhere(fleet, dependency);
      if (report !== undefined) yield report;
    }
  },
};

/** The services of a fleet, by name. */
interface Known {
  readonly active: Vocabulary;
  readonly inactive: ReadonlyMap<string, readonly Service[]>;
}

function inactiveHere({ name, where }: Service) {
  return { ...where, path: ["active"], message: `${name} is not active` };
}

function unknown(fleet: Fleet, dependency: Dependency, known: Known): Report {
  const { component, entry } = dependency;
  const { service } = component;
  const where = whereOf(dependency);
  const siblings = siblingsOf(fleet, component);
  if (entry === component.name || entry === service) {
    return {
      message: `${component.container} depends on ${entry}, which it is ${entry === component.name ? "itself" : "a part of"}`,
      help:
        siblings.length === 0
          ? "Remove it: a container cannot wait for itself."
          : `Name another component of ${service} (${siblings.join(", ")}), or remove it.`,
      at: where,
    };
  }
  const [named = ""] = entry.split("/", 1);
  const [inactive] = known.inactive.get(named) ?? [];
  if (inactive !== undefined && !fleet.index.activeNamed.has(named)) {
    return {
      message: `${component.container} depends on ${entry}, which is not active`,
      help: `Set active = true in ${inactive.where.file}, or remove the dependency.`,
      at: where,
      related: [inactiveHere(inactive)],
    };
  }
  const empty = fleet.index.activeNamed
    .get(entry)
    ?.find(({ components }) => components.length === 0);
  if (empty !== undefined) {
    return {
      message: `${component.container} depends on ${entry}, which has no components to wait for`,
      help: `Remove it, or define the components of ${entry} in ${empty.where.file}.`,
      at: where,
      related: [{ ...below(empty.where, "name"), message: `${entry} is defined here` }],
      severity: "warning",
    };
  }
  // Of a service that is there, one of the components was meant.
  const parts = fleet.index.activeNamed.get(named)?.flatMap(({ components }) => components) ?? [];
  const candidates =
    entry === named || parts.length === 0
      ? withReplaced(known.active, { without: service, also: siblings })
      : parts.map(({ name }) => `${named}/${name}`);
  return {
    message: `${component.container} depends on ${entry}, which is not defined`,
    help: suggestion(entry, candidates),
    at: where,
    ...correctedName(where, entry, candidates),
  };
}

/** The names of the other components of a definition. */
function siblingsOf(fleet: Fleet, component: Component): string[] {
  const named = fleet.index.activeNamed.get(component.service) ?? [];
  const definition = named.find(({ components }) => components.includes(component));
  const names = definition?.components.map(({ name }) => name) ?? [];
  return names.filter((name) => name !== component.name);
}

function isElsewhere(fleet: Fleet, component: Component, target: Component): boolean {
  return target.service !== component.service && hostOf(fleet, target) !== hostOf(fleet, component);
}

/** A target on another host. What is on no host at all is for the rule unknown-node to say. */
function elsewhere(fleet: Fleet, dependency: Dependency): Report | undefined {
  const { component, targets } = dependency;
  const away = targets.find((target) => isElsewhere(fleet, component, target));
  if (away === undefined) return undefined;
  const [own, host] = [hostOf(fleet, component), hostOf(fleet, away)];
  if (own === undefined || host === undefined) return undefined;
  return {
    message: `${component.container} depends on ${away.container}, which is on ${host} and not on ${own}`,
    help: "systemd orders units within one host only: put both on one host, or let the service wait for the other one itself.",
    at: whereOf(dependency),
    related: [{ ...below(away.where, "name"), message: `${away.container} is on ${host}` }],
  };
}
