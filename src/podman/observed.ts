/**
 * Containers as podman has them: what a definition can say of one, and what it cannot. Read from
 * `podman inspect` of podman 4.3 to 5.4, whose forms differ; test/fixtures/inspect/ has both.
 *
 * The command line that made a container says best what was asked for: it alone tells the image's
 * own variables, command and user from given ones. Without it (podman-kube-play(1), or facts, which
 * leave it out for the secrets in it) the data itself is read.
 */
import { DEFAULT_NETWORKS } from "./network.ts";
import { HOST_RESOLVER } from "./network.ts";
import { splitVariable } from "./variable.ts";
import { sameImage } from "./image.ts";
import { at, entriesAt, isTable, listAt, textAt, textEntries, textsAt } from "../text/json.ts";
import { parsePublishedPort } from "./port.ts";
import { parseRunCommand, type RunCommand } from "./run-command.ts";

/** One element of what `podman inspect` prints. */
export type Inspect = Readonly<Record<string, unknown>>;

/** Something that a definition has no words for, as an option of `podman run`. */
export interface Leftover {
  /** The option's long name, without dashes. */
  readonly option: string;
  readonly value: string;
}

/** A container as podman has it, in the terms of a definition. */
export interface ObservedContainer {
  readonly name: string;
  readonly image: string;
  /** Undefined: podman's own choice. */
  readonly network: string | undefined;
  readonly user: string | undefined;
  /** Undefined where systemd restarts it. */
  readonly restart: string | undefined;
  readonly pull: "always" | "missing" | "never" | "newer";
  readonly ports: readonly string[];
  readonly volumes: readonly string[];
  readonly cmd: readonly string[];
  /** KEY=VALUE */
  readonly env: readonly string[];
  readonly envFiles: readonly string[];
  /** In the order of the command line, or of their names. */
  readonly leftovers: readonly Leftover[];
  /** Whether the command line was read: else some of it may be the image's own. */
  readonly exact: boolean;
}

/** Reads a container. */
export function observeContainer(inspect: Inspect): ObservedContainer {
  const command = commandOf(inspect);
  return command === undefined ? fromData(inspect) : fromCommand(inspect, command);
}

/** Containers that hold the namespaces of a pod; podman makes and removes them by itself. */
export function isInfra(inspect: Inspect): boolean {
  return at(inspect, "IsInfra") === true || /^[0-9a-f]{12}-infra$/.test(nameOf(inspect));
}

/** The name of a container; empty where there is none. */
export function nameOf(inspect: Inspect): string {
  return textAt(inspect, "Name") ?? "";
}

/** The image by the name that it was found under. */
export function imageOf(inspect: Inspect): string {
  return textAt(inspect, "ImageName") ?? textAt(inspect, "Config", "Image") ?? "";
}

/** "running", "exited", "created" and others of podman-ps(1). */
export function statusOf(inspect: Inspect): string | undefined {
  return textAt(inspect, "State", "Status");
}

/** Whether a container has ended by itself, with status 0. Facts of old have no status. */
export function hasSucceeded(inspect: Inspect): boolean {
  return statusOf(inspect) === "exited" && at(inspect, "State", "ExitCode") === 0;
}

/** Whether a container was running when the facts were collected; of some it is not known. */
export function wasRunning(inspect: Inspect): boolean {
  const status = statusOf(inspect);
  return status === undefined || status === "running" || status === "paused";
}

/**
 * The networks of a container: podman networks by name, or one mode like "host" or "pasta". Undefined
 * where the data does not say.
 */
export function networksOf(inspect: Inspect): string[] | undefined {
  const mode = textAt(inspect, "HostConfig", "NetworkMode");
  if (mode === undefined) return undefined;
  if (mode !== "bridge") return [mode];
  const networks = at(inspect, "NetworkSettings", "Networks");
  if (Array.isArray(networks)) return textsAt(networks);
  return isTable(networks) ? Object.keys(networks) : undefined;
}

/**
 * The resolvers that a container was given; podman 6 has null if there are none. Undefined if the data does not say:
 * facts had none of them at first.
 */
export function resolversOf(inspect: Inspect): string[] | undefined {
  return at(inspect, "HostConfig", "Dns") === undefined
    ? undefined
    : textsAt(inspect, "HostConfig", "Dns");
}

/** One port that podman forwards. */
export interface Binding {
  /** "" is every address. */
  readonly address: string;
  readonly host: number;
  readonly container: number;
  readonly protocol: string;
}

/** The published ports; podman writes ranges out and every address of IPv4 as "" or 0.0.0.0. */
export function bindingsOf(inspect: Inspect): Binding[] {
  const found: Binding[] = [];
  for (const [key, bindings] of entriesAt(inspect, "HostConfig", "PortBindings")) {
    const [container, protocol = "tcp"] = key.split("/");
    for (const binding of listAt(bindings)) {
      const address = textAt(binding, "HostIp") ?? "";
      found.push({
        address: address === "0.0.0.0" ? "" : address,
        host: Number(textAt(binding, "HostPort")),
        container: Number(container),
        protocol,
      });
    }
  }
  return found;
}

/** A mounted folder, file or named volume. */
export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  /** podman made the volume up, for the image or for `--volume TARGET`. */
  readonly anonymous: boolean;
}

/** What is mounted, without what lies in memory. */
export function mountsOf(inspect: Inspect): Mount[] {
  const found: Mount[] = [];
  for (const mount of listAt(inspect, "Mounts")) {
    const named = textAt(mount, "Type") === "volume";
    const source = textAt(mount, named ? "Name" : "Source");
    const target = textAt(mount, "Destination");
    if (source === undefined || target === undefined) continue;
    const anonymous = named && /^[0-9a-f]{64}$/.test(source);
    found.push({ source, target, readOnly: at(mount, "RW") === false, anonymous });
  }
  return found;
}

/** The environment that was given or comes from the image, without what podman sets by itself. */
export function environmentOf(inspect: Inspect): string[] {
  const own = new Set([
    "container=podman",
    "container=oci",
    "TERM=xterm",
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    `HOSTNAME=${textAt(inspect, "Config", "Hostname") ?? ""}`,
  ]);
  return textsAt(inspect, "Config", "Env").filter(
    (variable) => !own.has(variable) && !variable.startsWith("HOME="),
  );
}

/** The restart policy as podman-run(1) takes it; undefined where a unit of systemd restarts it. */
function restartOf(inspect: Inspect): string | undefined {
  const name = textAt(inspect, "HostConfig", "RestartPolicy", "Name") ?? "no";
  const retries = at(inspect, "HostConfig", "RestartPolicy", "MaximumRetryCount");
  if (name === "on-failure" && typeof retries === "number" && retries > 0) {
    return `${name}:${retries}`;
  }
  if (name !== "no") return name;
  // A unit runs it with --rm, or its label says which unit that is (podman-generate-systemd(1)).
  const unit =
    at(inspect, "HostConfig", "AutoRemove") === true ||
    at(inspect, "Config", "Labels", UNIT_LABEL) !== undefined;
  return unit ? undefined : "no";
}

const UNIT_LABEL = "PODMAN_SYSTEMD_UNIT";

/** The command line, where there is one and it is that of this container. */
function commandOf(inspect: Inspect): RunCommand | undefined {
  const command = parseRunCommand(textsAt(inspect, "Config", "CreateCommand"));
  if (command === undefined) return undefined;
  const found =
    sameImage(command.image, imageOf(inspect)) ||
    textAt(inspect, "Image")?.startsWith(command.image.replace(/^sha256:/, "")) === true;
  const cmd = textsAt(inspect, "Config", "Cmd");
  const same = command.args.length === 0 || command.args.join("\0") === cmd.join("\0");
  return found && same ? command : undefined;
}

function fromData(inspect: Inspect): ObservedContainer {
  const leftovers: Leftover[] = [];
  const networks = networksOf(inspect) ?? [];
  const [network, ...others] = networks.filter((name) => !DEFAULT_NETWORKS.has(name));
  for (const other of others) leftovers.push({ option: "network", value: other });
  const inPod = network?.includes(":") === true;
  const mounts = mountsOf(inspect);
  for (const { target, anonymous } of mounts) {
    if (anonymous) leftovers.push({ option: "volume", value: target });
  }
  const { kept: env, left } = separate(environmentOf(inspect), isVariable);
  const { kept: volumes, left: strange } = separate(
    mounts.filter(({ anonymous }) => !anonymous).map(volumeText),
    isVolume,
  );
  return {
    name: nameOf(inspect),
    image: imageOf(inspect),
    network: inPod ? undefined : network,
    user: textAt(inspect, "Config", "User"),
    restart: restartOf(inspect),
    pull: "missing",
    ports: bindingsOf(inspect).map(portText),
    volumes,
    cmd: textsAt(inspect, "Config", "Cmd"),
    env,
    envFiles: [],
    leftovers: [
      ...leftovers,
      ...left.map((value) => ({ option: "env", value })),
      ...strange.map((value) => ({ option: "volume", value })),
      ...(inPod && textAt(inspect, "Pod") === undefined
        ? [{ option: "network", value: network }]
        : []),
      ...deviations(inspect),
    ],
    exact: false,
  };
}

/** A binding as a definition has it. */
export function portText({ address, host, container, protocol }: Binding): string {
  const where = address === "" ? "" : address.includes(":") ? `[${address}]:` : `${address}:`;
  return `${where}${host}:${container}${protocol === "tcp" ? "" : `/${protocol}`}`;
}

function volumeText({ source, target, readOnly }: Mount): string {
  return `${source}:${target}${readOnly ? ":ro" : ""}`;
}

/** Options that are about making or watching a container, not about what it is. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  "attach",
  "authfile",
  "cgroups",
  "cidfile",
  "conmon-pidfile",
  "detach",
  "detach-keys",
  "disable-content-trust",
  "log-driver",
  "name",
  "pidfile",
  "quiet",
  "replace",
  // What the container has now counts, see restartOf.
  "restart",
  "rm",
  "sdnotify",
  "sig-proxy",
  "tls-verify",
]);

/** What podman-update(1) changes after the command line was written down. */
const UPDATABLE: ReadonlySet<string> = new Set([
  "blkio-weight",
  "cpu-shares",
  "cpus",
  "cpuset-cpus",
  "cpuset-mems",
  "memory",
  "memory-reservation",
]);

/** An option whose values are separated by commas (podman-run(1), "strings"). */
function commaSeparated(value: string): string[] {
  return value.split(",").filter((part) => part !== "");
}

function fromCommand(inspect: Inspect, { options, image, args }: RunCommand): ObservedContainer {
  const given = new Set(options.map(({ name }) => name));
  const ports: string[] = [];
  const volumes: string[] = [];
  const env: string[] = [];
  const envFiles: string[] = [];
  const leftovers: Leftover[] = [];
  let network: string | undefined;
  let user: string | undefined;
  let pull: ObservedContainer["pull"] = "missing";
  for (const { name: option, value = "" } of options) {
    const keep = (list: string[], text: string | undefined): void => {
      if (text === undefined) leftovers.push({ option, value });
      else list.push(text);
    };
    switch (option) {
      case "publish":
        for (const port of commaSeparated(value)) {
          if (typeof parsePublishedPort(port) === "string") leftovers.push({ option, value: port });
          else ports.push(port);
        }
        break;
      case "volume":
        keep(volumes, givenVolume(value, inspect));
        break;
      case "mount":
        keep(volumes, mountAsVolume(value));
        break;
      case "env":
        for (const variable of givenVariables(value, inspect)) {
          keep(env, isVariable(variable) ? variable : undefined);
        }
        break;
      case "env-file":
        for (const file of commaSeparated(value)) {
          if (/^\/[^\n:]*$/.test(file)) envFiles.push(file);
          else leftovers.push({ option, value: file });
        }
        break;
      case "network": {
        const [name, settings] = splitOnce(value, ":");
        const known = network === undefined && /^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name);
        // container:NAME and ns:PATH are no networks with settings.
        if (!known || name === "container" || name === "ns") leftovers.push({ option, value });
        else {
          network = name;
          if (settings !== undefined) leftovers.push({ option, value });
        }
        break;
      }
      case "user":
        if (value.includes("\n")) leftovers.push({ option, value });
        // An empty one is the image's.
        else if (value !== "") user = value;
        break;
      case "pull":
        pull = pullPolicy(value);
        break;
      case "dns":
        // It is given again where [dns] is.
        if (value !== HOST_RESOLVER) leftovers.push({ option, value });
        break;
      case "label":
        if (!value.startsWith(`${UNIT_LABEL}=`)) leftovers.push({ option, value });
        break;
      default:
        if (!WITHOUT_EFFECT.has(option)) leftovers.push({ option, value });
    }
  }
  const updated = deviations(inspect).filter(
    ({ option }) => UPDATABLE.has(option) && !given.has(option),
  );
  return {
    name: nameOf(inspect),
    // An image that was named by its id, or without its registry, is written as what it was found as.
    image: imageOf(inspect) === "" ? image : imageOf(inspect),
    network,
    user,
    restart: restartOf(inspect),
    pull,
    ports,
    volumes,
    cmd: args,
    env,
    envFiles,
    leftovers: [...leftovers, ...updated],
    exact: true,
  };
}

function pullPolicy(value: string): ObservedContainer["pull"] {
  if (value === "always" || value === "true") return "always";
  return value === "never" || value === "newer" ? value : "missing";
}

/** `--env KEY=VALUE`; `--env KEY` takes the value from whoever ran podman, which the container has. */
function givenVariables(value: string, inspect: Inspect): string[] {
  if (value.includes("=")) return [value];
  const has = textsAt(inspect, "Config", "Env").find((each) => splitVariable(each)[0] === value);
  if (has !== undefined) return [has];
  // KEY* names several; one that was not set sets nothing.
  return value.endsWith("*") ? [value] : [];
}

/** The form that definitions want, see ComponentDefinition.env. */
function isVariable(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_.-]*=[^\x00]*$/.test(text);
}

/** `--volume SOURCE:TARGET[:OPTIONS]`; undefined for one that a definition cannot have. */
function givenVolume(value: string, inspect: Inspect): string | undefined {
  const [source = "", target, ...options] = value.split(":");
  if (target === undefined || !/^\.{1,2}(?:\/|$)/.test(source)) {
    return isVolume(value) ? value : undefined;
  }
  // A path relative to where podman ran: podman has written down the absolute one.
  const absolute = mountsOf(inspect).find((mount) => mount.target === target)?.source;
  const text = [absolute ?? source, target, ...options].join(":");
  return absolute !== undefined && isVolume(text) ? text : undefined;
}

function isVolume(text: string): boolean {
  return /^[^:\n]+:\/[^:\n]*(?::[^:\n]+)?$/.test(text);
}

/** What `--mount` calls the options of `--volume`. */
const MOUNT_OPTIONS: Readonly<Record<string, string>> = {
  readonly: "ro",
  ro: "ro",
  "readonly=true": "ro",
  "ro=true": "ro",
  rw: "rw",
  "readonly=false": "rw",
  "ro=false": "rw",
  "rw=true": "rw",
  U: "U",
  "U=true": "U",
  "chown=true": "U",
  z: "z",
  Z: "Z",
  "relabel=shared": "z",
  "relabel=private": "Z",
};

/** `--mount type=bind,source=…,target=…` as a volume; undefined where that is not the same. */
function mountAsVolume(value: string): string | undefined {
  let [type, source, target]: (string | undefined)[] = [];
  const options: string[] = [];
  for (const part of commaSeparated(value)) {
    const [key, setting] = splitOnce(part, "=");
    if (key === "type") type = setting;
    else if (key === "source" || key === "src") source = setting;
    else if (key === "target" || key === "destination" || key === "dst") target = setting;
    else {
      const option = MOUNT_OPTIONS[part];
      if (option === undefined) return undefined;
      options.push(option);
    }
  }
  if ((type ?? "volume") !== "bind" && (type ?? "volume") !== "volume") return undefined;
  if (source === undefined || target === undefined) return undefined;
  if (type === "bind" && !source.startsWith("/")) return undefined;
  const text = [source, target, ...(options.length > 0 ? [options.join(",")] : [])].join(":");
  return isVolume(text) ? text : undefined;
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const end = text.indexOf(separator);
  return end === -1 ? [text, undefined] : [text.slice(0, end), text.slice(end + separator.length)];
}

function separate(texts: readonly string[], accept: (text: string) => boolean) {
  return { kept: texts.filter(accept), left: texts.filter((text) => !accept(text)) };
}

/** Rootless podman 4 lists these among the dropped ones of every container. */
const NEVER_HAD: ReadonlySet<string> = new Set(["CAP_AUDIT_WRITE", "CAP_MKNOD", "CAP_NET_RAW"]);

/** Folders that `--read-only` makes writable by itself. */
const WRITABLE: ReadonlySet<string> = new Set(["/dev/shm", "/run", "/tmp", "/var/tmp"]);

/** Annotations that podman writes for itself. */
const OWN_ANNOTATION =
  /^(?:io\.(?:podman|container|kubernetes)|org\.(?:opencontainers|systemd|criu))\./;

/**
 * Everything in which a container differs from podman's defaults and that a definition cannot say, by
 * the option that asks for it. The image may have asked for some of it as well.
 */
function deviations(inspect: Inspect): Leftover[] {
  const found: Leftover[] = [];
  const add = (option: string, ...values: readonly string[]): void => {
    for (const value of values) found.push({ option, value });
  };
  /** A setting whose default is one of a few values, besides being empty. */
  const setting = (option: string, path: readonly string[], ...defaults: unknown[]): void => {
    const value = at(inspect, ...path);
    if (defaults.includes(value) || value === "") return;
    if (value === true) add(option, "");
    else if (typeof value === "string" || typeof value === "number") add(option, String(value));
  };
  const host = (...path: string[]): string[] => ["HostConfig", ...path];
  const config = (...path: string[]): string[] => ["Config", ...path];

  for (const [key, value] of textEntries(inspect, ...config("Annotations"))) {
    if (!OWN_ANNOTATION.test(key)) add("annotation", `${key}=${value}`);
  }
  setting("blkio-weight", host("BlkioWeight"), 0);
  add("cap-add", ...textsAt(inspect, ...host("CapAdd")));
  add("cap-drop", ...textsAt(inspect, ...host("CapDrop")).filter((name) => !NEVER_HAD.has(name)));
  setting("cgroup-parent", host("CgroupParent"));
  setting("cpu-shares", host("CpuShares"), 0);
  const cpus = at(inspect, ...host("NanoCpus"));
  if (typeof cpus === "number" && cpus > 0) add("cpus", String(cpus / 1e9));
  setting("cpuset-cpus", host("CpusetCpus"));
  setting("cpuset-mems", host("CpusetMems"));
  for (const device of listAt(inspect, ...host("Devices"))) {
    add("device", [textAt(device, "PathOnHost"), textAt(device, "PathInContainer")].join(":"));
  }
  add("dns", ...textsAt(inspect, ...host("Dns")).filter((address) => address !== HOST_RESOLVER));
  add("dns-option", ...textsAt(inspect, ...host("DnsOptions")));
  add("dns-search", ...textsAt(inspect, ...host("DnsSearch")));
  const entrypoint = at(inspect, ...config("Entrypoint"));
  if (Array.isArray(entrypoint)) add("entrypoint", JSON.stringify(entrypoint));
  else setting("entrypoint", config("Entrypoint"));
  add("add-host", ...textsAt(inspect, ...host("ExtraHosts")));
  add("group-add", ...textsAt(inspect, ...host("GroupAdd")));
  const test = textsAt(inspect, ...config("Healthcheck", "Test"));
  if (test.length > 0 && test[0] !== "NONE") add("health-cmd", JSON.stringify(test));
  const id = textAt(inspect, "Id") ?? "";
  const inPod = textAt(inspect, "Pod") !== undefined;
  const hostname = textAt(inspect, ...config("Hostname"));
  const network = textAt(inspect, ...host("NetworkMode"));
  if (hostname !== undefined && !id.startsWith(hostname) && !inPod && network !== "host") {
    add("hostname", hostname);
  }
  if (at(inspect, ...host("Init")) === true) add("init", "");
  setting("interactive", config("OpenStdin"));
  if (!inPod) setting("ipc", host("IpcMode"), "shareable", "private");
  for (const [key, value] of textEntries(inspect, ...config("Labels"))) {
    if (key !== UNIT_LABEL) add("label", `${key}=${value}`);
  }
  setting("memory", host("Memory"), 0);
  setting("memory-reservation", host("MemoryReservation"), 0);
  for (const [name, settings] of entriesAt(inspect, "NetworkSettings", "Networks")) {
    for (const alias of textsAt(settings, "Aliases")) {
      // podman adds the beginning of the container's or its pod's id.
      if (!/^[0-9a-f]{12}$/.test(alias)) add("network-alias", `${name}: ${alias}`);
    }
  }
  setting("oom-score-adj", host("OomScoreAdj"), 0);
  if (!inPod) setting("pid", host("PidMode"), "private");
  setting("pids-limit", host("PidsLimit"), 0, 2048, -1);
  setting("pod", ["Pod"]);
  setting("privileged", host("Privileged"));
  setting("publish-all", host("PublishAllPorts"));
  setting("read-only", host("ReadonlyRootfs"));
  for (const secret of listAt(inspect, ...config("Secrets"))) {
    add("secret", textAt(secret, "Name") ?? "");
  }
  add("security-opt", ...textsAt(inspect, ...host("SecurityOpt")));
  setting("shm-size", host("ShmSize"), 65536000, 0);
  setting("stop-signal", config("StopSignal"), 15, "SIGTERM");
  setting("stop-timeout", config("StopTimeout"), 10);
  setting("timeout", config("Timeout"), 0);
  const readOnly = at(inspect, ...host("ReadonlyRootfs")) === true;
  for (const [target] of entriesAt(inspect, ...host("Tmpfs"))) {
    if (!readOnly || !WRITABLE.has(target)) add("tmpfs", target);
  }
  setting("tty", config("Tty"));
  setting("tz", config("Timezone"));
  for (const limit of listAt(inspect, ...host("Ulimits"))) {
    const [name, soft, hard] = ["Name", "Soft", "Hard"].map((key) => String(at(limit, key)));
    // The limits of whoever ran podman are there as well: of these two, and both values equal.
    if (soft === hard && /^RLIMIT_(?:NOFILE|NPROC)$/.test(name ?? "")) continue;
    add("ulimit", `${name?.replace(/^RLIMIT_/, "").toLowerCase()}=${soft}:${hard}`);
  }
  setting("umask", config("Umask"), "0022");
  setting("userns", host("UsernsMode"));
  if (!inPod) setting("uts", host("UTSMode"), "private");
  add("volumes-from", ...textsAt(inspect, ...host("VolumesFrom")));
  setting("workdir", config("WorkingDir"), "/");
  return found;
}
