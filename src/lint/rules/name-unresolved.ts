import { below, type Host } from "../../fleet/model.ts";
import { finds, machinesIn, type Member, membersByName, membersOn } from "../queries/reach.ts";
import type { Report, Rule } from "../rule.ts";

/**
 * A variable names a container of the same host by a name that podman does not answer there.
 *
 * podman answers for the names and aliases of containers on the networks that the asking container is on. It answers
 * nothing on its default network, which a component without `network` is on, and a container in the network of another
 * one (`network = "container:NAME"`) has no name of its own: it is found at NAME, and by NAME itself at localhost.
 *
 * Containers on different podman networks are for the rule network-isolated.
 *
 * Ignore it where the host's resolver or /etc/hosts knows the name, or where the value is no address.
 *
 * @bad
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "db"
 * image = "registry.example/db:v1.0.0"
 * network = "back"
 * health = { kind = "listen", port = 5432 }
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * ports = ["127.0.0.1:8080:80"]
 * env = ["DB_ADDRESS=web-db:5432"]
 * ```
 * @good
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "db"
 * image = "registry.example/db:v1.0.0"
 * network = "back"
 * health = { kind = "listen", port = 5432 }
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * ports = ["127.0.0.1:8080:80"]
 * network = "back"
 * env = ["DB_ADDRESS=web-db:5432"]
 * ```
 */
export const rule: Rule = {
  id: "name-unresolved",
  group: "containers",
  severity: "warning",
  summary: "a variable has a name that podman does not resolve",
  needsAll: true,
  *check(fleet) {
    for (const host of fleet.hosts) {
      const members = membersOn(fleet, host.name);
      const byName = membersByName(members);
      for (const one of members) yield* findNames(host, one, byName);
    }
  },
};

/** The names of others that a component does not find: the first variable of each name. */
function* findNames(
  host: Host,
  one: Member,
  byName: ReadonlyMap<string, readonly Member[]>,
): Generator<Report> {
  const { container, definition, where } = one.component;
  // The resolver of these is the host's.
  if (/^(?:host|none|ns:.*)$/.test((one.owner ?? one.component).definition.network ?? "")) return;
  const known = new Set([
    definition.hostname,
    ...(definition.extra_hosts ?? []).map((entry) => entry.replace(/:.*$/s, "")),
  ]);
  for (const [index, variable] of definition.env.entries()) {
    for (const { machine, sure } of machinesIn(variable)) {
      const meant = byName.get(machine) ?? [];
      const [other] = meant;
      if (!sure || other === undefined || known.has(machine)) continue;
      if (meant.some((each) => each === one || finds(one, machine, each))) continue;
      if (areIsolated(one, other)) continue;
      known.add(machine);
      const key = variable.slice(0, variable.indexOf("="));
      const called = other.component.container;
      const what = machine === called ? machine : `${machine}, an alias of ${called}`;
      yield {
        message: `${container} on ${host.name} names in ${key} ${what}, ${whyNot(one, other)}`,
        help: helpFor(one, other),
        at: below(where, "env", index),
        related: [
          {
            ...(other.component.attachments[0]?.where ??
              below(
                other.component.where,
                other.component.definition.network === undefined ? "name" : "network",
              )),
            message: `${other.component.container} is on ${placeOf(other)}`,
          },
        ],
      };
    }
  }
}

/** Whether each is on networks of its own, which is for the rule network-isolated to say. */
function areIsolated(one: Member, other: Member): boolean {
  return (
    one.networks.length > 0 &&
    other.networks.length > 0 &&
    other.owner === undefined &&
    !isTogether(one, other)
  );
}

function isTogether(one: Member, other: Member): boolean {
  return one.networks.some((network) => other.networks.includes(network));
}

/** Whether both are in one network namespace. */
function isSame(one: Member, other: Member): boolean {
  return (one.owner ?? one.component) === (other.owner ?? other.component);
}

/** Where the names of a member are known, if anywhere. */
function placeOf({ component, networks, owner }: Member): string {
  if (owner !== undefined) return `the network of ${owner.container}`;
  if (networks.length > 0) return `the network ${networks.join(" and ")}`;
  const { network } = component.definition;
  if (network === "host") return "the host's network";
  return network === "none" ? "no network" : "podman's default network";
}

function whyNot(one: Member, other: Member): string {
  if (isSame(one, other)) return "which is in the same network namespace and has no name there";
  if (other.owner !== undefined) return `which is in ${placeOf(other)} and has no name of its own`;
  if (other.networks.length === 0) {
    return `which is on ${placeOf(other)}, where podman knows no names`;
  }
  return isTogether(one, other)
    ? "which has that name on another network"
    : `but is on ${placeOf(one)}, where podman knows no names`;
}

function helpFor(one: Member, other: Member): string {
  if (isSame(one, other)) return "Write localhost.";
  const { definition } = other.component;
  if (other.owner !== undefined && isTogether(one, other)) return `Write ${other.owner.container}.`;
  if (definition.network === "host") return "Write host.containers.internal.";
  return "Give both the same network, or write host.containers.internal and a port that the other one publishes.";
}
