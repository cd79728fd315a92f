/** The boot order of hosts as a graph: what a diagram shows, whatever it is drawn with. */
import { dnsAddressesOf, isDnsService } from "../../fleet/dns.ts";
import { groupBy } from "../../fleet/group.ts";
import { componentsOn, type Fleet, type Host } from "../../fleet/model.ts";
import { type BootPlan, type ContainerPlan, planBoot, type StagePlan } from "../plan.ts";

/** The hosts of a fleet. No text of it is escaped. */
export interface BootGraph {
  /** The fleet's name. */
  readonly fleet: string;
  readonly hosts: readonly HostNode[];
  /** What depends on something of another host. */
  readonly across: readonly Dependency[];
}

/** A host and all that starts on it. */
export interface HostNode extends StageGraph {
  readonly id: string;
  readonly name: string;
  /** What else there is to say of it, a line each. */
  readonly notes: readonly string[];
}

/** The stages of one host, each of which starts after the one before it. */
export interface StageGraph {
  readonly stages: readonly StageNode[];
  /** Between containers of the host. */
  readonly dependencies: readonly Dependency[];
}

/** A stage, or what is in none, which comes last. */
export interface StageNode {
  readonly id: string;
  readonly title: string;
  /** How long a container may take until it is healthy; undefined where nothing waits for that. */
  readonly timeoutSeconds: number | undefined;
  /** When what follows the stage starts. */
  readonly next: "only if healthy" | "whatever happens";
  readonly containers: readonly ContainerNode[];
}

/** A container; each has an id of its own, also where two of them have one name. */
export interface ContainerNode {
  readonly id: string;
  readonly name: string;
  /** What the fleet needs it for: "DNS", "registry". */
  readonly marks: readonly string[];
}

/** Two containers, by their ids: the second one depends on the first. */
export interface Dependency {
  readonly from: string;
  readonly to: string;
}

/** Says what the fleet needs a container for. */
type MarksOf = (container: ContainerPlan) => readonly string[];

/**
 * The stages of a host.
 * @param prefix what ids begin with: those of several hosts must differ.
 */
export function stageGraph(
  { stages, containers }: BootPlan,
  prefix = "",
  marksOf: MarksOf = () => [],
): StageGraph {
  const idOf = new Map(containers.map((container, index) => [container, `${prefix}c${index + 1}`]));
  const byName = new Map(containers.map((container) => [container.name, container]));
  const byStage = groupBy(containers, ({ stage }) => stage);
  const nodesOf = (target: string | undefined): ContainerNode[] =>
    (byStage.get(target) ?? []).map((container) => ({
      id: idOf.get(container) ?? "",
      name: container.name,
      marks: marksOf(container),
    }));
  const late = nodesOf(undefined);
  return {
    stages: [
      ...stages.map((stage, index) => ({
        id: `${prefix}s${index + 1}`,
        title: `${index + 1}. ${stage.name}`,
        timeoutSeconds: stage.timeoutSeconds,
        next: nextAfter(stage),
        containers: nodesOf(stage.target),
      })),
      ...(late.length === 0 ? [] : [inNoStage(`${prefix}late`, late)]),
    ],
    dependencies: containers.flatMap((container) =>
      container.dependsOn.flatMap((name) => {
        const other = byName.get(name);
        return other === undefined ? [] : [dependency(idOf.get(other), idOf.get(container))];
      }),
    ),
  };
}

function nextAfter({ onFailure }: StagePlan): StageNode["next"] {
  return onFailure === "block" ? "only if healthy" : "whatever happens";
}

function inNoStage(id: string, containers: readonly ContainerNode[]): StageNode {
  return {
    id,
    title: "in no stage",
    timeoutSeconds: undefined,
    next: "whatever happens",
    containers,
  };
}

function dependency(from = "", to = ""): Dependency {
  return { from, to };
}

/**
 * The boot order of some hosts of a fleet, in their order.
 * @param onHost called for each of them.
 * @throws {InputError} where a rule that cannot be done without was switched off.
 */
export function bootGraph(
  fleet: Fleet,
  hosts: readonly Host[],
  onHost: (done: number) => void = () => undefined,
): BootGraph {
  const planned = hosts.map((host, index) => {
    onHost(index);
    const plan = planBoot(fleet, host);
    const id = `h${index + 1}`;
    const marksOf = marker(fleet, host);
    const notes = notesOf(fleet, host, plan);
    return { plan, node: { id, name: host.name, notes, ...stageGraph(plan, id, marksOf) } };
  });
  return {
    fleet: fleet.name,
    hosts: planned.map(({ node }) => node),
    across: dependenciesAcross(planned),
  };
}

/** What a plan says that containers depend on, and that is on another host. */
function dependenciesAcross(
  planned: readonly { readonly plan: BootPlan; readonly node: HostNode }[],
): Dependency[] {
  const nodesOf = ({ stages }: HostNode): readonly ContainerNode[] =>
    stages.flatMap(({ containers }) => containers);
  const everywhere = groupBy(
    planned.flatMap(({ node }) => nodesOf(node)),
    ({ name }) => name,
  );
  return planned.flatMap(({ plan, node }) => {
    const here = new Map(nodesOf(node).map(({ name, id }) => [name, id]));
    return plan.containers.flatMap(({ name, dependsOn }) =>
      dependsOn
        .filter((other) => !here.has(other))
        .flatMap((other) => everywhere.get(other) ?? [])
        .map(({ id }) => dependency(id, here.get(name))),
    );
  });
}

function marker(fleet: Fleet, host: Host): MarksOf {
  const answering = new Set(
    componentsOn(fleet, host.name)
      .filter((component) => isDnsService(fleet, component))
      .filter((component) => dnsAddressesOf(component, host).length > 0)
      .map(({ container }) => container),
  );
  const registry = fleet.inventory.registry?.service;
  return ({ name, service }) => [
    ...(answering.has(name) ? ["DNS"] : []),
    ...(registry !== undefined && service === registry ? ["registry"] : []),
  ];
}

/** The system of a host, and what it needs of other hosts. */
function notesOf(fleet: Fleet, host: Host, { containers }: BootPlan): string[] {
  const { dns, registry } = fleet.inventory;
  const elsewhere = (service: string | undefined): string[] =>
    (fleet.index.activeNamed.get(service ?? "") ?? []).flatMap((each) =>
      each.host === undefined || each.host === host.name ? [] : [`${each.name} on ${each.host}`],
    );
  const pulls = containers.some(({ image }) => image.startsWith(`${registry?.host ?? ""}/`));
  return [
    host.release === undefined
      ? `${host.node.os}: nothing is emitted for it`
      : `NixOS ${host.release}`,
    ...(host.release === undefined ? [] : elsewhere(dns?.service).map((it) => `names from ${it}`)),
    ...(pulls ? elsewhere(registry?.service).map((it) => `images from ${it}`) : []),
  ];
}
