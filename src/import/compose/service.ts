/** One service of a Compose file as a component: what is carried over, and a note of all that is not. */
import type { Path } from "../../document/place.ts";
import { canonicalIp, ipVersion } from "../../podman/address.ts";
import { type Attachment, attachmentText, parseAttachment } from "../../podman/attachment.ts";
import { registryOf } from "../../podman/image.ts";
import { at, entriesAt, isTable, listAt, textAt } from "../../text/json.ts";
import { parsePublishedPort } from "../../podman/port.ts";
import type { ImportedComponent } from "../service-text.ts";
import {
  complain,
  type ComposeNames,
  type ComposeProject,
  type ComposeService,
  hostPath,
  inShort,
  inWords,
  isAccepted,
  isExtension,
  isNothing,
  isTrue,
  note,
  noteEach,
  oneOrMore,
  pathText,
  resourceName,
  texts,
} from "../../settings/compose-service.ts";
import { composeKeys, composeWords } from "../../settings/compose.ts";
import { shellWords } from "../../text/shell-words.ts";

/** The keys that are read here; all others are not carried over. */
const KNOWN_KEYS: ReadonlySet<string> = new Set([
  "image",
  "build",
  "container_name",
  "command",
  "environment",
  "env_file",
  "ports",
  "volumes",
  "secrets",
  "configs",
  "networks",
  "network_mode",
  "links",
  "mac_address",
  "user",
  "restart",
  "deploy.restart_policy",
  "depends_on",
  "pull_policy",
  "dns",
  // Said of the whole file.
  "profiles",
  ...composeKeys,
]);

/** What changes nothing where docker compose runs one container on one host, and podman does. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  // Ports are reached on a network whether they are exposed or not.
  "expose",
  // Of the terminal of who runs compose, and of its development mode.
  ...["attach", "develop"],
  // Of a swarm.
  ...["endpoint_mode", "labels", "mode", "placement", "rollback_config", "update_config"].map(
    (key) => `deploy.${key}`,
  ),
  "deploy.resources.reservations.cpus",
]);

/** Reads a service. What is wrong is said by the project's `complain`. */
export function readService(
  project: ComposeProject,
  key: string,
  names: ComposeNames,
): ImportedComponent {
  const path: Path = ["services", key];
  const definition = at(project.value, "services", key);
  const remark = (text: string): void => {
    project.remark(`${key}: ${text}`);
  };
  const subject: ComposeService = { project, definition, path, names, notes: [], remark };
  const component = {
    name: names.component,
    image: imageOf(subject),
    ...networksOf(subject),
    user: textAt(definition, "user"),
    restart: restartOf(definition),
    ports: portsOf(subject),
    volumes: [
      ...volumesOf(subject),
      ...filesOf(subject, "secrets"),
      ...filesOf(subject, "configs"),
    ],
    cmd: commandOf(subject),
    env: environmentOf(subject),
    env_files: envFilesOf(subject),
    depends_on: dependenciesOf(subject),
    pull: pullOf(subject),
    dns: oneOrMore(at(definition, "dns")),
    words: composeWords(subject),
  };
  noteContainerName(subject);
  noteOtherKeys(subject);
  for (const [key, from] of CHECKED_KEYS) {
    if (component[key] === undefined || isAccepted(key, component[key])) continue;
    complain(
      subject,
      [from],
      "is of a form that no definition can have",
      "Write it in another way.",
    );
  }
  return { ...component, notes: subject.notes };
}

/** The keys of a component, each with that of Compose which it is made of. */
const CHECKED_KEYS = [
  ["image", "image"],
  ["network", "networks"],
  ["networks", "networks"],
  ["user", "user"],
  ["restart", "restart"],
  ["ports", "ports"],
  ["volumes", "volumes"],
  ["cmd", "command"],
  ["env", "environment"],
  ["env_files", "env_file"],
  ["dns", "dns"],
] as const;

/** What docker compose has the container restarted by; without restart it is the policy of deploy. */
function restartOf(definition: unknown): string {
  const policy = at(definition, "deploy", "restart_policy");
  const given = textAt(definition, "restart");
  if (given !== undefined || !isTable(policy)) return given ?? "no";
  const { condition = "any", max_attempts: attempts } = policy;
  if (condition === "none") return "no";
  if (condition !== "on-failure") return "always";
  return attempts === undefined ? "on-failure" : `on-failure:${inWords(attempts)}`;
}

/** In Compose, a name without registry is one of Docker Hub; podman might ask other registries. */
function imageOf(subject: ComposeService): string {
  const image = textAt(subject.definition, "image");
  const isBuilt = at(subject.definition, "build") !== undefined;
  if (image === undefined) {
    complain(
      subject,
      isBuilt ? ["build"] : [],
      isBuilt ? "has no image beside it" : "has no image",
      isBuilt
        ? "Nixgen builds no images: build it, push it to a registry, and name it with image."
        : "Add image.",
    );
    return "image";
  }
  if (isBuilt) {
    subject.remark(
      `build is left to you: build ${image} and push it to where the host can pull it`,
    );
    return image;
  }
  if (registryOf(image) !== undefined) return image;
  return image.includes("/") ? `docker.io/${image}` : `docker.io/library/${image}`;
}

function commandOf(subject: ComposeService): string[] {
  const command = at(subject.definition, "command");
  const text = typeof command === "string" ? command : undefined;
  const words = text === undefined ? texts(command) : shellWords(text);
  if (typeof words === "string") {
    complain(
      subject,
      ["command"],
      `cannot be taken apart: ${words}`,
      'Write a list of words, like ["sh", "-c", "…"], and quote what is meant as it is.',
    );
    return [];
  }
  if (words.length === 0 && command !== undefined && command !== null) {
    note(subject, ["command"], command, "without arguments, those of the image are used");
  }
  return words;
}

/** KEY=VALUE; of a variable without value, that of the files of variables. */
function environmentOf(subject: ComposeService): string[] {
  const entries = variablesOf(subject, at(subject.definition, "environment"));
  return entries.flatMap(([name, given]) => {
    const value = given ?? subject.project.variables.get(name);
    const path = ["environment", name];
    if (value === undefined) {
      note(subject, path, null, "its value comes from the environment of whoever runs compose");
      return [];
    }
    if (isAccepted("env", [`${name}=${value}`])) return [`${name}=${value}`];
    note(subject, path, value, "no definition can have a variable of this name");
    return [];
  });
}

function variablesOf(
  subject: ComposeService,
  environment: unknown,
): [string, string | undefined][] {
  if (Array.isArray(environment)) {
    return texts(environment).map((text) => {
      const end = text.indexOf("=");
      return end === -1 ? [text, undefined] : [text.slice(0, end), text.slice(end + 1)];
    });
  }
  return entriesAt(environment).map(([name, value]) => {
    if (value === null) return [name, undefined];
    if (typeof value === "string") return [name, value];
    if (typeof value !== "number") return [name, inShort(value)];
    const written = subject.project.written([...subject.path, "environment", name]);
    if (written !== String(value)) {
      subject.remark(
        `environment.${name} is the number ${written} without quotes, which compose may pass on in another form`,
      );
    }
    return [name, written];
  });
}

function envFilesOf(subject: ComposeService): string[] {
  const given = at(subject.definition, "env_file");
  const list: readonly unknown[] = Array.isArray(given)
    ? given
    : given === undefined
      ? []
      : [given];
  return list.flatMap((entry, index) => {
    const path = ["env_file", ...(Array.isArray(given) ? [index] : [])];
    const file = typeof entry === "string" ? entry : textAt(entry, "path");
    if (file === undefined) return [];
    const { required } = isTable(entry) ? entry : {};
    // podman wants every file to be there; Compose leaves out what is not.
    if ((required === false || required === "false") && !subject.project.isThere(file)) {
      subject.remark(`${file} is no file here, and may be missing: it is left out`);
      return [];
    }
    const found = hostPath(subject, path, file);
    if (found === undefined) return [];
    subject.project.remark(
      `${found} is read by podman: quotes in it are part of the values, and variables stay as they are`,
    );
    return [found];
  });
}

function portsOf(subject: ComposeService): string[] {
  return listAt(subject.definition, "ports").flatMap((entry, index) => {
    const path = ["ports", index];
    const written = isTable(entry) ? longPort(subject, path, entry) : String(entry);
    // An empty address is none.
    const text = written.replace(/^:(?=[0-9-]*:)/, "");
    const port = parsePublishedPort(text);
    if (typeof port !== "string") return [text];
    if (/(?:^|:)[0-9]+-[0-9]+:[0-9]+(?:\/[a-z]+)?$/.test(text)) {
      note(subject, path, entry, "compose chooses one port of the range; choose one yourself");
    } else
      complain(
        subject,
        path,
        `is ${inShort(text)}: ${port}`,
        "Write it as the Compose specification has it.",
      );
    return [];
  });
}

function longPort(
  subject: ComposeService,
  path: Path,
  entry: Readonly<Record<string, unknown>>,
): string {
  const { target, published, host_ip: address, protocol, ...others } = entry;
  // Without a swarm, both modes publish the port on the host.
  noteEach(subject, path, others, new Set(["mode"]));
  const ip = typeof address === "string" && address !== "" ? address : undefined;
  const host = ip !== undefined && ipVersion(ip) === 6 ? `[${canonicalIp(ip)}]` : ip;
  const ports = [host, published ?? (host === undefined ? undefined : ""), target ?? ""];
  const suffix = protocol === undefined || protocol === "tcp" ? "" : `/${inWords(protocol)}`;
  return `${ports.flatMap((part) => (part === undefined ? [] : [inWords(part)])).join(":")}${suffix}`;
}

/** Options of volumes that podman has as well (podman-run(1), --volume). */
const VOLUME_OPTIONS =
  /^(?:ro|rw|z|Z|U|copy|nocopy|exec|noexec|dev|nodev|suid|nosuid|r?(?:shared|slave|private))$/;

function volumesOf(subject: ComposeService): string[] {
  return listAt(subject.definition, "volumes").flatMap((entry, index) => {
    const path = ["volumes", index];
    const volume = isTable(entry) ? longVolume(subject, path, entry) : shortVolume(String(entry));
    if (volume === undefined) return [];
    const { source, target, options } = volume;
    if (source === undefined || source === "") {
      note(subject, path, entry, "an anonymous volume: give it a name");
      return [];
    }
    const from = volumeSource(subject, path, source);
    if (from === undefined) return [];
    if (!target.startsWith("/") || [from, target].some((part) => /[:\n]/.test(part))) {
      complain(
        subject,
        path,
        `is ${inShort(entry)}: its paths cannot be those of a volume`,
        "Write SOURCE:TARGET[:OPTIONS] with an absolute TARGET; paths have no colons.",
      );
      return [];
    }
    const known = options.filter((option) => VOLUME_OPTIONS.test(option));
    const others = options.filter((option) => !VOLUME_OPTIONS.test(option));
    if (others.length > 0) note(subject, path, others, "podman has no such option");
    return [[from, target, ...(known.length === 0 ? [] : [known.join(",")])].join(":")];
  });
}

/** Where docker compose mounts what no target is said for. */
const FILE_FOLDERS = { secrets: "/run/secrets", configs: "" } as const;

/**
 * Secrets and configs that are files: docker compose mounts them read-only, with the owner and mode that they have on the
 * host, whatever the service says.
 */
function filesOf(subject: ComposeService, kind: keyof typeof FILE_FOLDERS): string[] {
  return listAt(subject.definition, kind).flatMap((entry, index) => {
    const path = [kind, index];
    const key = typeof entry === "string" ? entry : (textAt(entry, "source") ?? "");
    const definition = at(subject.project.value, kind, key);
    if (definition === undefined) {
      const what = `names ${JSON.stringify(key)}, which the file does not define`;
      complain(subject, path, what, `Add it below ${kind} at the top of the file.`);
      return [];
    }
    const file = textAt(definition, "file");
    if (file === undefined) {
      note(subject, path, key, "it is no file; write one on the host, and mount it");
      return [];
    }
    const source = hostPath(subject, path, file);
    const target = textAt(entry, "target") ?? key;
    const whole = target.startsWith("/") ? target : `${FILE_FOLDERS[kind]}/${target}`;
    if (source === undefined) return [];
    if ([source, whole].every((part) => !/[:\n]/.test(part))) return [`${source}:${whole}:ro`];
    note(subject, path, entry, "no volume can have such a path");
    return [];
  });
}

interface Mount {
  readonly source: string | undefined;
  readonly target: string;
  readonly options: readonly string[];
}

function shortVolume(text: string): Mount {
  const [source = "", target, ...options] = text.split(":");
  if (target === undefined) return { source: undefined, target: source, options: [] };
  return {
    source,
    target,
    options: options
      .join(":")
      .split(",")
      .filter((option) => option !== ""),
  };
}

/** What is written in full; undefined where it is no volume for podman. */
function longVolume(
  subject: ComposeService,
  path: Path,
  entry: Readonly<Record<string, unknown>>,
): Mount | undefined {
  const { type, source, target, read_only: readOnly, bind, volume, ...others } = entry;
  if ((type !== "bind" && type !== "volume") || typeof target !== "string") {
    note(subject, path, entry);
    return undefined;
  }
  noteEach(subject, path, others, new Set(["consistency"]));
  // Compose makes the folder where this is so, and podman never does.
  noteEach(
    subject,
    [...path, "bind"],
    bind,
    new Set(["propagation", "selinux", "create_host_path"]),
  );
  noteEach(subject, [...path, "volume"], volume, new Set(["nocopy"]));
  const options = [
    isTrue(readOnly) ? "ro" : undefined,
    textAt(bind, "propagation"),
    textAt(bind, "selinux"),
    isTrue(at(volume, "nocopy")) ? "nocopy" : undefined,
  ].filter((option) => option !== undefined);
  const from = typeof source === "string" ? source : undefined;
  // A bind's source is a path even where it does not look like one.
  const isBare = type === "bind" && from !== undefined && !/^[./~]/.test(from);
  return { source: isBare ? `./${from}` : from, target, options };
}

/** An absolute path, or a volume's name as Compose has it. */
function volumeSource(subject: ComposeService, path: Path, source: string): string | undefined {
  if (/^[./~]/.test(source)) return hostPath(subject, path, source);
  const { value, name } = subject.project;
  const volumes = at(value, "volumes");
  if (!isTable(volumes) || !Object.hasOwn(volumes, source)) {
    complain(
      subject,
      path,
      `names the volume ${JSON.stringify(source)}, which the file does not define`,
      `Add it below volumes at the top of the file, or write ./${source} for a folder.`,
    );
    return undefined;
  }
  const options = at(volumes[source], "driver_opts");
  const { type, o: flags, device, ...others } = isTable(options) ? options : {};
  const isBind = type === "none" && /^r?bind$/.test(inWords(flags)) && isNothing(others);
  // A folder of the host in disguise.
  if (isBind && typeof device === "string") return hostPath(subject, path, device);
  if (isTable(options) && !isNothing(options)) noteDisk(subject, path, source, options);
  return resourceName(name, source, volumes[source]);
}

/** Notes a volume that is somewhere else than in podman's own folder: without that it would be empty. */
function noteDisk(subject: ComposeService, path: Path, volume: string, options: unknown): void {
  const what = `volumes.${volume}.driver_opts is ${inShort(options)}`;
  subject.notes.push(`${pathText(path)}: ${what} (podman would make an empty volume)`);
  if (subject.project.acceptLoss) return;
  const help = `Mount it on the host, and write the folder in place of ${volume}; or import the rest with --accept-loss.`;
  complain(subject, path, `names a volume of which ${what}: podman would make an empty one`, help);
}

/** Modes that podman knows under the same name. */
const NETWORK_MODES: ReadonlySet<unknown> = new Set(["host", "none"]);

/** The container of the project whose network service:KEY or container:NAME means. */
function containerOfMode({ containers, names }: ComposeProject, mode: string): string | undefined {
  const [kind, name = ""] = mode.split(":");
  if (kind === "service") return names.get(name)?.container;
  return kind === "container" ? containers.get(name) : undefined;
}

/** The networks of a service, by the keys that definitions have for them. */
function networksOf(subject: ComposeService): Pick<ImportedComponent, "network" | "networks"> {
  const { definition, project } = subject;
  const mode = at(definition, "network_mode");
  if (NETWORK_MODES.has(mode)) return { network: String(mode) };
  const shared = typeof mode === "string" ? containerOfMode(project, mode) : undefined;
  if (shared !== undefined) return { network: `container:${shared}` };
  if (mode !== undefined && mode !== null) {
    note(subject, ["network_mode"], mode, "the component is in podman's default network");
    return {};
  }
  const given = at(definition, "networks");
  const listed = Array.isArray(given)
    ? texts(given).map((key): [string, unknown] => [key, undefined])
    : entriesAt(given);
  const joined = (listed.length === 0 ? [["default", undefined] as const] : listed).map(
    ([key, options], index) => {
      const table = at(project.value, "networks", key);
      if (key !== "default" && table === undefined) {
        complain(
          subject,
          ["networks", Array.isArray(given) ? index : key],
          `names the network ${JSON.stringify(key)}, which the file does not define`,
          "Add it below networks at the top of the file.",
        );
      }
      const text = attachmentText(attachmentOf(subject, key, options, index === 0));
      const parsed = parseAttachment(text);
      if (typeof parsed === "string") {
        const help = "Names in it and addresses must be such as podman takes.";
        complain(subject, ["networks", key], `cannot be said: ${parsed}`, help);
      }
      return text;
    },
  );
  const [only = "", ...more] = joined;
  return more.length === 0 && !only.includes(":") ? { network: only } : { networks: joined };
}

/** What is read of a service's table for a network. */
const ATTACHMENT_KEYS = new Set([
  ...["aliases", "ipv4_address", "ipv6_address", "mac_address", "interface_name"],
  // Which of several is the way out, and the order of the interfaces: podman takes the order in which they are written.
  ...["priority", "gw_priority"],
]);

/** A network of Compose's, in which a service is found by its own key and those names that links give it as well. */
function attachmentOf(
  subject: ComposeService,
  key: string,
  options: unknown,
  isFirst: boolean,
): Attachment {
  const { definition, project, names, path } = subject;
  noteEach(subject, ["networks", key], options, ATTACHMENT_KEYS);
  const service = String(path.at(-1));
  const wanted = textAt(definition, "container_name");
  const aliases = new Set([
    service,
    ...(wanted === undefined ? [] : [wanted]),
    ...texts(at(options, "aliases")),
    ...(project.links.get(service) ?? []),
  ]);
  // podman knows it by its own name.
  aliases.delete(names.container);
  const ip6 = textAt(options, "ipv6_address");
  const mac =
    textAt(options, "mac_address") ?? (isFirst ? textAt(definition, "mac_address") : undefined);
  return {
    network: resourceName(project.name, key, at(project.value, "networks", key)),
    aliases: [...aliases],
    ip: textAt(options, "ipv4_address"),
    ip6: ip6 === undefined ? undefined : canonicalIp(ip6),
    mac: mac?.toLowerCase().replaceAll("-", ":"),
    interface: textAt(options, "interface_name"),
  };
}

function dependenciesOf(subject: ComposeService): string[] {
  const { definition, project } = subject;
  const given = at(definition, "depends_on");
  const listed: readonly [string, unknown][] = Array.isArray(given)
    ? texts(given).map((key): [string, unknown] => [key, {}])
    : entriesAt(given);
  const depends = listed.map(([key, options], index) => ({
    ...{ key, options },
    path: ["depends_on", Array.isArray(given) ? index : key] as Path,
  }));
  // Compose starts what is linked to first as well.
  const links = texts(at(definition, "links")).map((link, index) => ({
    key: link.replace(/:.*$/, ""),
    options: {},
    path: ["links", index] as Path,
  }));
  const known = new Set(listed.map(([key]) => key));
  const wanted = [...depends, ...links.filter(({ key }) => !known.has(key))];
  const found = wanted.flatMap(({ key, options, path }) => {
    const names = project.names.get(key);
    if (names === undefined) {
      // What is left out is said once.
      if (project.leftOut.has(key)) return [];
      if (at(options, "required") === false)
        note(subject, path, options, "there is no such service");
      else {
        const help = `Known are ${[...project.names.keys()].join(", ")}.`;
        complain(subject, path, `names ${JSON.stringify(key)}, which is no service`, help);
      }
      return [];
    }
    const condition = textAt(options, "condition");
    if (condition !== undefined && condition !== "service_started") {
      const why = "a dependency waits for the start only; a boot stage waits for health";
      note(subject, [...path, "condition"], condition, why);
    }
    noteEach(subject, path, options, new Set(["condition"]));
    const { service, component } = names;
    return [service === subject.names.service ? component : `${service}/${component}`];
  });
  return [...new Set(found)];
}

function pullOf(subject: ComposeService): ImportedComponent["pull"] {
  const policy = at(subject.definition, "pull_policy");
  switch (policy) {
    case "always":
    case "never":
      return policy;
    case undefined:
    case null:
    case "missing":
    case "if_not_present":
      return undefined;
    default:
      note(subject, ["pull_policy"], policy, "the image is pulled where it is missing");
      return undefined;
  }
}

function noteContainerName(subject: ComposeService): void {
  const wanted = textAt(subject.definition, "container_name");
  const { container } = subject.names;
  if (wanted === undefined || wanted === container) return;
  note(subject, ["container_name"], wanted, `the container is ${container}: names have no dots`);
}

function noteOtherKeys(subject: ComposeService): void {
  noteOthers(subject, [], subject.definition);
}

/** Notes what no setting reads; a table is looked into if settings read some of it, or if it is deploy. */
function noteOthers(subject: ComposeService, path: readonly string[], table: unknown): void {
  for (const [key, value] of entriesAt(table)) {
    const below = [...path, key];
    const name = below.join(".");
    if (KNOWN_KEYS.has(name) || WITHOUT_EFFECT.has(name)) continue;
    if (isNothing(value) || isExtension(key)) continue;
    if ((name === "scale" || name === "deploy.replicas") && inWords(value) === "1") continue;
    const inside = name === "deploy" || composeKeys.some((each) => each.startsWith(`${name}.`));
    if (inside && isTable(value)) noteOthers(subject, below, value);
    else note(subject, below, value);
  }
}
