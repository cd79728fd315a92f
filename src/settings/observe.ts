/**
 * Containers as podman has them: what a definition can say of one, and what it cannot. Read from
 * `podman inspect` of podman 4.3 to 6.1, whose forms differ; test/fixtures/inspect/ has both.
 *
 * The command line that made a container says best what was asked for: it alone tells the image's
 * own variables, command and user from given ones. Without it (podman-kube-play(1), or facts, which
 * leave it out for the secrets in it) the data itself is read.
 */
import { isAccepted } from "./compose-service.ts";
import { DEFAULT_NETWORKS, HOST_RESOLVER, sharedContainer } from "../podman/network.ts";
import { splitVariable } from "../podman/variable.ts";
import { sameImage } from "../podman/image.ts";
import { at, listAt, textAt, textsAt } from "../text/json.ts";
import { parsePublishedPort } from "../podman/port.ts";
import { parseRunCommand, type RunCommand } from "../podman/run-command.ts";
import { attachmentText, parseAttachment, plainAttachment } from "../podman/attachment.ts";
import {
  attachmentOf,
  bindingsOf,
  environmentOf,
  imageOf,
  type Inspect,
  type Mount,
  mountsOf,
  nameOf,
  networksOf,
  portText,
} from "../podman/inspect.ts";
import { settings } from "./index.ts";
import { isNone, type Key, type Leftover, type Words } from "./setting.ts";
import { wordsOf } from "./words.ts";

/** A container as podman has it, in the terms of a definition. */
export interface ObservedContainer {
  readonly name: string;
  readonly image: string;
  /**
   * What definitions say with network: a network without options, or a mode; of container:… the container's name or its
   * id, as podman was told. Undefined: podman's own choice.
   */
  readonly network: string | undefined;
  /** Else several networks, or one with options, as podman takes them. */
  readonly networks: readonly string[];
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
  /** Resolvers of its own. */
  readonly dns: readonly string[];
  /** What the settings read. */
  readonly words: Words;
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
  const joined = (networksOf(inspect) ?? [])
    .filter((name) => !DEFAULT_NETWORKS.has(name))
    .map((name) => attachmentSeen(inspect, name));
  // Of a pod, or of a namespace that podman did not make.
  const inPod = textAt(inspect, "Pod") !== undefined;
  const strangeNetwork = joined.find(
    (name) => name.startsWith("ns:") || (inPod && sharedContainer(name) !== undefined),
  );
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
    ...networksIn(strangeNetwork === undefined ? joined : []),
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
      ...(strangeNetwork !== undefined && !inPod
        ? [{ option: "network", value: strangeNetwork }]
        : []),
      ...deviations(inspect),
    ],
    dns: textsAt(inspect, "HostConfig", "Dns").filter((address) => address !== HOST_RESOLVER),
    words: wordsFromData(inspect),
    exact: false,
  };
}

/** A network of a container as podman took it, with the names in it; addresses may be of podman's choice. */
function attachmentSeen(inspect: Inspect, network: string): string {
  const { aliases = [] } = attachmentOf(inspect, network) ?? {};
  const own = nameOf(inspect);
  const others = aliases.filter((alias) => alias !== own);
  return attachmentText({ ...plainAttachment(network), aliases: others });
}

/** Whether a definition can have it: a mode, or a network with options that are known. */
function isNetwork(text: string): boolean {
  const shared = sharedContainer(text);
  if (shared !== undefined) return /^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(shared);
  const attachment = parseAttachment(text);
  return typeof attachment !== "string" && /^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(attachment.network);
}

function isWithoutOptions(network: string): boolean {
  return !network.includes(":") || sharedContainer(network) !== undefined;
}

/** Networks by the keys that definitions have for them. */
function networksIn(networks: readonly string[]): Pick<ObservedContainer, "network" | "networks"> {
  const [only, ...more] = networks;
  return only !== undefined && more.length === 0 && isWithoutOptions(only)
    ? { network: only, networks: [] }
    : { network: undefined, networks };
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

/** What podman-update(1) changes after the command line was written down, and no setting reads. */
const UPDATABLE: ReadonlySet<string> = new Set(["blkio-weight", "cpuset-cpus", "cpuset-mems"]);

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
  const dns: string[] = [];
  const leftovers: Leftover[] = [];
  const networks: string[] = [];
  const everywhere: string[] = [];
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
      case "network":
        keep(networks, isNetwork(value) ? value : undefined);
        break;
      // What these say holds in all networks.
      case "network-alias":
        everywhere.push(`alias=${value}`);
        break;
      case "ip":
      case "ip6":
        everywhere.push(`${option}=${value}`);
        break;
      case "mac-address":
        everywhere.push(`mac=${value}`);
        break;
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
        if (value !== HOST_RESOLVER) keep(dns, isAccepted("dns", [value]) ? value : undefined);
        break;
      default:
        if (!WITHOUT_EFFECT.has(option) && !READ_BY_SETTINGS.has(option)) {
          leftovers.push({ option, value });
        }
    }
  }
  const words = wordsFromCommand({ options, image, args }, inspect, (option, value) => {
    leftovers.push({ option, value });
  });
  const joined = networks.map((network) =>
    everywhere.length === 0
      ? network
      : `${network}${network.includes(":") ? "," : ":"}${everywhere.join(",")}`,
  );
  const known = joined.every(isNetwork);
  if (!known || joined.length === 0) {
    for (const value of everywhere) leftovers.push({ option: "network", value });
  }
  const updated = deviations(inspect).filter(
    ({ option }) => UPDATABLE.has(option) && !given.has(option),
  );
  return {
    name: nameOf(inspect),
    // An image that was named by its id, or without its registry, is written as what it was found as.
    image: imageOf(inspect) === "" ? image : imageOf(inspect),
    ...networksIn(known ? joined : networks),
    user,
    restart: restartOf(inspect),
    pull,
    ports,
    volumes,
    cmd: args,
    env,
    envFiles,
    dns,
    words,
    leftovers: [...leftovers, ...updated],
    exact: true,
  };
}

/** The options that settings read. */
const READ_BY_SETTINGS: ReadonlySet<string> = new Set(
  Object.values(settings).flatMap(({ command }): readonly string[] =>
    isNone(command) ? [] : command.options,
  ),
);

/** What podman-update(1) changes after the command line was written down, so that the data is read. */
const UPDATED_WORDS: ReadonlySet<string> = new Set<Key>([
  "cpu_shares",
  "cpus",
  "memory",
  "memory_reservation",
]);

/** The settings that a command line says, and that a definition can say as well. */
function wordsFromCommand(
  { options }: RunCommand,
  inspect: Inspect,
  leave: (option: string, value: string) => void,
): Words {
  return wordsOf((key) => {
    const { command, inspect: face } = settings[key];
    if (isNone(command)) return undefined;
    const given = options.filter(({ name }) => command.options.includes(name));
    if (UPDATED_WORDS.has(key) && !isNone(face)) return face.observe(inspect);
    if (given.length === 0) return undefined;
    const value = command.read(given, inspect, leave);
    if (value === undefined || isAccepted(key, value)) return value;
    for (const { name, value: text = "" } of given) leave(name, text);
    return undefined;
  });
}

/** The settings that the data shows; some of them may be the image's. */
function wordsFromData(inspect: Inspect): Words {
  const inPod = textAt(inspect, "Pod") !== undefined;
  return wordsOf((key) => {
    // A pod's containers share its namespaces.
    if (inPod && (key === "pid" || key === "ipc" || key === "userns")) return undefined;
    const { inspect: face } = settings[key];
    const value = isNone(face) ? undefined : face.observe(inspect);
    return value !== undefined && isAccepted(key, value) ? value : undefined;
  });
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

  setting("blkio-weight", host("BlkioWeight"), 0);
  setting("cpuset-cpus", host("CpusetCpus"));
  setting("cpuset-mems", host("CpusetMems"));
  const inPod = textAt(inspect, "Pod") !== undefined;
  setting("oom-score-adj", host("OomScoreAdj"), 0);
  setting("pod", ["Pod"]);
  setting("publish-all", host("PublishAllPorts"));
  for (const secret of listAt(inspect, ...config("Secrets"))) {
    add("secret", textAt(secret, "Name") ?? "");
  }
  setting("timeout", config("Timeout"), 0);
  setting("umask", config("Umask"), "0022");
  if (!inPod) setting("uts", host("UTSMode"), "private");
  add("volumes-from", ...textsAt(inspect, ...host("VolumesFrom")));
  return found;
}
