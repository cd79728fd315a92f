import type { Where } from "../../document/place.ts";
import { dependenciesOf, whereOf } from "../../fleet/boot.ts";
import { canonicalIp, isWildcard } from "../../podman/address.ts";
import type { Severity } from "../../finding/finding.ts";
import { below, type Fleet, type Host, networksDefinedOn } from "../../fleet/model.ts";
import { finds, machinesIn, type Member, membersByName, membersOn } from "../queries/reach.ts";
import type { Report, Rule } from "../rule.ts";
import { podmanMajor } from "../queries/runtime.ts";

/**
 * A component needs a container of the same host that is on another podman network.
 *
 * The names of containers are known on their own network only. And from podman 6 on (netavark 2), networks are
 * isolated from each other, those that were there before too: connections to a container on another
 * network, and to what it publishes at an address of the host, time out. What is published is reached
 * from every network as host.containers.internal:PORT.
 *
 * Reported are variables that name the other container, or an address of the host with a port that it
 * publishes, and depends_on. It is information only where the version of podman is not known.
 *
 * Networks that have `isolate = false` in `[[networks]]` are not kept apart; names are known on one network only all
 * the same.
 *
 * Ignore it where the two never connect.
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
 * network = "front"
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
  id: "network-isolated",
  group: "containers",
  severity: "warning",
  summary: "a component needs a container that is on another podman network",
  *check(fleet) {
    for (const host of fleet.hosts) {
      const joined = membersOn(fleet, host.name).filter(({ networks }) => networks.length > 0);
      if (new Set(joined.flatMap(({ networks }) => networks)).size < 2) continue;
      const targets = targetsAmong(joined);
      for (const one of joined) yield* findNeeds(fleet, host, one, targets);
    }
  },
};

/** What can be named of them. */
interface Targets {
  readonly byContainer: ReadonlyMap<string, Member>;
  readonly byName: ReadonlyMap<string, readonly Member[]>;
  /** By ADDRESS:PORT of what they publish; the address is "*" if it is every one. */
  readonly byPort: ReadonlyMap<string, Member>;
}

/** Of a longer range, the first ports stand for it. */
const MOST_PORTS = 100;

function targetsAmong(joined: readonly Member[]): Targets {
  const byContainer = new Map(joined.map((one) => [one.component.container, one]));
  const byPort = new Map<string, Member>();
  for (const one of joined) {
    for (const { port } of one.component.ports) {
      if (port.host === undefined) continue;
      const { first, last } = port.host;
      const address = port.address === "" || isWildcard(port.address) ? "*" : port.address;
      for (let each = first; each <= Math.min(last, first + MOST_PORTS); each++) {
        byPort.set(`${canonicalIp(address)}:${each}`, one);
      }
    }
  }
  return { byContainer, byName: membersByName(joined), byPort };
}

/** What a component needs of others on other networks: the first need of each of them. */
function* findNeeds(fleet: Fleet, host: Host, one: Member, targets: Targets): Generator<Report> {
  const major = podmanMajor(host);
  /** Of what works until podman 6; names never do. */
  const isolation: Severity | undefined =
    major === undefined ? "info" : major >= 6 ? "warning" : undefined;
  const defined = networksDefinedOn(fleet, host.name);
  const isOpen = ({ networks }: Member): boolean =>
    networks.every((network) => defined.get(network)?.isolate === false);
  const isolationFrom = (other: Member | undefined): Severity | undefined =>
    other !== undefined && isOpen(one) && isOpen(other) ? undefined : isolation;
  const reported = new Set<Member>([one]);
  const report = (
    other: Member | undefined,
    severity: Severity | undefined,
    how: string,
    at: Where,
  ): Report[] => {
    if (other === undefined || severity === undefined) return [];
    if (other.networks.some((each) => one.networks.includes(each)) || reported.has(other))
      return [];
    reported.add(other);
    const [theirs, ours] = [other, one].map(({ networks }) => networks.join(" and "));
    return [
      {
        message: `${one.component.container} on ${host.name} ${how} ${other.component.container}, which is on the network ${theirs} and not on ${ours}`,
        help: `Give both the same network, or use host.containers.internal with a port that ${other.component.container} publishes: every network reaches that.`,
        at,
        severity,
        related: [
          {
            ...(other.component.attachments[0]?.where ?? other.component.where),
            message: `the network of ${other.component.container}`,
          },
        ],
      },
    ];
  };
  const ips = new Set(host.ips.map(({ ip }) => ip));
  for (const [index, variable] of one.component.definition.env.entries()) {
    const at = below(one.component.where, "env", index);
    const name = variable.slice(0, variable.indexOf("="));
    for (const { machine, port, sure } of machinesIn(variable)) {
      // What shares the network of another one is for the rule name-unresolved to say.
      const meant = sure ? (targets.byName.get(machine) ?? []) : [];
      if (
        !meant.some((each) => each === one || each.owner !== undefined || finds(one, machine, each))
      ) {
        yield* report(meant[0], "warning", `names in ${name}`, at);
      }
      const ip = canonicalIp(machine);
      if (port === undefined || !ips.has(ip)) continue;
      const other = targets.byPort.get(`${ip}:${port}`) ?? targets.byPort.get(`*:${port}`);
      yield* report(other, isolationFrom(other), `has in ${name} the address of`, at);
    }
  }
  for (const dependency of dependenciesOf(fleet, one.component)) {
    for (const { container } of dependency.targets) {
      const other = targets.byContainer.get(container);
      yield* report(other, isolationFrom(other), "depends on", whereOf(dependency));
    }
  }
}
