/**
 * In what a container differs from its definition. Only what changes what it is counts: how it was
 * started, by a unit, by recover.sh or by hand, does not, and neither does what the image may have
 * brought along.
 */
import { canonicalIp, ipVersion } from "../fleet/address.ts";
import type { ContainerSpec } from "../fleet/container.ts";
import { environmentDigest } from "../fleet/environment.ts";
import { compareText, type Path } from "../fleet/finding.ts";
import { sameImage } from "../fleet/image.ts";
import { textAt, textsAt } from "../fleet/json.ts";
import {
  type Binding,
  bindingsOf,
  DEFAULT_NETWORKS,
  imageOf,
  type Inspect,
  mountsOf,
  networksOf,
} from "../fleet/observed.ts";
import { normalisePath } from "../fleet/path.ts";
import { parsePublishedPort } from "../fleet/port.ts";

/** One thing that is not as it was defined. */
export interface Difference {
  /** The key of the definition. */
  readonly key: "image" | "network" | "user" | "ports" | "volumes" | "env" | "cmd";
  /** What the container has: completes "mcr-api …", e.g. "runs image x". */
  readonly text: string;
  /** Where the container's data says so. */
  readonly path: Path;
}

/**
 * Compares a container with what its definition asks for.
 * @param envKind how the values of its environment were collected.
 */
export function differences(
  spec: ContainerSpec,
  inspect: Inspect,
  envKind: "digest" | "plain",
): Difference[] {
  return [
    ...imageDifference(spec, inspect),
    ...networkDifference(spec, inspect),
    ...userDifference(spec, inspect),
    ...portDifferences(spec, inspect),
    ...volumeDifferences(spec, inspect),
    ...variableDifferences(spec, inspect, envKind),
    ...commandDifference(spec, inspect),
  ];
}

function imageDifference({ image }: ContainerSpec, inspect: Inspect): Difference[] {
  const actual = imageOf(inspect);
  if (actual === "" || sameImage(image, actual)) return [];
  return [{ key: "image", text: `has image ${actual}`, path: ["ImageName"] }];
}

function networkDifference({ network = "private" }: ContainerSpec, inspect: Inspect): Difference[] {
  const actual = networksOf(inspect);
  if (actual === undefined) return [];
  // podman's default network has two names.
  const expected = network === "bridge" ? "podman" : network;
  const same =
    actual.length === 1 &&
    (actual[0] === expected || (expected === "private" && DEFAULT_NETWORKS.has(actual[0] ?? "")));
  if (same) return [];
  const text = actual.length === 0 ? "is in no network" : `is in network ${actual.join(" and ")}`;
  return [{ key: "network", text, path: ["HostConfig", "NetworkMode"] }];
}

function userDifference({ user }: ContainerSpec, inspect: Inspect): Difference[] {
  const actual = textAt(inspect, "Config", "User");
  // Without one in the definition it is the image's, which is not known here.
  if (user === undefined || actual === user) return [];
  const text = actual === undefined ? "runs as no user of its own" : `runs as user ${actual}`;
  return [{ key: "user", text, path: ["Config", "User"] }];
}

function portDifferences({ ports, network }: ContainerSpec, inspect: Inspect): Difference[] {
  // Under these networks podman publishes nothing, whatever was asked for.
  if (network === "host" || network === "none") return [];
  const actual = bindingsOf(inspect);
  // Nearly always both say the same in the same words, and nothing has to be taken apart.
  const texts = new Set(actual.map(bindingText));
  const asWritten = (port: string): boolean => texts.has(port.includes("/") ? port : `${port}/tcp`);
  if (ports.length === actual.length && texts.size === actual.length && ports.every(asWritten))
    return [];
  const expected = ports.flatMap(expand);
  const path = ["HostConfig", "PortBindings"];
  return [
    ...expected
      .filter((wanted) => !actual.some((binding) => isSamePort(wanted, binding)))
      .map((wanted) => ({ text: `does not publish ${portText(wanted)}` })),
    ...actual
      .filter((binding) => !expected.some((wanted) => isSamePort(wanted, binding)))
      .map((binding) => ({ text: `publishes ${portText(binding)}` })),
  ].map(({ text }) => ({ key: "ports", text, path }));
}

function bindingText({ address, host, container, protocol }: Binding): string {
  return `${address}:${host}:${container}/${protocol}`;
}

/** A published port of a definition; podman may choose the host's. */
type Wanted = Omit<Binding, "host"> & { readonly host: number | undefined };

function expand(text: string): Wanted[] {
  const port = parsePublishedPort(text);
  if (typeof port === "string") return [];
  const { address, host, container, protocol } = port;
  return Array.from({ length: container.last - container.first + 1 }, (_, offset) => ({
    address: address === "0.0.0.0" ? "" : address,
    host: host === undefined ? undefined : host.first + offset,
    container: container.first + offset,
    protocol,
  }));
}

function isSamePort(wanted: Wanted, actual: Binding): boolean {
  return (
    wanted.protocol === actual.protocol &&
    wanted.container === actual.container &&
    (wanted.host === undefined || wanted.host === actual.host) &&
    wanted.address === canonicalIp(actual.address)
  );
}

function portText({ address, host, container, protocol }: Wanted): string {
  const where = address === "" ? "" : ipVersion(address) === 6 ? `[${address}]:` : `${address}:`;
  return `${where}${host === undefined ? "" : `${host}:`}${container}/${protocol}`;
}

function volumeDifferences({ volumes }: ContainerSpec, inspect: Inspect): Difference[] {
  const path = ["Mounts"];
  const actual = new Map(mountsOf(inspect).map((mount) => [normalisePath(mount.target), mount]));
  const found: Difference[] = [];
  for (const volume of volumes) {
    const [source = "", target = "", options = ""] = volume.split(":");
    const place = normalisePath(target);
    const mount = actual.get(place);
    actual.delete(place);
    const flags = options.split(",");
    const add = (text: string): void => void found.push({ key: "volumes", text, path });
    if (mount === undefined) add(`does not mount ${target}`);
    // With an overlay podman shows a folder of its own as the source.
    else if (!flags.includes("O") && plainSource(mount.source) !== plainSource(source)) {
      add(`mounts ${mount.source} at ${target}`);
    } else if (!flags.includes("O") && mount.readOnly !== flags.includes("ro")) {
      add(`mounts ${target} ${mount.readOnly ? "read-only" : "writable"}`);
    }
  }
  for (const { source, target, anonymous } of actual.values()) {
    if (!anonymous) found.push({ key: "volumes", text: `mounts ${source} at ${target}`, path });
  }
  return found;
}

function plainSource(source: string): string {
  return source.startsWith("/") ? normalisePath(source) : source;
}

function variableDifferences(
  { env }: ContainerSpec,
  inspect: Inspect,
  kind: "digest" | "plain",
): Difference[] {
  // Of the values nothing is said: they may be secrets.
  const all = textsAt(inspect, "Config", "Env");
  const actual = new Set(all);
  const others = Object.entries(env).filter(([name, value]) => {
    const variable = `${name}=${value}`;
    return !actual.has(kind === "digest" ? environmentDigest(variable) : variable);
  });
  if (others.length === 0) return [];
  const names = new Set(all.map((variable) => variable.split("=")[0]));
  const path = ["Config", "Env"];
  return others
    .sort(([a], [b]) => compareText(a, b))
    .map(([name]): Difference => {
      const text = names.has(name)
        ? `has another value of the variable ${name}`
        : `lacks the variable ${name}`;
      return { key: "env", text, path };
    });
}

function commandDifference({ cmd }: ContainerSpec, inspect: Inspect): Difference[] {
  const actual = textsAt(inspect, "Config", "Cmd");
  // Without one in the definition it is the image's, which is not known here.
  if (cmd.length === 0 || cmd.join("\0") === actual.join("\0")) return [];
  const text = actual.length === 0 ? "runs without arguments" : `runs ${JSON.stringify(actual)}`;
  return [{ key: "cmd", text, path: ["Config", "Cmd"] }];
}
