import type { ForwardPlan, HostPlan, ResolverPlan } from "../../plan/plan.ts";
import { attrs, bind, bool, int, str, strings } from "../../nix/ast.ts";
import type { Module } from "./render.ts";
import { byDefault, ours } from "./priority.ts";

/** How long a name that was resolved once is still answered when no server is reachable: a day. */
const STALE_SECONDS = 86400;

/** Name resolution: the fleet's zones from its own DNS, everything else from public resolvers. */
export function resolversModule({ resolvers }: HostPlan): Module {
  switch (resolvers?.kind) {
    case undefined:
      return { template: "resolvers-none", holes: {} };
    case "dnsmasq":
      return dnsmasq(resolvers);
    case "resolved":
      return resolved(resolvers);
  }
}

/** Zones with servers of their own: the fleet's, and those of others. */
function splits({ zones, internal, forwards }: ResolverPlan): readonly ForwardPlan[] {
  return [{ zones, servers: internal }, ...forwards];
}

function dnsmasq(plan: ResolverPlan): Module {
  const servers = [
    ...splits(plan).flatMap(({ zones, servers }) =>
      zones.flatMap((zone) => servers.map((address) => `/${zone}/${address}`)),
    ),
    ...plan.public,
  ];
  return {
    template: "resolvers-dnsmasq",
    holes: {
      settings: [
        bind("no-resolv", ours(bool(true))),
        // Without it dnsmasq takes port 53 of every address, and the fleet's DNS cannot bind its own;
        // with bind-interfaces it does not start where IPv6 is off and there is no ::1.
        bind("bind-dynamic", ours(bool(true))),
        bind("listen-address", strings(["127.0.0.1", "::1"])),
        bind("server", strings(servers)),
        // Ask all servers of a zone at once: the loss of one address then costs nothing.
        bind("all-servers", byDefault(bool(true))),
        bind("use-stale-cache", byDefault(int(STALE_SECONDS))),
        bind("cache-size", byDefault(int(10000))),
        bind("dns-forward-max", byDefault(int(1000))),
      ],
    },
  };
}

/**
 * The last server of each delegate: a port that nothing listens on (RFC 863, discard) refuses at once. resolved gives
 * no stale answer of a zone with one server, and with one that refuses it gives up in 10 s instead of 45 s on names
 * that it never asked for (262.1).
 */
const REFUSING_SERVER = "127.0.0.1:9";

function resolved(plan: ResolverPlan): Module {
  const delegates = splits(plan).flatMap(({ zones, servers }) => {
    const [name] = zones;
    if (name === undefined || servers.length === 0) return [];
    return [
      bind(
        [name, "Delegate"],
        attrs([
          bind("DNS", strings([...servers, REFUSING_SERVER])),
          // Without "~" they become search domains, of every container as well.
          bind("Domains", strings(zones.map((zone) => `~${zone}`))),
        ]),
      ),
    ];
  });
  return {
    template: "resolvers-resolved",
    holes: {
      settings: [
        bind(["settings", "Resolve", "StaleRetentionSec"], byDefault(str(`${STALE_SECONDS}s`))),
        ...(delegates.length === 0 ? [] : [bind("dnsDelegates", attrs(delegates))]),
      ],
      nameservers: [bind(["networking", "nameservers"], strings(plan.public))],
    },
  };
}
