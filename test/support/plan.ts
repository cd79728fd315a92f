/** Plans of whole fleets, and the files that are made of a plan. */
import type { Fleet } from "../../src/fleet/model.ts";
import { emitHost, emitTop, type OutputFile } from "../../src/generate/emit.ts";
import { type HostPlan, hostsToPlan, planHost } from "../../src/plan/plan.ts";

/** The plan of every NixOS host, in the order of their names. */
export function planFleet(fleet: Fleet): HostPlan[] {
  return hostsToPlan(fleet).map((host) => planHost(fleet, host));
}

/** Files by their path below the output folder. */
export type Tree = ReadonlyMap<string, string>;

/** Every file that a build makes of plans, but for the manifest. */
export function emitAll(plans: readonly HostPlan[]): Tree {
  return new Map([
    ...plans.flatMap((plan) => [...emitFiles(plan)]),
    treeFile(emitTop(plans.map(({ host }) => host))),
  ]);
}

/** The files of one host. */
export function emitFiles(plan: HostPlan): Tree {
  return new Map(Array.from(emitHost(plan), treeFile));
}

function treeFile([path, pieces]: OutputFile): [path: string, text: string] {
  return [path, wholeText(pieces)];
}

/** A text that is made in pieces. */
export function wholeText(pieces: Iterable<string>): string {
  return [...pieces].join("");
}
