/** Services of what `podman inspect` prints. */
import type { Leftover } from "../settings/setting.ts";
import { observeContainer } from "../settings/observe.ts";
import { compareText } from "../text/order.ts";
import { groupBy } from "../text/group.ts";
import { InputError } from "../text/input-error.ts";
import { isTable, textAt } from "../text/json.ts";
import { isSafeName, SAFE_NAMES } from "../fleet/names.ts";
import { bindingsOf, type Inspect, isInfra, nameOf, portText } from "../podman/inspect.ts";
import { sharedContainer } from "../podman/network.ts";
import { syntaxFinding } from "../finding/problem.ts";
import { SyntaxProblem } from "../document/source.ts";
import { chooseServices } from "./grouping.ts";
import { parseJsonSequence } from "./json-sequence.ts";
import { type Imported, type ImportInput, type ImportOptions, UnusableFile } from "./importer.ts";
import type { ImportedComponent } from "./service-text.ts";

/**
 * Services whose containers are those that were inspected.
 * @throws {InputError | UnusableFile} for what podman inspect does not print, or containers that cannot be defined.
 */
export function importPodman(inputs: readonly ImportInput[], options: ImportOptions): Imported {
  const inspected = dedupe(inputs.flatMap(containersIn));
  if (inspected.length === 0) {
    throw new InputError(
      `there is no container in ${inputs.map(({ file }) => file).join(", ")}`,
      "podman inspect has failed, or podman has none; look at what it says, and whether it runs as the right user.",
    );
  }
  const containers = inspected.filter((inspect) => !isInfra(inspect)).map(observeContainer);
  const unsafe = containers.filter(({ name }) => !isSafeName("component", name));
  if (unsafe.length > 0) {
    const names = unsafe.map(({ name }) => JSON.stringify(name));
    throw new InputError(
      `no definition can have ${unsafe.length === 1 ? "a container" : "containers"} named ${names.join(", ")}`,
      `Rename it first (podman rename), or leave it out. Use ${SAFE_NAMES.component.expected}.`,
    );
  }

  const places = chooseServices(
    containers.map(({ name }) => name),
    options.services,
  );
  const named = new Map(containers.map(({ name }) => [name, name]));
  for (const inspect of inspected) named.set(textAt(inspect, "Id") ?? "", nameOf(inspect));
  const components = containers.map((container) => {
    const place = places.get(container.name);
    if (place === undefined) throw new Error(`${container.name} has no place`);
    const {
      image,
      network,
      networks,
      user,
      restart,
      pull,
      ports,
      volumes,
      cmd,
      env,
      envFiles,
      dns,
      words,
    } = container;
    const peer = sharedContainer(network);
    const peerName = named.get(peer ?? "");
    const inNetworkOf = peerName === undefined ? undefined : `container:${peerName}`;
    const component: ImportedComponent = {
      name: place.component,
      image,
      network: peer === undefined ? network : inNetworkOf,
      networks,
      user,
      restart,
      ports,
      volumes,
      cmd,
      env,
      env_files: envFiles,
      depends_on: [],
      // The default needs no words.
      pull: pull === "missing" ? undefined : pull,
      dns,
      words,
      notes: [
        ...container.leftovers,
        ...(peer !== undefined && peerName === undefined
          ? [{ option: "network", value: `container:${peer}` }]
          : []),
      ].map(optionText),
    };
    return { service: place.service, component };
  });
  const services = [...groupBy(components, ({ service }) => service)].map(([name, members]) => ({
    name,
    node: options.node,
    components: members
      .map(({ component }) => component)
      .sort((a, b) => compareText(a.name, b.name)),
  }));
  return {
    services: services.sort((a, b) => compareText(a.name, b.name)),
    leftOut: inspected.filter(isInfra).map(infraText),
    remarks: containers
      .filter(({ exact }) => !exact)
      .map(
        ({ name }) =>
          `${name}: podman does not say how it was made; cmd, env and user may be those of its image`,
      ),
  };
}

/** As it would be written on a command line, but for quotes. */
function optionText({ option, value }: Leftover): string {
  return value === "" ? `--${option}` : `--${option} ${value}`;
}

function infraText(inspect: Inspect): string {
  const ports = bindingsOf(inspect).map((binding) => ` --publish ${portText(binding)}`);
  return `${nameOf(inspect)}: it holds a pod together, and there are no pods in definitions${ports.join("")}`;
}

/** @throws {InputError} where a file is not what podman inspect prints. */
function containersIn({ file, text }: ImportInput): Inspect[] {
  const found = parse(file, text).flatMap((document): readonly unknown[] =>
    Array.isArray(document) ? document : [document],
  );
  return found.map((element, index): Inspect => {
    if (isTable(element) && textAt(element, "Name") !== undefined && isTable(element["Config"])) {
      return element;
    }
    throw new InputError(
      `${file} is not what podman inspect prints: number ${index + 1} in it is no container`,
      "Use podman inspect CONTAINER…, or for all of them: podman inspect $(podman ps --all --quiet).",
    );
  });
}

function parse(file: string, text: string): readonly unknown[] {
  try {
    return parseJsonSequence(text);
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    const help = "Give what podman inspect prints, as it is.";
    throw new UnusableFile(file, text, [syntaxFinding(file, error, help)]);
  }
}

/**
 * Every container once, though it may have been inspected twice.
 * @throws {InputError} for two containers of one name.
 */
function dedupe(inspected: readonly Inspect[]): Inspect[] {
  return [...groupBy(inspected, nameOf)].map(([name, same]) => {
    const [first = {}, ...others] = same;
    if (others.some((other) => textAt(other, "Id") !== textAt(first, "Id"))) {
      throw new InputError(
        `there are two containers named ${JSON.stringify(name)}`,
        "Import what each host or user has by itself, with --node.",
      );
    }
    return first;
  });
}
