import { stageIndex } from "../../fleet/boot.ts";
import { InputError } from "../../text/input-error.ts";
import { type Fleet, type Host, type Service, servicesOn } from "../../fleet/model.ts";
import { suggestion } from "../../text/suggest.ts";
import { type ContainerPlan, networksOf, planContainers } from "../../plan/plan.ts";
import { createNetwork, podmanCommand, podmanRun } from "../../generate/podman.ts";
import { printableJson } from "../../text/printable.ts";
import { type Command, parseOptions } from "../command.ts";
import { loadDespiteErrors } from "../load-fleet.ts";
import { EXIT } from "../io.ts";
import { writeCommands } from "../output.ts";

const help = `Print the podman commands that start containers by hand, in boot order.

Each command has all that the definition says. Run it as the container user on the host that stands
above it. A service that is not active is left out unless it is named. Errors of lint stop nothing
here.

Usage: nixgen podman [OPTIONS] [SERVICE[/COMPONENT]...]

Options:
  --config FILE  the inventory (default: nixgen.toml here or in a folder above)
  --host NAME    only the containers of this host
  --json         an array of { name, host, service, component, stage, argv }
  -h, --help     this text

Exit status: 0 printed, 2 bad usage or unreadable input, 3 a bug.

Example:
  nixgen podman --host rift mcns mcr/api
`;

/** One container, with where and when it is to run. */
interface Entry {
  readonly host: string;
  readonly stage: string | undefined;
  readonly container: ContainerPlan;
}

/** `nixgen podman` */
export const podmanCommands: Command = {
  help,
  async run(argv, io) {
    const { values, positionals } = parseOptions("podman", argv, {
      config: { type: "string" },
      host: { type: "string" },
      json: { type: "boolean", default: false },
    });
    const fleet = await loadDespiteErrors(io, values.config);
    if (fleet === undefined) return EXIT.usage;
    const entries = chooseContainers(fleet, values.host, positionals);
    if (values.json) io.stdout.write(json(entries));
    else writeCommands(io, text(entries));
    return EXIT.ok;
  },
};

/**
 * The containers that were asked for, each host's in boot order.
 * @throws {InputError} for a host, service or component that is not there.
 */
function chooseContainers(
  fleet: Fleet,
  hostName: string | undefined,
  names: readonly string[],
): Entry[] {
  const host = hostName === undefined ? undefined : fleet.index.hostNamed.get(hostName);
  if (hostName !== undefined && host === undefined) {
    const known = fleet.hosts.map(({ name }) => name);
    throw new InputError(
      `there is no host ${JSON.stringify(hostName)}`,
      suggestion(hostName, known),
    );
  }
  const wanted = names.map((name) => ({ name, services: servicesNamed(fleet, name, host) }));
  const hosts = host === undefined ? fleet.hosts : [host];
  return hosts.flatMap((candidate): Entry[] => {
    const services =
      names.length === 0
        ? servicesOn(fleet, candidate.name)
        : fleet.services.filter(
            (service) =>
              service.host === candidate.name &&
              wanted.some((choice) => choice.services.includes(service)),
          );
    return planContainers(fleet, candidate, services)
      .filter(
        ({ service, component }) =>
          names.length === 0 ||
          names.includes(service) ||
          names.includes(`${service}/${component}`),
      )
      .map((container) => ({
        host: candidate.name,
        stage: stageName(fleet, container.service),
        container,
      }));
  });
}

/** The services that SERVICE or SERVICE/COMPONENT names, and that run on the host if one was given. */
function servicesNamed(fleet: Fleet, name: string, host: Host | undefined): Service[] {
  const slash = name.indexOf("/");
  const serviceName = slash === -1 ? name : name.slice(0, slash);
  const component = slash === -1 ? undefined : name.slice(slash + 1);
  const named = fleet.services.filter((service) => service.name === serviceName);
  if (named.length === 0) {
    const known = fleet.services.map((service) => service.name);
    throw new InputError(
      `there is no service ${JSON.stringify(serviceName)}`,
      suggestion(serviceName, known),
    );
  }
  const components = named.flatMap((service) => service.components.map((one) => one.name));
  if (component !== undefined && !components.includes(component)) {
    throw new InputError(
      `service ${serviceName} has no component ${JSON.stringify(component)}`,
      suggestion(component, components),
    );
  }
  const here = named.filter(
    (service) => service.host !== undefined && (host === undefined || service.host === host.name),
  );
  if (here.length > 0) return here;
  const places = named.flatMap((service) => (service.host === undefined ? [] : [service.host]));
  throw places.length === 0
    ? new InputError(`service ${serviceName} was placed on no host`, "See nixgen lint.")
    : new InputError(
        `service ${serviceName} does not run on ${host?.name ?? ""}`,
        `It runs on ${places.join(" and ")}.`,
      );
}

function stageName(fleet: Fleet, service: string): string | undefined {
  const index = stageIndex(fleet, service);
  return index === undefined ? undefined : fleet.inventory.boot.sequence[index]?.name;
}

function text(entries: readonly Entry[]): string {
  const made = new Set<string>();
  return entries
    .map(({ host, stage, container }) => {
      const networks = networksOf([container]).filter(({ name }) => !made.has(`${host}/${name}`));
      for (const { name } of networks) made.add(`${host}/${name}`);
      const when = stage === undefined ? "no stage" : `stage ${stage}`;
      const commands = [...networks.map(createNetwork), podmanCommand(container)];
      return [`# ${host}, ${when}: ${container.name}`, ...commands, ""].join("\n");
    })
    .join("\n");
}

function json(entries: readonly Entry[]): string {
  const list = entries.map(({ host, stage, container }) => ({
    name: container.name,
    host,
    service: container.service,
    component: container.component,
    stage: stage ?? null,
    argv: podmanRun(container),
  }));
  return `${printableJson(list)}\n`;
}
