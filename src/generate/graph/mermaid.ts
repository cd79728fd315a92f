/** Diagrams as Markdown shows them: flowcharts of mermaid. */
import { printable } from "../../text/printable.ts";
import type { BootGraph, HostNode, StageGraph } from "./boot-graph.ts";
import { captionOf } from "./text.ts";

/** The boot order of several hosts, each in a box of its own. */
export function mermaidDiagram({ hosts, across }: BootGraph): string {
  const lines = ["flowchart TD", ...hosts.flatMap(hostLines), ...across.map(arrow("  "))];
  return `${lines.join("\n")}\n`;
}

/** Mermaid draws no more, unless its page says otherwise; those of GitHub do not. */
const MOST_CHARACTERS = 50_000;
const MOST_ARROWS = 500;

/** Whether mermaid refuses a diagram for its size. */
export function isTooLarge(diagram: string): boolean {
  // In labels there is no such character.
  const arrows = diagram.split(">").length - 1;
  return diagram.length > MOST_CHARACTERS || arrows > MOST_ARROWS;
}

/** The stages of one host, for a page that is about nothing else. */
export function stagesDiagram(graph: StageGraph): string {
  return ["flowchart TD", ...stageLines(graph, "  ")].join("\n");
}

function hostLines(host: HostNode): string[] {
  return [
    // Its notes are left out: mermaid makes no room for more than a word there.
    `  subgraph ${host.id}${label(host.name)}`,
    // Without it, a part that no arrow leads out of is laid out from left to right.
    "    direction TB",
    ...stageLines(host, "    "),
    "  end",
  ];
}

function stageLines({ stages, dependencies }: StageGraph, indent: string): string[] {
  return [
    ...stages.flatMap(({ id, title, containers }) => [
      `${indent}subgraph ${id}${label(title)}`,
      ...containers.map((container) => `${indent}  ${container.id}${label(captionOf(container))}`),
      `${indent}end`,
    ]),
    ...stages.slice(1).map(({ id }, index) => {
      const before = stages[index];
      return `${indent}${before?.id ?? ""} -->|${before?.next ?? ""}| ${id}`;
    }),
    ...dependencies.map(arrow(indent)),
  ];
}

function arrow(indent: string): (dependency: { from: string; to: string }) => string {
  return ({ from, to }) => `${indent}${from} -.-> ${to}`;
}

/**
 * A name is only ever a label, for mermaid takes words like "end" for its own. In one, all but the plainest
 * characters are written by their numbers: there is markup in labels, of HTML and of Markdown, and
 * before anything else mermaid looks through the lines for words with a colon or a semicolon after them.
 */
function label(text: string): string {
  const escaped = printable(text).replaceAll(
    /[^A-Za-z0-9 _.,()-]/gu,
    (char) => `#${char.codePointAt(0) ?? 0};`,
  );
  // Nothing between the quotes would be an error.
  return `["${escaped === "" ? " " : escaped}"]`;
}
