/** Diagrams for Graphviz. */
import { printable } from "../../text/printable.ts";
import type { BootGraph, Dependency, HostNode, StageNode } from "./boot-graph.ts";
import { captionOf, titleOf } from "./text.ts";

/** The boot order of several hosts, in the language of dot. */
export function dotDiagram(graph: BootGraph): string {
  const lines = [
    "digraph boot {",
    `  label=${quoted(titleOf(graph))}; labelloc=t;`,
    "  compound=true; newrank=true; nodesep=0.2; ranksep=0.25;",
    '  graph [fontname="Helvetica,Arial,sans-serif", style=rounded, color=gray60];',
    '  node [fontname="Helvetica,Arial,sans-serif", fontsize=12, shape=box, style=rounded, height=0.35];',
    '  edge [fontname="Helvetica,Arial,sans-serif", fontsize=11, color=gray30];',
    ...graph.hosts.flatMap(hostLines),
    ...graph.across.map(arrow),
    "}",
  ];
  return `${lines.join("\n")}\n`;
}

function hostLines(host: HostNode): string[] {
  const { id, name, notes, stages, dependencies } = host;
  return [
    `  subgraph cluster_${id} {`,
    `    label=${quoted(name, ...notes)};`,
    // A cluster of nothing would not be drawn.
    ...(stages.length === 0 ? [`    ${id} [label="no containers", shape=plaintext];`] : []),
    ...stages.flatMap(stageLines),
    ...stages.slice(1).flatMap((stage, index) => stepLines(stages[index], stage)),
    "  }",
    ...dependencies.map(arrow),
  ];
}

function stageLines({ id, title, containers }: StageNode): string[] {
  return [
    `    subgraph cluster_${id} {`,
    `      label=${quoted(title)};`,
    ...containers.map(
      (container) => `      ${container.id} [label=${quoted(captionOf(container))}];`,
    ),
    "    }",
  ];
}

/**
 * From one stage to the next: a node between them. All of one is above it and all of the other below it,
 * with as many lines as there are containers, where those from each to each would be their product.
 */
function stepLines(before: StageNode | undefined, stage: StageNode): string[] {
  if (before === undefined) return [];
  const step = `${stage.id}_after`;
  const above = middleFirst(before);
  const below = middleFirst(stage);
  const others = `{${above.slice(1).join(" ")}} -> ${step} -> {${below.slice(1).join(" ")}}`;
  return [
    `    ${step} [label=${quoted(before.next)}, shape=plaintext, fontsize=11, height=0.2];`,
    `    ${above[0] ?? ""} -> ${step} [ltail=cluster_${before.id}, arrowhead=none];`,
    `    ${step} -> ${below[0] ?? ""} [lhead=cluster_${stage.id}];`,
    ...(above.length + below.length > 2 ? [`    ${others} [style=invis];`] : []),
  ];
}

/** The ids of a stage's containers. The arrow meets its box where the first of them is. */
function middleFirst({ containers }: StageNode): string[] {
  const ids = containers.map(({ id }) => id);
  return [...ids.splice(Math.floor(ids.length / 2), 1), ...ids];
}

function arrow({ from, to }: Dependency): string {
  return `  ${from} -> ${to} [style=dashed];`;
}

/**
 * Lines as a string of dot's, whose backslashes are escapes (\N is the node's name) and whose entities are
 * those of HTML. In quotes it is never HTML itself.
 */
function quoted(...lines: readonly string[]): string {
  const escaped = lines.map((line) =>
    printable(line).replaceAll("&", "&amp;").replaceAll("\\", "\\\\").replaceAll('"', '\\"'),
  );
  return `"${escaped.join("\\n")}"`;
}
