/**
 * Where everything of a diagram goes, in pixels. Each host is a panel, with its stages one below the other;
 * the containers of a stage are in rows, below those of it that they depend on. Boxes of a host stand in
 * the columns of one grid, so that curves pass between them.
 */
import { groupBy } from "../../fleet/group.ts";
import type { BootGraph, ContainerNode, Dependency, HostNode, StageNode } from "./boot-graph.ts";

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

/** No character of a monospaced font is wider, as a part of its size; nor the mean of ours in others. */
const CELL = 0.61;
const NAME_SIZE = 13;
const TITLE_SIZE = 16;
const NOTE_SIZE = 12;
/** The longest line of a container's name, in characters. */
const NAME_CELLS = 24;
/** No box is smaller than this. */
const MIN_BOX = 88;
const MIN_PANEL = 280;

/** Places everything. */
export function layOut({ hosts, across }: BootGraph): Layout {
  const placed = shelve(hosts.map(placeHost));
  const right = largest(placed, ({ x, width }) => x + width, MIN_PANEL);
  const bottom = largest(placed, ({ y, height }) => y + height, HEADING);
  const boxes = across.length === 0 ? new Map<string, Box>() : containerBoxes(placed);
  return {
    width: right + MARGIN,
    height: bottom + MARGIN,
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

function placeHost(host: HostNode): HostBox {
  const gap = host.dependencies.length === 0 ? GAP : CURVE_GAP;
  const ranks = ranksOf(host);
  const containers = host.stages.flatMap((stage) => stage.containers);
  const boxWidth = containers
    .flatMap(({ name }) => nameLines(name, NAME_CELLS))
    .reduce((most, line) => Math.max(most, boxWidthOf(line)), MIN_BOX);
  const columns = columnsFor(
    Math.max(1, ...[...ranks.values()].flat().map((rank) => rank.length)),
    boxWidth,
  );
  const grid: Grid = { left: 2 * PADDING + TITLES, columns, boxWidth, gap };

  const right = grid.left + columns * (boxWidth + gap) - gap + Math.max(gap, PADDING) + PADDING;
  const width = Math.max(MIN_PANEL, host.stages.length === 0 ? 0 : right);
  const titleLines = nameLines(host.name, cellsIn(width - 2 * PADDING, TITLE_SIZE));
  const noteLines = host.notes.flatMap((note) =>
    wrap(note, cellsIn(width - 2 * PADDING, NOTE_SIZE)),
  );

  let y = PADDING + titleLines.length * TITLE_LINE + noteLines.length * LINE + PADDING;
  let row = 0;
  const stages = host.stages.map((stage): StageBox => {
    const rows = (ranks.get(stage) ?? []).flatMap((rank) => chunks(rank, columns));
    const placed = placeStage(stage, rows, { ...grid, y, row });
    row += rows.length;
    y += placed.height + STEP;
    return { ...placed, width: width - 2 * PADDING };
  });
  const bottom = stages.length === 0 ? y + LINE : y - STEP;
  return {
    x: 0,
    y: 0,
    width,
    height: bottom + PADDING,
    node: host,
    titleLines,
    noteLines,
    stages,
    curves: curvesBetween(stages, host.dependencies, grid),
  };
}

function placeStage(
  node: StageNode,
  rows: readonly (readonly ContainerNode[])[],
  { left, boxWidth, gap, y, row }: Grid & { readonly y: number; readonly row: number },
): StageBox {
  const titleLines = nameLines(node.title, cellsIn(TITLES - PADDING, NAME_SIZE));
  let top = y + PADDING;
  const containers = rows.flatMap((members, index) => {
    const wrapped = members.map(({ name }) => nameLines(name, NAME_CELLS));
    const height = members.reduce(
      (most, { marks }, at) => Math.max(most, heightOf(wrapped[at] ?? [], marks)),
      0,
    );
    const boxes = members.map((container, column): ContainerBox => ({
      x: left + column * (boxWidth + gap),
      y: top,
      width: boxWidth,
      height,
      node: container,
      lines: wrapped[column] ?? [],
      column,
      row: row + index,
    }));
    top += height + gap;
    return boxes;
  });
  // Below the title it says how long the stage waits.
  const titles = (titleLines.length + (node.timeoutSeconds === undefined ? 0 : 1)) * LINE;
  const height = Math.max(top - gap - y, PADDING + titles) + PADDING;
  return { x: PADDING, y, width: 0, height, node, titleLines, containers };
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
        const rank = (needs.get(container.id) ?? []).reduce(
          (most, { from }) => Math.max(most, (rankOf.get(from) ?? -1) + 1),
          0,
        );
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
    return [curveThrough(a, b, left + 5 + ((4 * track) % (grid.gap - 8)), grid.gap)];
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
  return fill(name.match(/[^-_. ]*[-_. ]|[^-_. ]+/gu) ?? [], most);
}

/** A text in lines, ended between its words. */
function wrap(text: string, most: number): string[] {
  return fill(text.match(/[^ ]* |[^ ]+/gu) ?? [], most);
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
