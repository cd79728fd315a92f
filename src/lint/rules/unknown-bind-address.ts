import { canonicalIp, ipVersion, isLoopback, isWildcard } from "../../podman/address.ts";
import type { Annotated } from "../../finding/finding.ts";
import { below, type Host } from "../../fleet/model.ts";
import { type Listener, listenersOn } from "../queries/listeners.ts";
import type { Rule } from "../rule.ts";

/**
 * Something listens on an address that its host does not have.
 *
 * The container would start in vain ("Cannot assign requested address"), or bind an address that the
 * inventory knows nothing of, so that no other rule can reason about it. An address that was left in a
 * definition when its service moved to another host is the usual cause. Where the facts show that the
 * host has it, only the inventory lacks it: a warning.
 *
 * Ignore it for an address that wanders between hosts (VRRP and the like).
 *
 * @bad
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * ports = ["192.168.1.99:8080:80"]
 * ```
 * @good
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * ports = ["192.168.1.10:8080:80", "100.64.0.10:8080:80"]
 * ```
 */
export const rule: Rule = {
  id: "unknown-bind-address",
  group: "addresses",
  severity: "error",
  summary: "something listens on an address that its host does not have",
  *check(fleet) {
    for (const host of fleet.hosts) {
      const own = new Set(host.ips.map(({ ip }) => ip));
      const isUnknown = ({ address }: Listener): boolean =>
        !isWildcard(address) &&
        !isLoopback(address) &&
        !own.has(address) &&
        ipVersion(address) !== 0;
      for (const { who, service, address, where } of listenersOn(fleet, host).filter(isUnknown)) {
        const shown = shownByFacts(host, address);
        if (shown !== undefined) {
          yield {
            message: `${who} listens on ${address}, which ${host.name} has and the inventory does not name`,
            help: `Add it to addresses of ${host.name}: what listens there is checked then.`,
            at: where,
            related: [shown, { ...host.where, message: `${host.name} is here` }],
            severity: "warning",
          };
          continue;
        }
        const owner = fleet.hosts.find(({ ips }) => ips.some(({ ip }) => ip === address));
        const moved = service === undefined ? "" : `, or run ${service} on ${owner?.name ?? ""}`;
        const instead = owner === undefined ? ", or add this one to its addresses" : moved;
        yield {
          message: `${who} listens on ${address}, which is no address of ${host.name}${owner === undefined ? "" : ` but of ${owner.name}`}`,
          help:
            own.size === 0
              ? `Add the address to addresses of ${host.name}.`
              : `Use an address of ${host.name} (${[...own].join(", ")})${instead}.`,
          at: where,
          related: [{ ...host.where, message: `${host.name} is here` }],
        };
      }
    }
  },
};

/** Where a host's facts have an address. */
function shownByFacts({ name, facts }: Host, address: string): Annotated | undefined {
  const index = facts?.facts.addresses?.findIndex(
    (entry) => canonicalIp(entry.address) === address,
  );
  if (facts === undefined || index === undefined || index === -1) return undefined;
  const top = { file: facts.file, path: [] };
  const device = facts.facts.addresses?.[index]?.interface ?? "";
  return {
    ...below(top, "addresses", index, "address"),
    message: `${name} has ${address}, on ${device}`,
  };
}
