/**
 * What NixOS makes of emitted modules: the files of their units, and the scripts that these call. It
 * knows what nixgen emits and throws at anything else; units.test.ts compares it with NixOS itself.
 */
import { type Definitions, definitionsIn } from "../../generate/support.ts";

/** A value of systemd.services.<name>.unitConfig or serviceConfig. */
type Value = string | number | boolean | readonly string[];
type Values = Readonly<Record<string, Value>>;

/** What the modules say of a unit, as NixOS' systemd.services and systemd.targets have it. */
interface UnitOptions {
  readonly description?: string;
  readonly wantedBy?: readonly string[];
  readonly requiredBy?: readonly string[];
  readonly requires?: readonly string[];
  readonly wants?: readonly string[];
  readonly partOf?: readonly string[];
  readonly conflicts?: readonly string[];
  readonly after?: readonly string[];
  readonly before?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly path?: readonly string[];
  readonly restartIfChanged?: boolean;
  readonly restartTriggers?: readonly string[];
  readonly unitConfig?: Values;
  readonly serviceConfig?: Values;
  readonly script?: string;
  readonly postStop?: string;
}

/** virtualisation.oci-containers.containers.<name>. */
interface ContainerOptions {
  readonly image: string;
  readonly pull: string;
  readonly autoStart: boolean;
  readonly podman: { readonly user: string };
  readonly user?: string;
  readonly networks?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly environmentFiles?: readonly string[];
  readonly cmd?: readonly string[];
  readonly extraOptions?: readonly string[];
}

/** users.users.<name>, as far as it is looked at here. */
export interface UserOptions {
  readonly uid: number;
  readonly home: string;
  readonly subUidRanges: readonly { readonly startUid: number; readonly count: number }[];
}

interface Modules {
  readonly services: Readonly<Record<string, UnitOptions>>;
  readonly targets: Readonly<Record<string, UnitOptions>>;
  readonly tmpfiles: readonly string[];
  readonly sysctls: Readonly<Record<string, number>>;
  readonly containers: Readonly<Record<string, ContainerOptions>>;
  readonly users: Readonly<Record<string, UserOptions>>;
  readonly groups: Readonly<Record<string, { readonly gid: number }>>;
}

/** What the files of a host define, as far as it is looked at here; one without containers has no more. */
interface Files {
  readonly "boot.nix": {
    readonly systemd?: {
      readonly services: Modules["services"];
      readonly targets?: Modules["targets"];
      readonly tmpfiles?: { readonly rules: Modules["tmpfiles"] };
    };
    readonly boot?: { readonly kernel: { readonly sysctl: Modules["sysctls"] } };
  };
  readonly "containers.nix": {
    readonly virtualisation?: { readonly "oci-containers": Pick<Modules, "containers"> };
  };
  readonly "users.nix": { readonly users: Pick<Modules, "users" | "groups"> };
}

/** What a host has of its modules. */
export interface Host {
  /** Unit files by name. */
  readonly units: ReadonlyMap<string, string>;
  /** The scripts of units, by their path. */
  readonly scripts: ReadonlyMap<string, string>;
  /** Below /etc/systemd/system: TARGET.wants/UNIT and TARGET.requires/UNIT. */
  readonly links: readonly string[];
  readonly tmpfiles: readonly string[];
  readonly sysctls: Readonly<Record<string, number>>;
  readonly images: readonly string[];
  readonly users: Readonly<Record<string, UserOptions>>;
  readonly groups: Readonly<Record<string, { readonly gid: number }>>;
}

/** The packages that NixOS puts into the PATH of every service. */
const PACKAGES = ["coreutils", "findutils", "gnugrep", "gnused", "systemd"];

/** Evaluates the modules in a folder, and renders what they say of units. */
export function renderHost(folder: string): Host {
  const [definitions = {}] = definitionsIn([folder]);
  return renderDefinitions(definitions);
}

/** Renders what the modules of a host say of units. */
export function renderDefinitions(definitions: Definitions): Host {
  const { services, targets, containers, users, ...rest } = modulesOf(definitions);
  const scripts = new Map<string, string>();
  /** Where a script of a unit lies. */
  const script = (name: string, text: string): string => {
    scripts.set(`/scripts/${name}`, `#!/bin/bash\n${text}`);
    return `/scripts/${name}`;
  };
  const ofContainers = Object.entries(containers).map(
    ([name, container]): [string, UnitOptions] => [
      `podman-${name}`,
      containerUnit(name, container, users, script),
    ],
  );
  // What boot.nix says of a container's unit wins over what NixOS says of any.
  const all = [...ofContainers, ...Object.entries(services)];
  const names = [...new Set(all.map(([name]) => name))];
  const merged = names.map((name): [string, UnitOptions] => [
    `${name}.service`,
    service(
      name,
      merge(all.filter(([other]) => other === name).map(([, options]) => options)),
      script,
    ),
  ]);
  const units: [string, UnitOptions][] = [
    ...merged,
    ...Object.entries(targets).map(([name, options]): [string, UnitOptions] => [
      `${name}.target`,
      options,
    ]),
  ];
  return {
    ...rest,
    users,
    units: new Map(units.map(([name, options]) => [name, unitText(options)])),
    scripts,
    links: units.flatMap(([name, { wantedBy = [], requiredBy = [] }]) => [
      ...wantedBy.map((target) => `${target}.wants/${name}`),
      ...requiredBy.map((target) => `${target}.requires/${name}`),
    ]),
    images: Object.values(containers).map(({ image }) => image),
  };
}

function modulesOf(definitions: Definitions): Modules {
  const {
    "boot.nix": { systemd, boot },
    "containers.nix": { virtualisation },
    "users.nix": { users },
  } = definitions as unknown as Files;
  return {
    ...users,
    services: systemd?.services ?? {},
    targets: systemd?.targets ?? {},
    tmpfiles: systemd?.tmpfiles?.rules ?? [],
    sysctls: boot?.kernel.sysctl ?? {},
    containers: virtualisation?.["oci-containers"].containers ?? {},
  };
}

/** The unit of a rootless container, as the module of containers defines it. */
function containerUnit(
  name: string,
  container: ContainerOptions,
  users: Modules["users"],
  script: (name: string, text: string) => string,
): UnitOptions {
  const { image, pull, podman, cmd = [], user, networks = [], ports = [], ...rest } = container;
  const { volumes = [], environment = {}, environmentFiles = [], autoStart, ...more } = rest;
  const { extraOptions = [], ...unknown } = more;
  refuse(`container ${name}`, { ...unknown, ...(autoStart ? { autoStart } : {}) });
  const owner = users[podman.user];
  if (owner === undefined) throw new Error(`${podman.user}, the user of ${name}, is not defined`);
  const started = ["network-online.target", "linger-users.service"];
  const id = `/run/${name}/ctr-id`;
  const flags = [
    `--name=${name}`,
    "--log-driver=journald",
    `--cidfile=${id}`,
    "--cgroups=enabled",
    "--sdnotify=conmon",
    "-d",
    "--replace",
    ...inOrder(environment).map(
      ([key, value]) => `-e ${escapeShellArg(key)}=${escapeShellArg(value)}`,
    ),
    ...environmentFiles.map((file) => `--env-file ${escapeShellArg(file)}`),
    ...ports.map((port) => `-p ${escapeShellArg(port)}`),
    ...(user === undefined ? [] : [`-u ${escapeShellArg(user)}`]),
    ...volumes.map((volume) => `-v ${escapeShellArg(volume)}`),
    "--rm",
    ...networks.map((network) => `--network=${escapeShellArg(network)}`),
    `--pull ${escapeShellArg(pull)}`,
    ...extraOptions.map(escapeShellArg),
    image,
    ...cmd.map(escapeShellArg),
  ];
  const unit = `podman-${name}`;
  return {
    after: started,
    wants: started,
    environment: { HOME: owner.home },
    path: ["/packages/podman"],
    unitConfig: { RequiresMountsFor: `/run/user/${owner.uid}/containers` },
    serviceConfig: {
      Environment: "PODMAN_SYSTEMD_UNIT=%n",
      ExecStartPre: script(
        `${unit}-pre-start`,
        `set -o errexit\nset -o nounset\nset -o pipefail\npodman rm -f ${name} || true\nrm -f ${id}\n`,
      ),
      ExecStop: script(`${unit}-pre-stop`, `set -e\npodman stop --ignore --cidfile=${id}\n`),
      NotifyAccess: "all",
      Restart: "on-failure",
      RuntimeDirectory: name,
      TimeoutStartSec: 0,
      TimeoutStopSec: 120,
      Type: "notify",
      User: podman.user,
    },
    script: ["exec podman ", "run", ...flags].join(" \\\n  "),
    postStop: `podman rm -f --ignore --cidfile=${id}`,
  };
}

/** As nixpkgs' lib has it. */
function escapeShellArg(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Definitions of one unit in several modules: later ones win, lists and sets become one. */
function merge(definitions: readonly UnitOptions[]): UnitOptions {
  return definitions.reduce((merged, options) => ({
    ...merged,
    ...options,
    after: [...(merged.after ?? []), ...(options.after ?? [])],
    path: [...(merged.path ?? []), ...(options.path ?? [])],
    wants: [...(merged.wants ?? []), ...(options.wants ?? [])],
    environment: { ...merged.environment, ...options.environment },
    unitConfig: mergeValues(merged.unitConfig, options.unitConfig),
    // ExecStartPre and postStop are mkBefore.
    serviceConfig: mergeValues(merged.serviceConfig, options.serviceConfig, "before"),
    postStop: [options.postStop, merged.postStop].filter((text) => text !== undefined).join("\n"),
  }));
}

/** Of lists for one key the later one goes behind the other, or before it; of other values it wins. */
function mergeValues(one: Values = {}, other: Values = {}, where = "behind"): Values {
  const lists = Object.entries(other)
    .filter(([key, value]) => Array.isArray(value) && key in one)
    .map(([key, value]) => {
      const both = [one[key], value];
      return [key, (where === "behind" ? both : both.reverse()).flat()];
    });
  return { ...one, ...other, ...(Object.fromEntries(lists) as Values) };
}

/** A service with its PATH and its script. */
function service(
  name: string,
  { script: text, postStop = "", path = [], ...options }: UnitOptions,
  script: (name: string, text: string) => string,
): UnitOptions {
  const packages = [...path, ...PACKAGES.map((each) => `/packages/${each}`)];
  const folders = ["bin", "sbin"].flatMap((folder) => packages.map((each) => `${each}/${folder}`));
  return {
    ...options,
    environment: { ...options.environment, PATH: folders.join(":") },
    serviceConfig: {
      ...options.serviceConfig,
      ...(text === undefined ? {} : { ExecStart: script(`${name}-start`, `set -e\n${text}\n`) }),
      ...(postStop === ""
        ? {}
        : { ExecStopPost: script(`${name}-post-stop`, `set -e\n${postStop}\n`) }),
    },
  };
}

function unitText(options: UnitOptions): string {
  const { description, requires, wants, partOf, conflicts, after, before, ...more } = options;
  const { environment = {}, restartIfChanged = true, unitConfig, serviceConfig, ...rest } = more;
  refuse(description ?? "unit", rest, ["wantedBy", "requiredBy", "restartTriggers"]);
  const dependencies = {
    ...{ After: after, Before: before, Conflicts: conflicts, PartOf: partOf },
    ...{ Requires: requires, Wants: wants },
  };
  const unit = [
    ...Object.entries(unitConfig ?? {}),
    ...(description === undefined ? [] : [["Description", description] as const]),
    ...Object.entries(dependencies).flatMap(([key, units = []]) =>
      units.length === 0 ? [] : [[key, units.join(" ")] as const],
    ),
  ];
  const lines = (entries: readonly (readonly [string, Value])[]): string[] =>
    inOrder(Object.fromEntries(entries)).flatMap(([key, value]) =>
      [value].flat().map((each) => `${key}=${String(each)}`),
    );
  return [
    "[Unit]",
    ...lines(unit),
    ...(serviceConfig === undefined
      ? []
      : [
          "",
          "[Service]",
          ...inOrder(environment).map(
            ([key, value]) => `Environment=${JSON.stringify(`${key}=${value}`)}`,
          ),
          ...(restartIfChanged ? [] : ["X-RestartIfChanged=false"]),
          ...lines(Object.entries(serviceConfig)),
        ]),
    "",
  ].join("\n");
}

function inOrder<T>(entries: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** @throws where a module has options that are not rendered here, but for those that are elsewhere or only a switch reads. */
function refuse(what: string, rest: object, elsewhere: readonly string[] = []): void {
  const unknown = Object.keys(rest).filter((option) => !elsewhere.includes(option));
  if (unknown.length > 0) throw new Error(`${what}: ${unknown.join(", ")} cannot be rendered`);
}
