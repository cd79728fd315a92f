/** What all diagrams have in common: their words, and what no text of them may hold. */
import type { BootGraph, ContainerNode } from "./boot-graph.ts";

/** What a diagram is called. */
export function titleOf({ fleet }: BootGraph): string {
  return `Boot order of ${fleet}`;
}

/** A container with what the fleet needs it for, in one line. */
export function captionOf({ name, marks }: ContainerNode): string {
  return marks.length === 0 ? name : `${name} (${marks.join(", ")})`;
}

/**
 * A text without what cannot be seen, or moves what follows it, or that no XML can hold: U+FFFD is shown
 * in its place.
 */
export function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\uFFFE\uFFFF]|(?! )\p{Zs}/gu, "\uFFFD");
}
