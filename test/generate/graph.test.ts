/** Diagrams: any text in them is text to whoever reads them, and nothing of a picture covers anything. */
import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { printable } from "../../src/text/printable.ts";
import type {
  BootGraph,
  ContainerNode,
  Dependency,
  HostNode,
  StageNode,
} from "../../src/generate/graph/boot-graph.ts";
import { dotDiagram } from "../../src/generate/graph/dot.ts";
import { type Box, layOut } from "../../src/generate/graph/layout.ts";
import { mermaidDiagram } from "../../src/generate/graph/mermaid.ts";
import { svgDiagram } from "../../src/generate/graph/svg.ts";
import { captionOf } from "../../src/generate/graph/text.ts";
import { holds, holdsForAll } from "../support/fuzz.ts";
import { HOSTILE } from "../support/hostile.ts";
import { lacks } from "../support/tools.ts";
import { text } from "./arbitrary.ts";

const MARKUP = [
  "<b>", "&amp;", "&#60;", "#quot;", "#35;", "]]>", "<!--", "-->", "\\N", "\\l", "\\\\", '\\"', "`x`", "%%", "%%{init:{}}%%",
  "style a:#b;", "classDef x:#y;", "end", "subgraph", "c1", ";", "\ud800", "\udfff", "\0", "\ufffe", "\u202e",
]; // prettier-ignore

/** Any text, without what is more than a diagram will ever be asked to hold. */
const anyText = fc.oneof(
  text,
  fc.constantFrom(...HOSTILE.filter(({ length }) => length < 1000)),
  fc.array(fc.constantFrom(...MARKUP), { maxLength: 5 }).map((pieces) => pieces.join("")),
  fc.array(fc.nat(0xffff), { maxLength: 8 }).map((units) => String.fromCharCode(...units)),
);

/** A name that is safe, which may be one long word. */
const safeName = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,20}$/),
  fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{50,120}$/),
  fc.integer({ min: 20, max: 127 }).map((length) => "w".repeat(length)),
);

/** Hosts with stages and containers, some of which depend on others, in whatever order. */
function anyGraph(name: fc.Arbitrary<string>): fc.Arbitrary<BootGraph> {
  const marks = fc.subarray(["DNS", "registry"]);
  const container = fc.record({ name, marks });
  const stage = fc.record({
    title: name,
    timeoutSeconds: fc.option(fc.nat(1000), { nil: undefined }),
    next: fc.constantFrom("only if healthy" as const, "whatever happens" as const),
    containers: fc.array(container, { minLength: 1, maxLength: 7 }),
  });
  const host = fc.record({
    name,
    notes: fc.array(name, { maxLength: 2 }),
    stages: fc.array(stage, { maxLength: 4 }),
  });
  const pairs = fc.array(fc.tuple(fc.nat(27), fc.nat(27)), { maxLength: 12 });
  return fc
    .tuple(name, fc.array(fc.tuple(host, pairs), { maxLength: 3 }), pairs)
    .map(([fleet, described, across]) => {
      const hosts = described.map(
        ([{ name: hostName, notes, stages }, itsPairs], index): HostNode => {
          const id = `h${index + 1}`;
          let count = 0;
          const nodes = stages.map((each, number): StageNode => ({
            ...each,
            id: `${id}s${number + 1}`,
            containers: each.containers.map((one) => ({ ...one, id: `${id}c${(count += 1)}` })),
          }));
          const here = nodes.flatMap(({ containers }) => containers);
          const dependencies = dependenciesOf(itsPairs, here, here);
          return { id, name: hostName, notes, stages: nodes, dependencies };
        },
      );
      const [first = [], ...others] = hosts.map(containersOf);
      return { fleet, hosts, across: dependenciesOf(across, first, others.flat()) };
    });
}

function dependenciesOf(
  pairs: readonly (readonly [number, number])[],
  sources: readonly ContainerNode[],
  targets: readonly ContainerNode[],
): Dependency[] {
  return pairs.flatMap(([from, to]) => {
    const [a, b] = [sources[from], targets[to]];
    return a === undefined || b === undefined || a === b ? [] : [{ from: a.id, to: b.id }];
  });
}

function containersOf({ stages }: HostNode): readonly ContainerNode[] {
  return stages.flatMap(({ containers }) => containers);
}

describe("mermaid", () => {
  /** Every line that there is in a flowchart of ours, and its label. */
  const LINES = [
    /^flowchart TD$/,
    /^ {2}(?:subgraph h\d+)\["(.*)"\]$/,
    /^ {4}(?:subgraph h\d+s\d+)\["(.*)"\]$/,
    /^ {6}h\d+c\d+\["(.*)"\]$/,
    /^ {4}direction TB$/,
    /^ {2,4}end$/,
    /^ {4}h\d+s\d+ -->\|(?:only if healthy|whatever happens)\| h\d+s\d+$/,
    /^ {2,4}h\d+c\d+ -\.-> h\d+c\d+$/,
  ];

  function decode(label: string): string {
    // What mermaid takes for something else, in some place or other, is not there.
    expect(label).toMatch(/^(?:[A-Za-z0-9 _.,()-]|#\d+;)*$/);
    return label.replaceAll(/#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
  }

  it("has any text in its labels and nowhere else", async () => {
    await holds(
      fc.property(anyGraph(anyText), (graph) => {
        const lines = mermaidDiagram(graph).trimEnd().split("\n");
        const labels = lines.flatMap((line) => {
          const match = LINES.map((pattern) => pattern.exec(line)).find((found) => found !== null);
          expect(match, line).toBeDefined();
          return match?.[1] === undefined ? [] : [decode(match[1])];
        });
        const expected = graph.hosts.flatMap(({ name, stages }) => [
          name,
          ...stages.flatMap(({ title, containers }) => [title, ...containers.map(captionOf)]),
        ]);
        expect(labels).toEqual(expected.map((each) => (each === "" ? " " : printable(each))));
        expect(lines.filter((line) => line.includes("-.->"))).toHaveLength(
          graph.across.length + graph.hosts.flatMap(({ dependencies }) => dependencies).length,
        );
      }),
      300,
    );
  });
});

/** An object of what `dot -Tjson` prints, with the texts that it draws. */
interface Drawn {
  readonly name: string;
  readonly _ldraw_?: readonly { readonly op: string; readonly text?: string }[];
}

describe.skipIf(lacks("dot"))("dot", () => {
  function draw(source: string): { objects?: readonly Drawn[]; edges?: readonly unknown[] } {
    const { status, stdout, stderr } = spawnSync("dot", ["-Tjson"], {
      input: source,
      encoding: "utf8",
      maxBuffer: 1 << 28,
    });
    expect(status, stderr).toBe(0);
    expect(stderr).not.toMatch(/syntax|error/i);
    return JSON.parse(stdout) as ReturnType<typeof draw>;
  }

  function drawnTexts(source: string): Map<string, string> {
    const { objects = [] } = draw(source);
    return new Map(
      objects.map(({ name, _ldraw_ = [] }) => [
        name,
        _ldraw_.flatMap(({ op, text: line = "" }) => (op === "T" ? [line] : [])).join("\n"),
      ]),
    );
  }

  it("draws any text as it is", async () => {
    // One host with a stage for each: dot is slow to start.
    await holdsForAll(anyText, 150, (texts) => {
      const stages = texts.map((title, index): StageNode => ({
        id: `h1s${index}`,
        title,
        timeoutSeconds: undefined,
        next: "whatever happens",
        containers: [{ id: `h1c${index}`, name: title, marks: [] }],
      }));
      const [name = "", ...notes] = texts.slice(0, 4);
      const host = { id: "h1", name, notes, stages, dependencies: [] };
      const drawn = drawnTexts(dotDiagram({ fleet: name, hosts: [host], across: [] }));
      for (const [index, each] of texts.entries()) {
        expect(drawn.get(`h1c${index}`)).toBe(printable(each));
        expect(drawn.get(`cluster_h1s${index}`)).toBe(printable(each));
      }
      // An empty line is left free, and nothing drawn.
      const lines = [name, ...notes].filter((line) => line !== "").map(printable);
      expect(drawn.get("cluster_h1")).toBe(lines.join("\n"));
    });
  });

  it("takes every graph, and draws each dependency", async () => {
    await holdsForAll(anyGraph(anyText), 4, (graphs) => {
      for (const graph of graphs) {
        const { edges = [] } = draw(dotDiagram(graph));
        const dependencies = graph.hosts.flatMap((host) => host.dependencies);
        expect(edges.length).toBeGreaterThanOrEqual(dependencies.length + graph.across.length);
      }
    });
  });
});

/** What a parser of XML finds in a picture. */
interface Picture {
  readonly elements: readonly string[];
  readonly attributes: readonly string[];
  /** The texts of elements that have any, by the element's name. */
  readonly texts: readonly (readonly [element: string, text: string])[];
}

const PARSE = `
import json, sys
import xml.etree.ElementTree as tree
def local(name): return name.replace("{http://www.w3.org/2000/svg}", "")
def picture(text):
    elements = list(tree.fromstring(text.encode()).iter())
    return {
        "elements": sorted({local(each.tag) for each in elements}),
        "attributes": sorted({name for each in elements for name in each.attrib}),
        "texts": [[local(each.tag), each.text] for each in elements if (each.text or "").strip()],
    }
print(json.dumps([picture(text) for text in json.load(sys.stdin)]))
`;

describe.skipIf(lacks("python3"))("svg", () => {
  function parse(pictures: readonly string[]): Picture[] {
    const { stdout, stderr } = spawnSync("python3", ["-c", PARSE], {
      input: JSON.stringify(pictures),
      encoding: "utf8",
      maxBuffer: 1 << 28,
    });
    expect(stderr).toBe("");
    return JSON.parse(stdout) as Picture[];
  }

  it("has any text as text, and neither scripts nor links", async () => {
    await holdsForAll(anyGraph(anyText), 100, (graphs) => {
      const pictures = parse(graphs.map(svgDiagram));
      for (const [index, graph] of graphs.entries()) {
        const { elements, attributes, texts } = pictures[index] ?? {
          elements: [],
          attributes: [],
          texts: [],
        };
        const known = [
          "defs",
          "desc",
          "g",
          "marker",
          "path",
          "rect",
          "style",
          "svg",
          "text",
          "title",
        ];
        expect(elements.filter((name) => !known.includes(name))).toEqual([]);
        expect(attributes.filter((name) => /^on|href/.test(name))).toEqual([]);
        const nodes = graph.hosts.flatMap((host) => [
          host.name,
          ...containersOf(host).map(captionOf),
        ]);
        const titles = texts.flatMap(([element, its]) => (element === "title" ? [its] : []));
        // Those of a stage stand where they are drawn.
        expect(titles.slice(1).sort()).toEqual(
          nodes
            .map(asShown)
            .filter((title) => title.trim() !== "")
            .sort(),
        );
        const [description = ""] = texts.flatMap(([element, its]) =>
          element === "desc" ? [its] : [],
        );
        for (const node of nodes) expect(description).toContain(asShown(node));
      }
    });
  });

  /** An XML parser leaves these two out, so they are written by their numbers as well. */
  function asShown(name: string): string {
    return printable(name).replaceAll(
      /[\ufffe\uffff]/g,
      (char) => `\\u{${char.charCodeAt(0).toString(16)}}`,
    );
  }

  it("says in words what it shows", () => {
    const container = (id: string, name: string, ...marks: string[]): ContainerNode => ({
      id,
      name,
      marks,
    });
    const graph: BootGraph = {
      fleet: "small",
      hosts: [
        {
          id: "h1",
          name: "alpha",
          notes: ["NixOS 25.11"],
          stages: [
            {
              id: "h1s1",
              title: "1. first",
              timeoutSeconds: 60,
              next: "only if healthy",
              containers: [container("a", "ns", "DNS"), container("b", "exporter")],
            },
            {
              id: "h1late",
              title: "in no stage",
              timeoutSeconds: undefined,
              next: "whatever happens",
              containers: [container("c", "web")],
            },
          ],
          dependencies: [{ from: "a", to: "b" }],
        },
        { id: "h2", name: "beta", notes: ["debian"], stages: [], dependencies: [] },
      ],
      across: [],
    };
    expect(/<desc[^>]*>(.*)<\/desc>/.exec(svgDiagram(graph))?.[1]).toBe(
      "alpha (NixOS 25.11) starts 1. first: ns (DNS), exporter; then, only if healthy, in no stage: web. " +
        "exporter depends on ns. beta (debian) starts no containers.",
    );
  });
});

describe("the places of a picture", () => {
  const isWithin = (inner: Box, outer: Box): boolean =>
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height;
  const overlap = (a: Box, b: Box): boolean =>
    a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

  function expectApart(boxes: readonly Box[]): void {
    for (const [index, box] of boxes.entries()) {
      expect(boxes.slice(index + 1).filter((other) => overlap(box, other))).toEqual([]);
    }
  }

  /** Points of a path that is made of M, C and V. */
  function pointsOf(path: string): [number, number][] {
    const points: [number, number][] = [];
    let [x, y] = [0, 0];
    for (const [, command = "", rest = ""] of path.matchAll(/([MCV])([^MCV]*)/g)) {
      const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = rest.trim().split(/[ ,]/).map(Number);
      const [x0, y0] = [x, y];
      for (let t = 0; t <= 1; t += 1 / 32) {
        const u = 1 - t;
        if (command === "V") points.push([x0, u * y0 + t * a]);
        if (command !== "C") continue;
        points.push([
          u ** 3 * x0 + 3 * u * u * t * a + 3 * u * t * t * c + t ** 3 * e,
          u ** 3 * y0 + 3 * u * u * t * b + 3 * u * t * t * d + t ** 3 * f,
        ]);
      }
      [x, y] = command === "V" ? [x0, a] : command === "C" ? [e, f] : [a, b];
    }
    return points;
  }

  it("do not overlap, and no curve of a host goes through a container", async () => {
    await holds(
      fc.property(anyGraph(safeName), (graph) => {
        const { width, height, hosts, across } = layOut(graph);
        expectApart(hosts);
        for (const host of hosts) {
          expect(isWithin(host, { x: 0, y: 0, width, height })).toBe(true);
          const inside = { x: 0, y: 0, width: host.width, height: host.height };
          expectApart(host.stages);
          for (const stage of host.stages) {
            expect(isWithin(stage, inside)).toBe(true);
            for (const box of stage.containers) expect(isWithin(box, stage)).toBe(true);
          }
          const boxes = host.stages.flatMap(({ containers }) => containers);
          expectApart(boxes);
          expect(host.curves).toHaveLength(host.node.dependencies.length);
          for (const [x, y] of host.curves.flatMap(pointsOf)) {
            const through = boxes.filter(
              (box) =>
                x > box.x &&
                x < box.x + box.width &&
                y > box.y + 0.1 &&
                y < box.y + box.height - 0.1,
            );
            expect(through).toEqual([]);
          }
        }
        expect(across).toHaveLength(graph.across.length);
      }),
      200,
    );
  });

  it("have room for every name, which is all there", async () => {
    await holds(
      fc.property(anyGraph(safeName), (graph) => {
        for (const { stages, titleLines, node, width } of layOut(graph).hosts) {
          for (const { x, node: stage, titleLines: its, containers } of stages) {
            expect(its.join("")).toBe(stage.title);
            for (const line of its) {
              expect(x + 14 + line.length * 7.9).toBeLessThan(containers[0]?.x ?? 0);
            }
          }
          expect(titleLines.join("")).toBe(node.name);
          for (const line of titleLines) expect(line.length * 9.7).toBeLessThan(width - 20);
          for (const { lines, node: container, ...box } of stages.flatMap(
            ({ containers }) => containers,
          )) {
            expect(lines.join("")).toBe(container.name);
            for (const line of lines) expect(line.length * 7.9).toBeLessThan(box.width - 20);
            const rows = lines.length + (container.marks.length === 0 ? 0 : 1);
            expect(rows * 17).toBeLessThan(box.height);
          }
        }
      }),
      100,
    );
  });
});
