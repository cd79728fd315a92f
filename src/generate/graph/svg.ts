/** Diagrams as pictures: SVG that needs nothing but itself, for light screens and dark ones. */
import { escapeXml } from "../../text/xml.ts";
import type { BootGraph, HostNode } from "./boot-graph.ts";
import {
  type Box,
  type ContainerBox,
  type HostBox,
  layOut,
  LINE,
  MARGIN,
  PADDING,
  type StageBox,
  STEP,
  TITLE_LINE,
} from "./layout.ts";
import { captionOf, titleOf } from "./text.ts";

/** The boot order of several hosts. */
export function svgDiagram(graph: BootGraph): string {
  const { width, height, legend, hosts, across } = layOut(graph);
  const title = titleOf(graph);
  const panels = hosts.map(panel);
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" class="nixgen-graph" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="nixgen-graph-title nixgen-graph-desc">`,
    `<title id="nixgen-graph-title">${escapeXml(title)}</title>`,
    `<desc id="nixgen-graph-desc">${escapeXml(describe(graph))}</desc>`,
    `<style>${STYLE}</style>`,
    `<defs>${marker("step")}${marker("needs")}</defs>`,
    `<rect class="page" width="${width}" height="${height}" rx="8"/>`,
    text("heading", MARGIN, MARGIN + 14, title),
    ...panels.map(({ back }) => back),
    ...across.map(needs),
    ...panels.map(({ front }) => front),
    ...(legend === undefined
      ? []
      : [text("note", MARGIN, legend, "dashed: starts after what it depends on")]),
    "</svg>",
  ];
  return `${lines.join("\n")}\n`;
}

/** The whole diagram in words, for who cannot see it. */
function describe({ hosts, across }: BootGraph): string {
  const names = new Map(
    hosts.flatMap(({ stages }) =>
      stages.flatMap(({ containers }) => containers.map(({ id, name }) => [id, name] as const)),
    ),
  );
  const depends = ({ from, to }: { from: string; to: string }): string =>
    `${names.get(to) ?? ""} depends on ${names.get(from) ?? ""}.`;
  return [
    ...hosts.flatMap((host) => [inWords(host), ...host.dependencies.map(depends)]),
    ...across.map(depends),
  ].join(" ");
}

function inWords({ name, notes, stages }: HostNode): string {
  const steps = stages.map(({ title, containers }, index) => {
    const before = stages[index - 1];
    const when = before === undefined ? "" : `then, ${before.next}, `;
    return `${when}${title}: ${containers.map(captionOf).join(", ")}`;
  });
  return `${name} (${notes.join(", ")}) starts ${steps.length === 0 ? "no containers" : steps.join("; ")}.`;
}

/** What of a host is behind the curves, and what is before them. */
function panel({ x, y, width, height, node, titleLines, noteLines, stages, curves }: HostBox): {
  readonly back: string;
  readonly front: string;
} {
  const move = `<g transform="translate(${x} ${y})">`;
  const notesTop = PADDING + titleLines.length * TITLE_LINE;
  const back = [
    move,
    rect("host", { x: 0, y: 0, width, height }, 10),
    ...stages.map((stage) => rect("stage", stage, 8)),
    "</g>",
  ];
  const front = [
    move,
    `<g><title>${escapeXml(node.name)}</title>`,
    ...titleLines.map((line, index) =>
      text("name", PADDING, PADDING + 15 + index * TITLE_LINE, line),
    ),
    "</g>",
    ...noteLines.map((line, index) => text("note", PADDING, notesTop + 11 + index * LINE, line)),
    ...(stages.length === 0 ? [text("note", PADDING, height - PADDING - 4, "no containers")] : []),
    ...curves.map(needs),
    ...stages.map((stage, index) => stageContent(stage, stages[index - 1])),
    "</g>",
  ];
  return { back: back.join("\n"), front: front.join("\n") };
}

function stageContent(stage: StageBox, before: StageBox | undefined): string {
  const { x, y, node, titleLines, containers } = stage;
  const [left, top] = [x + PADDING, y + PADDING + 13];
  return [
    ...(before === undefined ? [] : step(before, stage)),
    ...titleLines.map((line, index) => text("title in-stage", left, top + index * LINE, line)),
    ...(node.timeoutSeconds === undefined
      ? []
      : [
          text(
            "note in-stage",
            left,
            top + titleLines.length * LINE,
            `healthy within ${node.timeoutSeconds} s`,
          ),
        ]),
    ...containers.map(containerContent),
  ].join("\n");
}

/** The arrow from one stage to the next. */
function step({ node }: StageBox, { x, y }: StageBox): string[] {
  const left = x + PADDING + 6;
  const kind = node.next === "only if healthy" ? "step must" : "step";
  return [
    `<path class="${kind}" d="M${left} ${y - STEP}V${y - 5}" marker-end="url(#nixgen-graph-step)"/>`,
    text(
      kind === "step" ? "note between" : "note strong between",
      left + 12,
      y - STEP / 2 + 4,
      node.next,
    ),
  ];
}

function containerContent({ x, y, width, height, node, lines }: ContainerBox): string {
  const middle = x + width / 2;
  const all = lines.length + (node.marks.length === 0 ? 0 : 1);
  const first = y + (height - all * LINE) / 2 + 12.5;
  return [
    `<g class="${node.marks.length === 0 ? "container" : "container marked"}">`,
    `<title>${escapeXml(captionOf(node))}</title>`,
    rect("box", { x, y, width, height }, 6),
    ...lines.map((line, index) => text("label", middle, first + index * LINE, line)),
    ...(node.marks.length === 0
      ? []
      : [text("mark", middle, first + lines.length * LINE, node.marks.join(", "))]),
    "</g>",
  ].join("");
}

function needs(path: string): string {
  return `<path class="needs" d="${path}" marker-end="url(#nixgen-graph-needs)"/>`;
}

function rect(kind: string, { x, y, width, height }: Box, radius: number): string {
  return `<rect class="${kind}" x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}"/>`;
}

function text(kind: string, x: number, y: number, content: string): string {
  return `<text class="${kind}" x="${x}" y="${y}">${escapeXml(content)}</text>`;
}

/** The head of an arrow, in the colour of the lines that have it. */
function marker(kind: string): string {
  return `<marker id="nixgen-graph-${kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path class="head ${kind}" d="M0 0L8 4L0 8Z"/></marker>`;
}

/** The colours of light screens, and what is other on dark ones. */
const COLOURS = {
  page: ["#ffffff", "#0d1117"],
  panel: ["#f6f8fa", "#151b23"],
  panelLine: ["#d1d9e0", "#3d444d"],
  stage: ["#ffffff", "#0d1117"],
  box: ["#eaf2fd", "#1a2940"],
  boxLine: ["#8fb3e0", "#41638f"],
  marked: ["#e6f5ea", "#16301f"],
  markedLine: ["#4b9e64", "#46935f"],
  text: ["#1f2328", "#f0f6fc"],
  quiet: ["#59636e", "#9ba4ae"],
  needs: ["#8250df", "#b392f0"],
} as const;

const STYLE = [
  `.nixgen-graph text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}`,
  `.nixgen-graph .heading{font-size:17px;font-weight:600}`,
  `.nixgen-graph .name,.nixgen-graph .title,.nixgen-graph .label{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}`,
  `.nixgen-graph .name{font-size:16px;font-weight:600}`,
  `.nixgen-graph .title{font-size:13px;font-weight:600}`,
  `.nixgen-graph .label{font-size:13px;text-anchor:middle}`,
  `.nixgen-graph .mark{font-size:11px;text-anchor:middle}`,
  `.nixgen-graph .strong{font-weight:600}`,
  // A curve from another host may cross these: it is seen to pass behind them.
  `.nixgen-graph .in-stage,.nixgen-graph .between{paint-order:stroke;stroke-width:5;stroke-linejoin:round}`,
  `.nixgen-graph path{fill:none;stroke-width:1.5}`,
  `.nixgen-graph path.head{stroke:none}`,
  `.nixgen-graph path.must{stroke-width:2.5}`,
  `.nixgen-graph path.needs{stroke-dasharray:4 3}`,
  colours(0),
  `@media (prefers-color-scheme:dark){${colours(1)}}`,
].join("\n");

function colours(screen: 0 | 1): string {
  const of = (name: keyof typeof COLOURS): string => COLOURS[name][screen];
  return [
    `.nixgen-graph .page{fill:${of("page")}}`,
    `.nixgen-graph .host{fill:${of("panel")};stroke:${of("panelLine")}}`,
    `.nixgen-graph .stage{fill:${of("stage")};stroke:${of("panelLine")}}`,
    `.nixgen-graph .box{fill:${of("box")};stroke:${of("boxLine")}}`,
    `.nixgen-graph .marked .box{fill:${of("marked")};stroke:${of("markedLine")}}`,
    `.nixgen-graph text{fill:${of("text")}}`,
    `.nixgen-graph .note,.nixgen-graph .mark{fill:${of("quiet")}}`,
    `.nixgen-graph .strong{fill:${of("text")}}`,
    `.nixgen-graph .in-stage{stroke:${of("stage")}}`,
    `.nixgen-graph .between{stroke:${of("panel")}}`,
    `.nixgen-graph path.step{stroke:${of("quiet")}}`,
    `.nixgen-graph path.needs{stroke:${of("needs")}}`,
    `.nixgen-graph path.head.step{fill:${of("quiet")}}`,
    `.nixgen-graph path.head.needs{fill:${of("needs")}}`,
  ].join("");
}
