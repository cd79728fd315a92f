import type { HostPlan, ResolverPlan } from "../../plan.ts";
import { bind, bool, int, list, ref, str, strings } from "../ast.ts";
import type { Module } from "../render.ts";

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

function dnsmasq({ zones, internal, public: outside }: ResolverPlan): Module {
  const servers = [
    ...zones.flatMap((zone) => internal.map((address) => `/${zone}/${address}`)),
    ...outside,
  ];
  return {
    template: "resolvers-dnsmasq",
    holes: {
      settings: [
        bind("no-resolv", bool(true)),
        // Without it dnsmasq takes port 53 of every address, and the fleet's DNS cannot bind its own;
        // with bind-interfaces it does not start where IPv6 is off and there is no ::1.
        bind("bind-dynamic", bool(true)),
        bind("listen-address", strings(["127.0.0.1", "::1"])),
        bind("server", strings(servers)),
        // Ask all servers of a zone at once: the loss of one address then costs nothing.
        bind("all-servers", bool(true)),
        bind("use-stale-cache", int(STALE_SECONDS)),
        bind("cache-size", int(10000)),
        bind("dns-forward-max", int(1000)),
      ],
    },
  };
}

function resolved({ service, zones, internal, public: outside }: ResolverPlan): Module {
  const delegate =
    zones.length === 0 || internal.length === 0
      ? undefined
      : {
          file: `systemd/dns-delegate.d/${service ?? "fleet"}.dns-delegate`,
          text: `[Delegate]\nDNS=${internal.join(" ")}\nDomains=${zones.join(" ")}\n`,
        };
  const dropIn = {
    file: "systemd/resolved.conf.d/nixgen.conf",
    text: "[Resolve]\nStaleRetentionSec=1d\n",
  };
  const files = [...(delegate === undefined ? [] : [delegate]), dropIn];
  return {
    template: "resolvers-resolved",
    holes: {
      nameservers: [bind(["networking", "nameservers"], strings(outside))],
      files: files.map(({ file, text }) => bind([file, "text"], str(text))),
      triggers: [
        bind(
          "restartTriggers",
          list(files.map(({ file }) => ref("config", "environment", "etc", file, "source"))),
        ),
      ],
    },
  };
}
