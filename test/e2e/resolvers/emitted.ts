/** The emitted name resolution of orion, a host of the reference fleet that runs no DNS itself, as files in /sandbox. */
import { join } from "node:path";
import type { HostPlan } from "../../../src/plan/plan.ts";
import { definitionsIn } from "../../generate/support.ts";
import { type Files, loadFiles, referenceFleet, writeFiles } from "../../support/fleet.ts";
import { emitFiles, planFleet } from "../../support/plan.ts";

/** Options as the module of NixOS takes them. */
type Value = boolean | number | string | readonly string[];
export type Settings = Readonly<Record<string, Value>>;
type Sections = Readonly<Record<string, Settings>>;

/** The plan of orion in the reference fleet, with some files of it replaced. */
export async function planOrion(edit: (files: Files) => Files): Promise<HostPlan> {
  const fleet = await loadFiles(edit(referenceFleet()));
  const orion = planFleet(fleet).find(({ host }) => host === "orion");
  if (orion === undefined) throw new Error("nothing is emitted for orion");
  return orion;
}

/** What resolvers.nix of a host defines. */
function evaluated(plan: HostPlan): unknown {
  const folder = writeFiles(Object.fromEntries(emitFiles(plan)));
  return definitionsIn([join(folder, plan.host)])[0]?.["resolvers.nix"];
}

/** What start_dnsmasq reads: what is emitted, but for some settings. */
export function dnsmasqFiles(plan: HostPlan, changes: Settings = {}): Files {
  const { services, networking } = evaluated(plan) as {
    readonly services: { readonly dnsmasq: { readonly settings: Settings } };
    readonly networking: { readonly resolvconf: { readonly extraOptions: readonly string[] } };
  };
  const options = ["edns0", "trust-ad", ...networking.resolvconf.extraOptions];
  return {
    "dnsmasq.conf": dnsmasqConf({ ...services.dnsmasq.settings, ...changes }),
    "resolv.conf.options": `options ${options.join(" ")}\n`,
  };
}

/** dnsmasq.conf as NixOS makes it of `services.dnsmasq.settings`, with what the module itself sets. */
function dnsmasqConf(settings: Settings): string {
  const all: Settings = {
    "dhcp-leasefile": "/var/lib/dnsmasq/dnsmasq.leases",
    "conf-file": ["/etc/dnsmasq-conf.conf"],
    "resolv-file": ["/etc/dnsmasq-resolv.conf"],
    ...settings,
  };
  const lines = Object.entries(all).flatMap(([key, value]) => {
    if (value === true) return [key];
    if (value === false) return [];
    return (typeof value === "object" ? value : [value]).map((each) => `${key}=${each}`);
  });
  return `${lines.join("\n")}\n`;
}

/** systemd-resolved as a host has it. */
export interface Resolved {
  readonly nameservers: readonly string[];
  /** The texts of files in /etc. */
  readonly etc: Readonly<Record<string, string>>;
}

/** The reference fleet with `resolver = "resolved"`. */
export function withResolved(files: Files): Files {
  const inventory = String(files["nixgen.toml"])
    .replace(/^resolver = "dnsmasq"/m, 'resolver = "resolved"')
    .replaceAll('nixos_release = "25.11"', 'nixos_release = "26.05"');
  return { ...files, "nixgen.toml": inventory };
}

/** What start_resolved reads: what is emitted, but for some changes. */
export function resolvedFiles(
  plan: HostPlan,
  change: (emitted: Resolved) => Resolved = (same) => same,
): Files {
  const { services, networking } = evaluated(plan) as {
    readonly services: {
      readonly resolved: {
        readonly settings: Sections;
        readonly dnsDelegates: Readonly<Record<string, Sections>>;
      };
    };
    readonly networking: { readonly nameservers: readonly string[] };
  };
  const { settings, dnsDelegates } = services.resolved;
  const delegates = Object.entries(dnsDelegates).map(([name, file]): [string, string] => [
    `systemd/dns-delegate.d/${name}.dns-delegate`,
    unitFile(file),
  ]);
  const { nameservers, etc } = change({
    nameservers: networking.nameservers,
    etc: Object.fromEntries([
      ["systemd/resolved.conf.d/nixgen.conf", unitFile(settings)],
      ...delegates,
    ]),
  });
  return {
    // As NixOS makes it of `networking.nameservers`, with its defaults.
    "etc/systemd/resolved.conf": `[Resolve]\nDNS=${nameservers.join(" ")}\nLLMNR=true\nDNSSEC=false\nDNSOverTLS=false\n`,
    ...Object.fromEntries(Object.entries(etc).map(([path, text]) => [`etc/${path}`, text])),
  };
}

/** Sections as NixOS writes them (nixos/lib/systemd-lib.nix, settingsToSections): an item of a list a line. */
function unitFile(sections: Sections): string {
  return Object.entries(sections)
    .map(([section, values]) => {
      const lines = Object.entries(values).flatMap(([key, value]) =>
        [value].flat().map((each) => `${key}=${String(each)}\n`),
      );
      return `[${section}]\n${lines.join("")}\n`;
    })
    .join("");
}
