/**
 * The options that emitted modules define, as each release of NixOS has them. `npm run generate` makes
 * schemas/nixos-options.schema.json of it, against which every emitted module is checked: to use an
 * option that is not here, add its line below the file that declares it.
 */
import type { Release } from "../src/fleet/model.ts";

/** A type of NixOS': as its manual words it, and the JSON of what may be defined. */
export interface OptionType {
  readonly name: string;
  readonly schema: JsonSchema;
}

/** An option that not all releases have, or not with one type: its type from a release on. */
export type Since = Readonly<Partial<Record<Release, OptionType>>>;

/** What is declared, or read, at one place. */
export interface OptionSource {
  /** A file of nixpkgs; or, of names that NixOS passes on unseen, the manual of what reads them. */
  readonly source: string;
  /** Of a file of nixpkgs the versions that were read. */
  readonly read?: string;
  /**
   * By path: `<name>` is any name of a set, `*` any item of a list, and `"folder/*"`, in quotes, any
   * name of that form.
   */
  readonly options: Readonly<Record<string, OptionType | Since>>;
}

/** A JSON Schema, or a part of one. */
export type JsonSchema = Readonly<Record<string, unknown>>;

function type(name: string, schema: JsonSchema): OptionType {
  return { name, schema };
}

const anything = type("unspecified value", {});
const bool = type("boolean", { type: "boolean" });
const int = type("signed integer", { type: "integer" });
const str = type("string", { type: "string" });
const line = type("(optionally newline-terminated) single-line string", {
  type: "string",
  pattern: "^[^\\n]*\\n?$",
});
const lines = type('strings concatenated with "\\n"', { type: "string" });
const path = type("absolute path", { type: "string", pattern: "^/" });
/** In JSON it is where it lies. */
const pkg = type("package", { type: "string", pattern: "^/" });
/** nixos/lib/systemd-lib.nix */
const UNIT_NAME =
  "[a-zA-Z0-9@%:_.\\-]+[.](service|socket|device|mount|automount|swap|target|path|timer|scope|slice)";
const unitName = type(`string matching the pattern ${UNIT_NAME}`, {
  type: "string",
  pattern: `^${UNIT_NAME}$`,
});
/** A set whose names are known to what reads it, which is not NixOS. */
function open(name: string): OptionType {
  return type(name, { type: "object" });
}

function listOf({ name, schema }: OptionType): OptionType {
  return type(`list of ${name}`, { type: "array", items: schema });
}

function setOf({ name, schema }: OptionType): OptionType {
  return type(`attribute set of ${name}`, { type: "object", additionalProperties: schema });
}

function nullOr({ name, schema }: OptionType): OptionType {
  return type(`null or ${name}`, { ...schema, type: [schema["type"], "null"] });
}

function oneOf(...values: readonly string[]): OptionType {
  const quoted = values.map((value) => JSON.stringify(value));
  return type(`one of ${quoted.join(", ")}`, { enum: values });
}

/** What systemd reads as a time span: seconds, or a number with its unit. */
const span = type("time span", {
  anyOf: [
    { type: "integer", minimum: 0 },
    { type: "string", pattern: "^[0-9]+(ms|s|min|h|d)$" },
  ],
});
/** A number that may not be negative. */
const count = type("count", { type: "integer", minimum: 0 });
const zeroOrOne = type("0 or 1", { enum: [0, 1] });

/** Options of a service or a target (nixos/lib/systemd-unit-options.nix), of which some are lists of units. */
function unit(kind: string, lists: readonly string[]): Record<string, OptionType> {
  return {
    [`${kind}.<name>.description`]: line,
    ...Object.fromEntries(
      lists.map((name): [string, OptionType] => [`${kind}.<name>.${name}`, listOf(unitName)]),
    ),
    [`${kind}.<name>.unitConfig`]: open("attribute set of (systemd option)"),
  };
}

/** Versions on both sides of 25.05. */
const BEFORE_AND_AFTER = "nixpkgs of 2024, manual of 25.11";

/**
 * Where each option comes from. The modules of 26.05 were not at hand: its release notes name one change
 * of them, that services.resolved has settings. Sources are in the order of nixpkgs' files. */
export const OPTION_SOURCES: readonly OptionSource[] = [
  {
    source: "nixos/modules/config/resolvconf.nix",
    read: BEFORE_AND_AFTER,
    options: { "networking.resolvconf.extraOptions": listOf(str) },
  },
  {
    source: "nixos/modules/config/sysctl.nix",
    read: BEFORE_AND_AFTER,
    options: {
      "boot.kernel.sysctl": open("open submodule"),
    },
  },
  {
    source: "Documentation/networking/ip-sysctl.rst",
    options: {
      'boot.kernel.sysctl."net.ipv4.ip_nonlocal_bind"': zeroOrOne,
      'boot.kernel.sysctl."net.ipv4.ip_unprivileged_port_start"': type("port", {
        type: "integer",
        minimum: 0,
        maximum: 65535,
      }),
      'boot.kernel.sysctl."net.ipv6.ip_nonlocal_bind"': zeroOrOne,
    },
  },
  {
    source: "nixos/modules/config/system-path.nix",
    read: BEFORE_AND_AFTER,
    options: { "environment.systemPackages": listOf(pkg) },
  },
  {
    source: "nixos/modules/config/users-groups.nix",
    read: BEFORE_AND_AFTER,
    options: {
      "users.users.<name>.isSystemUser": bool,
      "users.users.<name>.description": type("string, not containing newlines or colons", {
        type: "string",
        pattern: "^[^:\\n]*$",
      }),
      "users.users.<name>.uid": nullOr(int),
      "users.users.<name>.group": str,
      "users.users.<name>.home": type("absolute path, not containing newlines or colons", {
        type: "string",
        pattern: "^/[^:\\n]*$",
      }),
      "users.users.<name>.createHome": bool,
      "users.users.<name>.linger": { "25.05": bool, "25.11": nullOr(bool) },
      "users.users.<name>.extraGroups": listOf(str),
      "users.users.<name>.autoSubUidGidRange": bool,
      "users.users.<name>.subUidRanges": type("list of (submodule)", { type: "array" }),
      "users.users.<name>.subUidRanges.*.startUid": int,
      "users.users.<name>.subUidRanges.*.count": int,
      "users.users.<name>.subGidRanges": type("list of (submodule)", { type: "array" }),
      "users.users.<name>.subGidRanges.*.startGid": int,
      "users.users.<name>.subGidRanges.*.count": int,
      "users.groups.<name>.gid": nullOr(int),
    },
  },
  {
    source: "nixos/modules/misc/assertions.nix",
    read: BEFORE_AND_AFTER,
    options: { assertions: listOf(anything) },
  },
  {
    source: "nixos/modules/services/networking/dnsmasq.nix",
    read: BEFORE_AND_AFTER,
    options: {
      "services.dnsmasq.enable": bool,
      "services.dnsmasq.alwaysKeepRunning": bool,
      "services.dnsmasq.settings": open("open submodule"),
      "services.dnsmasq.settings.server": listOf(str),
    },
  },
  {
    source: "dnsmasq(8)",
    options: {
      "services.dnsmasq.settings.no-resolv": bool,
      "services.dnsmasq.settings.bind-dynamic": bool,
      "services.dnsmasq.settings.listen-address": listOf(str),
      "services.dnsmasq.settings.all-servers": bool,
      "services.dnsmasq.settings.use-stale-cache": count,
      "services.dnsmasq.settings.cache-size": count,
      "services.dnsmasq.settings.dns-forward-max": count,
    },
  },
  {
    source: "nixos/modules/system/activation/pre-switch-check.nix",
    read: "nixpkgs of 2025, manual of 25.11",
    options: { "system.preSwitchChecks": setOf(str) },
  },
  {
    source: "nixos/modules/system/boot/resolved.nix",
    read: BEFORE_AND_AFTER,
    options: {
      "services.resolved.enable": bool,
      "services.resolved.settings.Resolve": { "26.05": open("open submodule") },
      "services.resolved.dnsDelegates.<name>.Delegate": { "26.05": open("open submodule") },
    },
  },
  {
    source: "resolved.conf(5)",
    options: { "services.resolved.settings.Resolve.StaleRetentionSec": { "26.05": span } },
  },
  {
    source: "systemd.dns-delegate(5)",
    options: {
      "services.resolved.dnsDelegates.<name>.Delegate.DNS": { "26.05": listOf(str) },
      "services.resolved.dnsDelegates.<name>.Delegate.Domains": { "26.05": listOf(str) },
    },
  },
  {
    source: "nixos/modules/system/boot/systemd.nix",
    read: "nixpkgs of 2024",
    options: {
      ...unit("systemd.targets", ["wantedBy", "requires", "after"]),
      ...unit("systemd.services", [
        ...["wantedBy", "requiredBy", "requires", "wants", "partOf", "conflicts"],
        ...["after", "before"],
      ]),
      "systemd.services.<name>.environment": setOf(
        type("(null or string or absolute path or package)", { type: ["string", "null"] }),
      ),
      "systemd.services.<name>.path": listOf(type("(package or string)", { type: "string" })),
      "systemd.services.<name>.restartIfChanged": bool,
      "systemd.services.<name>.restartTriggers": listOf(anything),
      "systemd.services.<name>.serviceConfig": open("attribute set of (systemd option)"),
      "systemd.services.<name>.postStop": lines,
      "systemd.services.<name>.script": lines,
    },
  },
  {
    source: "systemd.unit(5)",
    options: {
      "systemd.services.<name>.unitConfig.DefaultDependencies": bool,
      "systemd.services.<name>.unitConfig.JobRunningTimeoutSec": span,
      "systemd.services.<name>.unitConfig.RefuseManualStop": bool,
      "systemd.services.<name>.unitConfig.RequiresMountsFor": listOf(str),
      "systemd.services.<name>.unitConfig.StartLimitIntervalSec": span,
      "systemd.targets.<name>.unitConfig.RefuseManualStop": bool,
    },
  },
  {
    source: "pkgs/by-name/sw/switch-to-configuration-ng",
    options: {
      "systemd.services.<name>.unitConfig.X-StopOnRemoval": bool,
      "systemd.targets.<name>.unitConfig.X-StopOnRemoval": bool,
    },
  },
  {
    source: "systemd.service(5)",
    options: {
      "systemd.services.<name>.serviceConfig.ExecStartPre": listOf(str),
      "systemd.services.<name>.serviceConfig.RemainAfterExit": bool,
      "systemd.services.<name>.serviceConfig.Restart": oneOf(
        ...["no", "on-success", "on-failure", "on-abnormal", "on-watchdog", "on-abort", "always"],
      ),
      "systemd.services.<name>.serviceConfig.RestartMaxDelaySec": span,
      "systemd.services.<name>.serviceConfig.RestartMode": oneOf("normal", "direct"),
      "systemd.services.<name>.serviceConfig.RestartSec": span,
      "systemd.services.<name>.serviceConfig.RestartSteps": count,
      "systemd.services.<name>.serviceConfig.TimeoutStartSec": span,
      "systemd.services.<name>.serviceConfig.Type": oneOf(
        ...["simple", "exec", "forking", "oneshot", "dbus", "notify", "notify-reload", "idle"],
      ),
    },
  },
  {
    source: "systemd.exec(5)",
    options: { "systemd.services.<name>.serviceConfig.User": str },
  },
  {
    source: "systemd.resource-control(5)",
    options: { "systemd.services.<name>.serviceConfig.Delegate": bool },
  },
  {
    source: "nixos/modules/system/boot/systemd/tmpfiles.nix",
    read: BEFORE_AND_AFTER,
    options: { "systemd.tmpfiles.rules": listOf(str) },
  },
  {
    source: "nixos/modules/system/etc/etc.nix",
    read: BEFORE_AND_AFTER,
    options: {
      'environment.etc."nixgen/*".source': path,
      'environment.etc."nixgen/*".text': nullOr(lines),
    },
  },
  {
    source: "nixos/modules/tasks/network-interfaces.nix",
    read: BEFORE_AND_AFTER,
    options: { "networking.nameservers": listOf(str) },
  },
  {
    source: "nixos/modules/virtualisation/oci-containers.nix",
    read: "nixpkgs of 2025, manual of 25.11",
    options: {
      "virtualisation.oci-containers.backend": oneOf("podman", "docker"),
      "virtualisation.oci-containers.containers.<name>.image": str,
      "virtualisation.oci-containers.containers.<name>.pull": oneOf(
        ...["always", "missing", "never", "newer"],
      ),
      "virtualisation.oci-containers.containers.<name>.autoStart": bool,
      "virtualisation.oci-containers.containers.<name>.podman.user": str,
      "virtualisation.oci-containers.containers.<name>.user": nullOr(str),
      "virtualisation.oci-containers.containers.<name>.networks": listOf(str),
      "virtualisation.oci-containers.containers.<name>.ports": listOf(str),
      "virtualisation.oci-containers.containers.<name>.volumes": listOf(str),
      "virtualisation.oci-containers.containers.<name>.environment": setOf(str),
      "virtualisation.oci-containers.containers.<name>.environmentFiles": listOf(path),
      "virtualisation.oci-containers.containers.<name>.cmd": listOf(str),
      "virtualisation.oci-containers.containers.<name>.extraOptions": listOf(str),
    },
  },
  {
    source: "nixos/modules/virtualisation/podman/default.nix",
    read: BEFORE_AND_AFTER,
    options: { "virtualisation.podman.enable": bool },
  },
];
