/**
 * In what containers differ from their definitions. Only what changes what a container is counts: how it
 * was started, by a unit, by recover.sh or by hand, does not, and neither does what the image may have
 * brought along.
 */
import type { ComponentDefinition } from "../fleet/schema.ts";
import { deviationsOf, wordsIn } from "../settings/words.ts";
import type { Path } from "../document/place.ts";
import type { Attachment } from "../podman/attachment.ts";
import { DEFAULT_NETWORKS, networkName, sharedContainer } from "../podman/network.ts";
import { splitVariable } from "../podman/variable.ts";
import { compareText } from "../text/order.ts";
import { canonicalIp, ipVersion } from "../podman/address.ts";
import { containerOf, ROUTE_ADDRESS, routePortsOf } from "../plan/container.ts";
import { containerResolvers } from "../fleet/dns.ts";
import { sameImage } from "../podman/image.ts";
import { at, textAt, textsAt } from "../text/json.ts";
import {
  type Component,
  type Fleet,
  networkNamesOf,
  publishesPorts,
  servicesOn,
} from "../fleet/model.ts";
import {
  attachmentOf,
  type Binding,
  bindingsOf,
  imageOf,
  type Inspect,
  isInfra,
  type Mount,
  mountsOf,
  nameOf,
  networksOf,
  resolversOf,
  wasRunning,
} from "../podman/inspect.ts";
import { normalisePath } from "../text/path.ts";
import type { PublishedPort } from "../podman/port.ts";
import type { Facts } from "../fleet/schema.ts";

/** One thing that is not as it was defined. */
export interface Difference {
  /** The key of the definition. */
  readonly key: keyof ComponentDefinition;
  /** What the container has: completes "mcr-api …", e.g. "runs image x". */
  readonly text: string;
  /** Where the container's data says so. */
  readonly path: Path;
}

/** A running container that is not what its definition says. */
export interface Drift {
  /** Its number among the containers of the facts. */
  readonly index: number;
  readonly differences: readonly [Difference, ...Difference[]];
}

/** What facts have of variables: with their values, or only the names. Facts of old have a digest, which is not read. */
type EnvironmentKind = "digest" | "names" | "plain";

/** Compares the containers that a host has, by its facts, with the components that are to run there. */
export function driftOf(fleet: Fleet, facts: Facts): Map<Component, Drift> {
  const drift = new Map<Component, Drift>();
  const podman = facts.podman?.find(({ user }) => user === fleet.inventory.user.name);
  if (podman?.containers === undefined) return drift;
  const { containers, env } = podman;
  const named = new Map<string, number>();
  for (const [index, inspect] of containers.entries()) {
    if (!isInfra(inspect)) named.set(nameOf(inspect), index);
  }
  for (const { components } of servicesOn(fleet, facts.host)) {
    for (const component of components) {
      const index = named.get(component.container) ?? -1;
      const inspect = containers[index];
      if (inspect === undefined || !wasRunning(inspect)) continue;
      const idOf = (name: string): string | undefined =>
        textAt(containers[named.get(name) ?? -1], "Id");
      const [first, ...others] = differencesOf(fleet, component, inspect, { env, idOf });
      if (first !== undefined) drift.set(component, { index, differences: [first, ...others] });
    }
  }
  return drift;
}

/** Compares a container with what its definition asks for. */
function differencesOf(
  fleet: Fleet,
  component: Component,
  inspect: Inspect,
  { env, idOf }: { env: EnvironmentKind; idOf: (container: string) => string | undefined },
): Difference[] {
  return [
    ...imageDifference(component, inspect),
    ...networkDifferences(component, inspect, idOf),
    ...resolverDifference(fleet, component, inspect),
    ...userDifference(component, inspect),
    ...portDifferences(component, inspect),
    ...volumeDifferences(component, inspect),
    ...variableDifferences(fleet, component, inspect, env),
    ...commandDifference(component, inspect),
    ...deviationsOf(wordsIn(component.definition), inspect),
  ];
}

function imageDifference({ definition: { image } }: Component, inspect: Inspect): Difference[] {
  const actual = imageOf(inspect);
  if (actual === "" || sameImage(image, actual)) return [];
  return [{ key: "image", text: `has image ${actual}`, path: ["ImageName"] }];
}

function networkDifferences(
  component: Component,
  inspect: Inspect,
  idOf: (container: string) => string | undefined,
): Difference[] {
  const actual = networksOf(inspect);
  if (actual === undefined) return [];
  const { attachments, definition } = component;
  const { network: mode = "private", networks } = definition;
  const shared = sharedContainer(mode);
  if (shared !== undefined) return sharedDifference(shared, idOf(shared), actual);
  const expected = attachments.length > 0 ? networkNamesOf(component) : [mode];
  const isIn = (network: string): boolean =>
    network === "private" ? DEFAULT_NETWORKS.has(actual[0] ?? "") : actual.includes(network);
  const key = networks.length > 0 ? "networks" : "network";
  if (actual.length !== expected.length || !expected.every(isIn)) {
    const text = actual.length === 0 ? "is in no network" : `is in network ${actual.join(" and ")}`;
    return [{ key, text, path: ["HostConfig", "NetworkMode"] }];
  }
  return attachments.flatMap(({ attachment }) =>
    attachmentDifferences(component, attachment, inspect).map((text) => ({
      ...{ key, text },
      path: ["NetworkSettings", "Networks", networkName(attachment.network)],
    })),
  );
}

/** podman knows the container whose network another one has by its id, which changes when it is made again. */
function sharedDifference(
  container: string,
  id: string | undefined,
  [actual = "none"]: readonly string[],
): Difference[] {
  const has = sharedContainer(actual);
  if (has !== undefined && (id === undefined || has === id)) return [];
  const text =
    has === undefined
      ? `is in network ${actual}`
      : `is in the network of another container than ${container}, which was made again`;
  return [{ key: "network", text, path: ["HostConfig", "NetworkMode"] }];
}

/** In what a container has another name or address on a network; a stopped one has no address. */
function attachmentDifferences(
  { container }: Component,
  { network, aliases, ip, ip6, mac }: Attachment,
  inspect: Inspect,
): string[] {
  const actual = attachmentOf(inspect, networkName(network));
  if (actual === undefined) return [];
  const addresses: [string | undefined, string | undefined][] = [
    [ip, actual.ip],
    [ip6, actual.ip6],
    [mac, actual.mac],
  ];
  return [
    ...aliases
      .filter((alias) => !actual.aliases.includes(alias))
      .map((alias) => `has no alias ${alias} on the network ${network}`),
    ...actual.aliases
      .filter((alias) => alias !== container && !aliases.includes(alias))
      .map((alias) => `has the alias ${alias} on the network ${network}`),
    ...addresses.flatMap(([wanted, found]) =>
      wanted === undefined || found === undefined || found === wanted
        ? []
        : [`has the address ${found} on the network ${network}, not ${wanted}`],
    ),
  ];
}

function resolverDifference(fleet: Fleet, component: Component, inspect: Inspect): Difference[] {
  const actual = resolversOf(inspect);
  const expected = containerResolvers(fleet, component);
  if (actual === undefined || actual.join(" ") === expected.join(" ")) return [];
  const text =
    actual.length === 0
      ? `asks the resolvers that podman chose, not ${expected.join(" and ")}`
      : `asks the ${actual.length === 1 ? "resolver" : "resolvers"} ${actual.join(" and ")}, not ${expected.length === 0 ? "those that podman chooses" : expected.join(" and ")}`;
  return [{ key: "dns", text, path: ["HostConfig", "Dns"] }];
}

function userDifference({ definition: { user } }: Component, inspect: Inspect): Difference[] {
  // Without one in the definition it is the image's, which is not known here.
  if (user === undefined) return [];
  const actual = textAt(inspect, "Config", "User");
  if (actual === user) return [];
  const text = actual === undefined ? "runs as no user of its own" : `runs as user ${actual}`;
  return [{ key: "user", text, path: ["Config", "User"] }];
}

function portDifferences(component: Component, inspect: Inspect): Difference[] {
  // Under these networks podman publishes nothing, whatever was asked for.
  if (!publishesPorts(component)) return [];
  const actual = bindingsOf(inspect);
  const expected = expectedPorts(component);
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

/** A published port of a definition; podman may choose the host's. */
type Wanted = Omit<Binding, "host"> & { readonly host: number | undefined };

function expectedPorts(component: Component): Wanted[] {
  const wanted: Wanted[] = [];
  for (const { port } of component.ports) addRange(wanted, port);
  for (const { port } of routePortsOf(component)) {
    wanted.push({ address: ROUTE_ADDRESS, host: port, container: port, protocol: "tcp" });
  }
  return wanted;
}

function addRange(wanted: Wanted[], { address, host, container, protocol }: PublishedPort): void {
  for (let offset = 0; offset <= container.last - container.first; offset += 1) {
    wanted.push({
      address: address === "0.0.0.0" ? "" : address,
      host: host === undefined ? undefined : host.first + offset,
      container: container.first + offset,
      protocol,
    });
  }
}

function isSamePort(wanted: Wanted, actual: Binding): boolean {
  return (
    wanted.protocol === actual.protocol &&
    wanted.container === actual.container &&
    (wanted.host === undefined || wanted.host === actual.host) &&
    (wanted.address === actual.address || wanted.address === canonicalIp(actual.address))
  );
}

function portText({ address, host, container, protocol }: Wanted): string {
  const where = address === "" ? "" : ipVersion(address) === 6 ? `[${address}]:` : `${address}:`;
  return `${where}${host === undefined ? "" : `${host}:`}${container}/${protocol}`;
}

function volumeDifferences({ volumes }: Component, inspect: Inspect): Difference[] {
  const path = ["Mounts"];
  const actual = new Map<string, Mount>();
  for (const mount of mountsOf(inspect)) actual.set(normalisePath(mount.target), mount);
  const found: Difference[] = [];
  for (const { source, target, options } of volumes) {
    const place = normalisePath(target);
    const mount = actual.get(place);
    actual.delete(place);
    const flags = options?.split(",") ?? [];
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
  fleet: Fleet,
  component: Component,
  inspect: Inspect,
  kind: EnvironmentKind,
): Difference[] {
  // Nothing is said of the values: they may be secrets.
  const variables = textsAt(inspect, "Config", "Env");
  const names = new Set(variables.map((variable) => splitVariable(variable)[0]));
  const actual = kind === "plain" ? new Set(variables) : undefined;
  const path = ["Config", "Env"];
  return Object.entries(containerOf(fleet, component).env)
    .filter(([name, value]) => !(actual?.has(`${name}=${value}`) ?? names.has(name)))
    .sort(([a], [b]) => compareText(a, b))
    .map(([name]): Difference => {
      const text = names.has(name)
        ? `has another value of the variable ${name}`
        : `lacks the variable ${name}`;
      return { key: "env", text, path };
    });
}

function commandDifference({ definition: { cmd } }: Component, inspect: Inspect): Difference[] {
  // Without one in the definition it is the image's, which is not known here. Facts have commands only if asked:
  // there may be secrets in them.
  if (cmd.length === 0 || at(inspect, "Config", "Cmd") === undefined) return [];
  const actual = textsAt(inspect, "Config", "Cmd");
  if (cmd.join("\0") === actual.join("\0")) return [];
  const text = actual.length === 0 ? "runs without arguments" : `runs ${JSON.stringify(actual)}`;
  return [{ key: "cmd", text, path: ["Config", "Cmd"] }];
}
