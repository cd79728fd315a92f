/** The data of containers as `podman inspect` prints it: podman 4.3 to 6.1, whose forms differ. */
import { canonicalIp } from "./address.ts";
import type { Attachment } from "./attachment.ts";
import { at, entriesAt, isTable, listAt, textAt, textsAt } from "../text/json.ts";

/** One element of what `podman inspect` prints. */
export type Inspect = Readonly<Record<string, unknown>>;

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

/** What a container is on a network, as far as the data says it; undefined where it says nothing. */
export function attachmentOf(inspect: Inspect, network: string): Attachment | undefined {
  const found = at(inspect, "NetworkSettings", "Networks", network);
  // Facts of old have the networks' names only.
  if (at(found, "Aliases") === undefined) return undefined;
  const ip6 = textAt(found, "GlobalIPv6Address");
  return {
    network,
    // podman adds the beginning of the container's or its pod's id.
    aliases: textsAt(found, "Aliases").filter((alias) => !/^[0-9a-f]{12}$/.test(alias)),
    ip: textAt(found, "IPAddress"),
    ip6: ip6 === undefined ? undefined : canonicalIp(ip6),
    mac: textAt(found, "MacAddress"),
    interface: undefined,
  };
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

/** A binding as a definition has it. */
export function portText({ address, host, container, protocol }: Binding): string {
  const where = address === "" ? "" : address.includes(":") ? `[${address}]:` : `${address}:`;
  return `${where}${host}:${container}${protocol === "tcp" ? "" : `/${protocol}`}`;
}
