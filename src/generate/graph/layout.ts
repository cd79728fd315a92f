/**
 * Where everything of a diagram goes, in pixels. Each host is a panel, with its stages one below the other;
 * the containers of a stage are in rows, below those of it that they depend on. Boxes of a host stand in
 * the columns of one grid, so that curves pass between them.
 */
import { groupBy } from "../../text/group.ts";
import { printable } from "../../text/printable.ts";
import type { BootGraph, ContainerNode, Dependency, HostNode, StageNode } from "./boot-graph.ts";
import { titleOf } from "./text.ts";

/** A rectangle. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A diagram with the places of its parts. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  /** Where it is said what a dashed line is; undefined where there is none. */
  readonly legend: number | undefined;
  readonly hosts: readonly HostBox[];
  /** Curves from host to host. */
  readonly across: readonly string[];
}

/** A host's panel. What is in it is placed relative to its corner. */
export interface HostBox extends Box {
  readonly node: HostNode;
  readonly titleLines: readonly string[];
  readonly noteLines: readonly string[];
  readonly stages: readonly StageBox[];
  /** Curves between its containers, as the data of SVG paths. */
  readonly curves: readonly string[];
}

/** A stage, with its title on the left and its containers on the right. */
export interface StageBox extends Box {
  readonly node: StageNode;
  readonly titleLines: readonly string[];
  readonly containers: readonly ContainerBox[];
}

/** A container. */
export interface ContainerBox extends Box {
  readonly node: ContainerNode;
  /** Its name. */
  readonly lines: readonly string[];
  readonly column: number;
  /** Its row, counted through all stages of the host. */
  readonly row: number;
}

/** Around everything, and between hosts. */
export const MARGIN = 24;
/** The height of the heading above all hosts. */
const HEADING = 34;
/** Between the border of a panel, a stage or a container and what is in it. */
export const PADDING = 14;
/** The height of a line of text. */
export const LINE = 17;
/** The height of a host's name. */
export const TITLE_LINE = 22;
/** Between two stages: an arrow with a word is there. */
export const STEP = 36;
/** The width of the stages' titles. */
const TITLES = 158;
/** Between boxes. */
const GAP = 12;
/** The same where curves pass between them. */
const CURVE_GAP = 26;
/** Where between two columns curves from several containers go, from the middle. */
const TRACKS = [0, -4, 4, -8, 8];

/** No character of a monospaced font is wider, as a part of its size; nor the mean of ours in others. */
const CELL = 0.61;
const HEADING_SIZE = 17;
const NAME_SIZE = 13;
const TITLE_SIZE = 16;
const NOTE_SIZE = 12;
/** The longest line of a container's name, in characters. */
const NAME_CELLS = 24;
/** No box is smaller than this. */
const MIN_BOX = 88;
const MIN_PANEL = 280;

/** Places everything. */
export function layOut(graph: BootGraph): Layout {
  const { hosts, across } = graph;
  const placed = shelve(hosts.map(placeHost));
  const heading = Math.ceil(cells(printable(titleOf(graph))) * HEADING_SIZE * CELL);
  const right = largest(placed, ({ x, width }) => x + width, MARGIN + heading);
  const bottom = largest(placed, ({ y, height }) => y + height, MARGIN + HEADING);
  const isDashed = across.length > 0 || hosts.some(({ dependencies }) => dependencies.length > 0);
  const boxes = across.length === 0 ? new Map<string, Box>() : containerBoxes(placed);
  return {
    width: right + MARGIN,
    height: bottom + MARGIN + (isDashed ? LINE : 0),
    legend: isDashed ? bottom + MARGIN : undefined,
    hosts: placed,
    across: across.flatMap(({ from, to }) => {
      const [a, b] = [boxes.get(from), boxes.get(to)];
      return a === undefined || b === undefined ? [] : [curveAcross(a, b)];
    }),
  };
}

/** Puts panels beside each other, in rows that make the whole a little wider than high. */
function shelve(panels: readonly HostBox[]): HostBox[] {
  const area = panels.reduce((sum, { width, height }) => sum + width * height, 0);
  const widest = largest(panels, ({ width }) => width, 0);
  const limit = Math.max(widest, 1.3 * Math.sqrt(area), 1000);
  let [x, y, height] = [MARGIN, MARGIN + HEADING, 0];
  return panels.map((panel) => {
    if (x > MARGIN && x + panel.width > MARGIN + limit) {
      [x, y, height] = [MARGIN, y + height + MARGIN, 0];
    }
    const placed = { ...panel, x, y };
    x += panel.width + MARGIN;
    height = Math.max(height, panel.height);
    return placed;
  });
}

function containerBoxes(hosts: readonly HostBox[]): Map<string, Box> {
  const boxes = new Map<string, Box>();
  for (const { x, y, stages } of hosts) {
    for (const box of stages.flatMap(({ containers }) => containers)) {
      boxes.set(box.node.id, { ...box, x: x + box.x, y: y + box.y });
    }
  }
  return boxes;
}

/** The grid of a host: where columns are, and how far apart its boxes. */
interface Grid {
  /** Where the first column begins. */
  readonly left: number;
  readonly columns: number;
  readonly boxWidth: number;
  readonly gap: number;
}

function gridOf({ stages, dependencies }: HostNode, ranks: readonly ContainerNode[][]): Grid {
  const names = stages.flatMap(({ containers }) => containers).map(({ name }) => name);
  const lines = names.flatMap((name) => nameLines(name, NAME_CELLS));
  const boxWidth = largest(lines, boxWidthOf, MIN_BOX);
  return {
    left: 2 * PADDING + TITLES,
    columns: columnsFor(
      largest(ranks, ({ length }) => length, 1),
      boxWidth,
    ),
    boxWidth,
    gap: dependencies.length === 0 ? GAP : CURVE_GAP,
  };
}

function placeHost(host: HostNode): HostBox {
  const ranks = ranksOf(host);
  const grid = gridOf(host, [...ranks.values()].flat());
  const { left, columns, boxWidth, gap } = grid;
  const right = left + columns * (boxWidth + gap) - gap + Math.max(gap, PADDING) + PADDING;
  const width = Math.max(MIN_PANEL, host.stages.length === 0 ? 0 : right);
  const inner = width - 2 * PADDING;
  const titleLines = nameLines(host.name, cellsIn(inner, TITLE_SIZE));
  const noteLines = host.notes.flatMap((note) => wrap(note, cellsIn(inner, NOTE_SIZE)));

  let y = PADDING + titleLines.length * TITLE_LINE + noteLines.length * LINE + PADDING;
  let row = 0;
  const stages = host.stages.map((stage): StageBox => {
    const rows = (ranks.get(stage) ?? []).flatMap((rank) => chunks(rank, columns));
    const placed = placeStage(stage, rows, { ...grid, y, row, width: inner });
    row += rows.length;
    y += placed.height + STEP;
    return placed;
  });
  return {
    x: 0,
    y: 0,
    width,
    height: (stages.length === 0 ? y + LINE : y - STEP) + PADDING,
    node: host,
    titleLines,
    noteLines,
    stages,
    curves: curvesBetween(stages, host.dependencies, grid),
  };
}

/** Where a stage goes: below what, how wide, and the number of its first row. */
interface StagePlace extends Grid {
  readonly y: number;
  readonly width: number;
  readonly row: number;
}

function placeStage(
  node: StageNode,
  rows: readonly (readonly ContainerNode[])[],
  { left, boxWidth, gap, y, width, row }: StagePlace,
): StageBox {
  const titleLines = nameLines(node.title, cellsIn(TITLES - PADDING, NAME_SIZE));
  let top = y + PADDING;
  const containers = rows.flatMap((members, index) => {
    const boxes = members.map((node, column): ContainerBox => {
      const lines = nameLines(node.name, NAME_CELLS);
      const x = left + column * (boxWidth + gap);
      const height = heightOf(lines, node.marks);
      return { x, y: top, width: boxWidth, height, node, lines, column, row: row + index };
    });
    const height = largest(boxes, (box) => box.height, 0);
    top += height + gap;
    return boxes.map((box) => ({ ...box, height }));
  });
  // Below the title it says how long the stage waits.
  const titles = (titleLines.length + (node.timeoutSeconds === undefined ? 0 : 1)) * LINE;
  const height = Math.max(top - gap - y, PADDING + titles) + PADDING;
  return { x: PADDING, y, width, height, node, titleLines, containers };
}

function boxWidthOf(line: string): number {
  return Math.ceil(cells(line) * NAME_SIZE * CELL) + 2 * PADDING;
}

function heightOf(lines: readonly string[], marks: readonly string[]): number {
  return (lines.length + (marks.length === 0 ? 0 : 1)) * LINE + PADDING;
}

/** How many columns make a stage of so many containers three times as wide as high, and fill its rows. */
function columnsFor(count: number, boxWidth: number): number {
  const wanted = Math.ceil(Math.sqrt((3 * count * (LINE + PADDING + GAP)) / (boxWidth + GAP)));
  return Math.ceil(count / Math.ceil(count / wanted));
}

/**
 * The containers of each stage by how many others of it come before them. They are in an order in which
 * each stands behind what it depends on, but in a circle.
 */
function ranksOf({ stages, dependencies }: HostNode): Map<StageNode, ContainerNode[][]> {
  const needs = groupBy(dependencies, ({ to }) => to);
  return new Map(
    stages.map((stage) => {
      const rankOf = new Map<string, number>();
      const ranks: ContainerNode[][] = [];
      for (const container of stage.containers) {
        const its = needs.get(container.id) ?? [];
        const rank = largest(its, ({ from }) => (rankOf.get(from) ?? -1) + 1, 0);
        rankOf.set(container.id, rank);
        (ranks[rank] ??= []).push(container);
      }
      return [stage, ranks];
    }),
  );
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

/** The curves of a host. One to the next row goes straight there, any other between two columns. */
function curvesBetween(
  stages: readonly StageBox[],
  dependencies: readonly Dependency[],
  grid: Grid,
): string[] {
  const boxes = new Map(
    stages.flatMap(({ containers }) => containers).map((box) => [box.node.id, box]),
  );
  const tracks = new Map<number, Map<string, number>>();
  return dependencies.flatMap(({ from, to }) => {
    const [a, b] = [boxes.get(from), boxes.get(to)];
    if (a === undefined || b === undefined) return [];
    if (Math.abs(a.row - b.row) <= 1) return [curve(a, b, grid.gap)];
    // Left of where it goes, or right of it where it comes from there.
    const gutter = a.column < b.column ? b.column : b.column + 1;
    const its = tracks.get(gutter) ?? new Map<string, number>();
    tracks.set(gutter, its);
    const track = its.get(from) ?? its.size;
    its.set(from, track);
    const left = grid.left - grid.gap + gutter * (grid.boxWidth + grid.gap);
    const x = left + grid.gap / 2 + (TRACKS[track % TRACKS.length] ?? 0);
    return [curveThrough(a, b, x, grid.gap)];
  });
}

/** From the lower border of a box to the upper one of another, or the other way where that is above it. */
function curve(a: Box, b: Box, gap: number): string {
  const [x1, x2] = [middle(a), middle(b)];
  if (a.y === b.y) {
    const y = a.y + a.height;
    return `M${x1} ${y}C${x1} ${y + gap} ${x2} ${y + gap} ${x2} ${y}`;
  }
  const [y1, y2] = a.y < b.y ? [a.y + a.height, b.y] : [a.y, b.y + b.height];
  const y = round((y1 + y2) / 2);
  return `M${x1} ${y1}C${x1} ${y} ${x2} ${y} ${x2} ${y2}`;
}

/** The same by way of a place where there is no box. */
function curveThrough(a: Box, b: Box, x: number, gap: number): string {
  const [x1, x2] = [middle(a), middle(b)];
  const [y1, y2] = a.y < b.y ? [a.y + a.height, b.y] : [a.y, b.y + b.height];
  const turn = a.y < b.y ? gap : -gap;
  const [near, far] = [round(turn * 0.6), round(turn * 0.4)];
  return [
    `M${x1} ${y1}C${x1} ${y1 + near} ${x} ${y1 + far} ${x} ${y1 + turn}`,
    `V${y2 - turn}`,
    `C${x} ${y2 - far} ${x2} ${y2 - near} ${x2} ${y2}`,
  ].join("");
}

/** From one panel to another: from side to side, or from below to above where they are in one column. */
function curveAcross(a: Box, b: Box): string {
  const [y1, y2] = [round(a.y + a.height / 2), round(b.y + b.height / 2)];
  if (a.x + a.width >= b.x && b.x + b.width >= a.x) return curve(a, b, CURVE_GAP);
  const [x1, x2] = a.x < b.x ? [a.x + a.width, b.x] : [a.x, b.x + b.width];
  const x = round((x1 + x2) / 2);
  return `M${x1} ${y1}C${x} ${y1} ${x} ${y2} ${x2} ${y2}`;
}

/** The largest number that there is of any item, but never less than another. */
function largest<T>(items: readonly T[], of: (item: T) => number, least: number): number {
  return items.reduce((most, item) => Math.max(most, of(item)), least);
}

function middle({ x, width }: Box): number {
  return round(x + width / 2);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** How many cells of a monospaced font a text takes; what is not Latin may take two. */
function cells(text: string): number {
  let count = 0;
  for (const char of text) count += (char.codePointAt(0) ?? 0) < 0x300 ? 1 : 2;
  return count;
}

function cellsIn(width: number, size: number): number {
  return Math.floor(width / (size * CELL));
}

/** A name in lines, ended where one of its words ends if it can be. */
function nameLines(name: string, most: number): string[] {
  return fill(printable(name).match(/[^-_. ]*[-_. ]|[^-_. ]+/gu) ?? [], most);
}

/** A text in lines, ended between its words. */
function wrap(text: string, most: number): string[] {
  return fill(printable(text).match(/[^ ]* |[^ ]+/gu) ?? [], most);
}

/** Puts pieces into lines, and breaks those that are longer. */
function fill(pieces: readonly string[], most: number): string[] {
  const lines: string[] = [];
  let line = "";
  let width = 0;
  const end = (): void => {
    lines.push(line.trimEnd());
    [line, width] = ["", 0];
  };
  for (const piece of pieces) {
    const its = cells(piece.trimEnd());
    if (width > 0 && width + its > most) end();
    for (const char of piece) {
      if (width > 0 && width + cells(char.trimEnd()) > most) end();
      line += char;
      width += cells(char);
    }
  }
  if (width > 0 || lines.length === 0) end();
  return lines;
}
