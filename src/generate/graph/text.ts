/** What all diagrams have in common: their words. */
import type { BootGraph, ContainerNode } from "./boot-graph.ts";

/** What a diagram is called. */
export function titleOf({ fleet }: BootGraph): string {
  return `Boot order of ${fleet}`;
}

/** A container with what the fleet needs it for, in one line. */
export function captionOf({ name, marks }: ContainerNode): string {
  return marks.length === 0 ? name : `${name} (${marks.join(", ")})`;
}
