import { canonicalIp, ipVersion, isLoopback, isWildcard } from "../../podman/address.ts";
import {
  below,
  type Component,
  componentsOn,
  type Fleet,
  hasOwnNetwork,
  networkNamesOf,
  type Host,
} from "../../fleet/model.ts";
import { releaseFacts } from "../../fleet/release.ts";
import { type Listener, listenersOn } from "../queries/listeners.ts";
import type { Report, Rule } from "../rule.ts";

/**
 * A container is told to reach another one at an address of the host that it cannot reach.
 *
 * In a container, 127.0.0.1 is the container itself. So is the host's address on the interface of its default route,
 * which podman (5 and later, rootless) gives to containers as their own: "connection refused", although the same
 * works from the host and from other hosts. Containers on a podman network reach there what containers on the same
 * network publish. Other addresses of the host, and host.containers.internal, work from all of them.
 *
 * Ignore it if the host's default route is on another interface than that of the address, or if the variable says
 * where the container itself listens.
 *
 * @bad
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * ports = ["8080:80"]
 * env = ["DATABASE=192.168.1.10:5432"]
 * ```
 * ```toml services/db.toml
 * name = "db"
 * node = "alpha"
 *
 * [[components]]
 * name = "db"
 * image = "registry.example/db:v1.0.0"
 * ports = ["192.168.1.10:5432:5432", "100.64.0.10:5432:5432"]
 * ```
 * @good
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * ports = ["8080:80"]
 * env = ["DATABASE=host.containers.internal:5432"]
 * ```
 * ```toml services/db.toml
 * name = "db"
 * node = "alpha"
 *
 * [[components]]
 * name = "db"
 * image = "registry.example/db:v1.0.0"
 * ports = ["192.168.1.10:5432:5432", "100.64.0.10:5432:5432"]
 * ```
 */
export const rule: Rule = {
  id: "host-address-unreachable",
  group: "addresses",
  severity: "warning",
  summary: "a container is told to reach an address of its host that it cannot reach",
  *check(fleet) {
    for (const host of fleet.hosts) {
      for (const component of componentsOn(fleet, host.name).filter(hasOwnNetwork)) {
        yield* mentionsIn(fleet, host, component);
      }
    }
  },
};

/** ADDRESS:PORT anywhere in a text. */
const ENDPOINT =
  /(?<![\w.:-])((?:[0-9]{1,3}\.){3}[0-9]{1,3}|\[[0-9A-Fa-f:]+\]):([0-9]{1,5})(?![0-9])/g;

function* mentionsIn(fleet: Fleet, host: Host, component: Component): Generator<Report> {
  const { env, cmd } = component.definition;
  const texts = [
    ...env.map((text, index) => ({ text, key: "env", index, name: text.replace(/=[^]*/, "") })),
    ...cmd.map((text, index) => ({ text, key: "cmd", index, name: "its command" })),
  ];
  for (const { text, key, index, name } of texts) {
    for (const [, written = "", digits = ""] of text.matchAll(ENDPOINT)) {
      const address = canonicalIp(written.replace(/^\[|\]$/g, ""));
      const target = listenersOn(fleet, host).find((listener) =>
        isMeant(component, listener, address, Number(digits)),
      );
      if (target === undefined || isReached(fleet, host, component, target, address)) continue;
      const own = isLoopback(address)
        ? "in a container that is the container itself"
        : `podman gives that address to containers as their own if the default route of ${host.name} is on its interface`;
      yield {
        message: `${component.container} is told to reach ${target.who} at ${written}:${digits} (${name}): ${own}`,
        help: help(host, target, address, digits),
        at: below(component.where, key, index),
        related: [{ ...target.where, message: `${target.who} listens here` }],
      };
    }
  }
}

/** Whether somebody else on the host listens where a container is told to go. */
function isMeant(
  { container, ports, routes }: Component,
  { who, address, range }: Listener,
  wanted: string,
  port: number,
): boolean {
  if (who === container || port < range.first || port > range.last) return false;
  if (address !== wanted && !isWildcard(address)) return false;
  // Else it says where the container itself listens.
  const itself = [
    ...ports.map((published) => published.port.container),
    ...routes.flatMap(({ hostPort }) => hostPort ?? []).map((one) => ({ first: one, last: one })),
  ];
  return !itself.some(({ first, last }) => first <= port && port <= last);
}

/** Tailscale's addresses, on an interface that no default route is on: RFC 6598, fd7a:115c:a1e0::/48. */
const TAILNET = /^(?:100\.(?:6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\.|fd7a:115c:a1e0:)/;

function isReached(
  fleet: Fleet,
  host: Host,
  from: Component,
  { who }: Listener,
  address: string,
): boolean {
  if (isLoopback(address)) return false;
  if (!host.ips.some(({ ip }) => ip === address) || TAILNET.test(address)) return true;
  const to = componentsOn(fleet, host.name).find(({ container }) => container === who);
  const [ours, theirs] = [networkNamesOf(from), to === undefined ? [] : networkNamesOf(to)];
  if (ours.length === 0 || theirs.length === 0) return false;
  if (ours.some((network) => theirs.includes(network))) return true;
  // From podman 6 on, networks are kept apart.
  return host.release !== undefined && releaseFacts(host.release).podman < 6;
}

function help(host: Host, { who, address }: Listener, wanted: string, port: string): string {
  const others = host.ips
    .map(({ ip }) => ip)
    .filter((ip) => ip !== wanted && !isLoopback(ip) && TAILNET.test(ip))
    .map((ip) => (ipVersion(ip) === 6 ? `[${ip}]` : ip));
  if (isLoopback(address)) {
    return `Put both on one podman network and use the name: network = "…" and ${who}:PORT, with the port in the container. Or let ${who} listen on another address than loopback, and use host.containers.internal:${port}.`;
  }
  return `Use host.containers.internal:${port}${others.length === 0 ? "" : `, or another address of ${host.name}: ${others.join(", ")}`}.`;
}
