/** The boot order of hosts as a graph: what a diagram shows, whatever it is drawn with. */
import { dnsAddressesOf, dnsServices, isDnsService } from "../../fleet/dns.ts";
import { groupBy } from "../../text/group.ts";
import { componentsOn, type Fleet, type Host } from "../../fleet/model.ts";
import {
  type BootPlan,
  type ContainerPlan,
  planBoot,
  type StagePlan,
  togetherOf,
} from "../../plan/plan.ts";

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
export function stageGraph(plan: BootPlan, prefix = "", marksOf: MarksOf = () => []): StageGraph {
  const nodes = plan.containers.map((container, index) => ({
    id: containerId(prefix, index),
    name: container.name,
    marks: marksOf(container),
    stage: container.stage,
  }));
  // What many depend on as a whole is drawn once, in the last stage that has some of it.
  const together = togetherOf(plan.containers).map((each, index) => {
    const its = new Set(each.containers);
    const stage = nodes.findLast(({ name }) => its.has(name))?.stage;
    return { id: togetherId(prefix, index), name: `all of ${each.service}`, marks: [], stage };
  });
  const byStage = groupBy([...nodes, ...together], ({ stage }) => stage);
  const late = byStage.get(undefined);
  const ids = idsByName(plan, prefix);
  return {
    stages: [
      ...plan.stages.map((stage, index) => ({
        id: `${prefix}s${index + 1}`,
        title: `${index + 1}. ${stage.name}`,
        timeoutSeconds: stage.timeoutSeconds,
        next: nextAfter(stage),
        containers: byStage.get(stage.target) ?? [],
      })),
      ...(late === undefined ? [] : [inNoStage(`${prefix}late`, late)]),
    ],
    dependencies: dependenciesOf(plan, prefix, (name) => ids.get(name) ?? [], true),
  };
}

function containerId(prefix: string, index: number): string {
  return `${prefix}c${index + 1}`;
}

function togetherId(prefix: string, index: number): string {
  return `${prefix}all${index + 1}`;
}

/** The ids of a host's containers: one of each name, where the rule duplicate-container has nothing to say. */
function idsByName({ containers }: BootPlan, prefix: string): Map<string, string[]> {
  const named = containers.map(({ name }, index) => ({ name, id: containerId(prefix, index) }));
  return new Map(
    [...groupBy(named, ({ name }) => name)].map(([name, its]) => [name, its.map(({ id }) => id)]),
  );
}

/**
 * @param find the ids of what has a name.
 * @param within whether it is about the host's own containers.
 */
function dependenciesOf(
  { containers }: BootPlan,
  prefix: string,
  find: (name: string) => readonly string[],
  within: boolean,
): Dependency[] {
  const arrows = (names: readonly string[], to: string): Dependency[] =>
    names.flatMap(find).map((from) => ({ from, to }));
  const together = togetherOf(containers);
  const ids = new Map(together.map((each, index) => [each, togetherId(prefix, index)]));
  return [
    ...together.flatMap((each) => arrows(each.containers, ids.get(each) ?? "")),
    ...containers.flatMap(({ dependsOn, dependsOnAll }, index) => {
      const to = containerId(prefix, index);
      return [
        ...arrows(dependsOn, to),
        ...(within ? dependsOnAll.map((each) => ({ from: ids.get(each) ?? "", to })) : []),
      ];
    }),
  ];
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
    return { host, prefix: `h${index + 1}`, plan: planBoot(fleet, host) };
  });
  return {
    fleet: fleet.name,
    hosts: planned.map(({ host, prefix, plan }) => ({
      id: prefix,
      name: host.name,
      notes: notesOf(fleet, host, plan),
      ...stageGraph(plan, prefix, marker(fleet, host)),
    })),
    across: dependenciesAcross(planned),
  };
}

/** What a plan says that containers depend on, and that is on another host. */
function dependenciesAcross(
  planned: readonly { readonly prefix: string; readonly plan: BootPlan }[],
): Dependency[] {
  const known = planned.map(({ plan, prefix }) => ({
    plan,
    prefix,
    here: idsByName(plan, prefix),
  }));
  const everywhere = groupBy(
    known.flatMap(({ here }) => [...here]),
    ([name]) => name,
  );
  return known.flatMap(({ plan, prefix, here }) =>
    dependenciesOf(
      plan,
      prefix,
      (name) => (here.has(name) ? [] : (everywhere.get(name) ?? []).flatMap(([, ids]) => ids)),
      false,
    ),
  );
}

function marker(fleet: Fleet, host: Host): MarksOf {
  const answering = new Set(
    componentsOn(fleet, host.name)
      .filter((component) => isDnsService(fleet, component.service))
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
  const { registry } = fleet.inventory;
  const elsewhere = (service: string): string[] =>
    (fleet.index.activeNamed.get(service) ?? []).flatMap((each) =>
      each.host === undefined || each.host === host.name ? [] : [`${each.name} on ${each.host}`],
    );
  const isOurs = (image: string): boolean =>
    registry !== undefined && image.startsWith(`${registry.host}/`);
  const names =
    host.release === undefined ? [] : dnsServices(fleet).flatMap(({ name }) => elsewhere(name));
  const images = containers.some(({ image }) => isOurs(image))
    ? elsewhere(registry?.service ?? "")
    : [];
  return [
    host.release === undefined
      ? `${host.node.os}: nothing is emitted for it`
      : `NixOS ${host.release}`,
    ...names.map((it) => `names from ${it}`),
    ...images.map((it) => `images from ${it}`),
  ];
}
