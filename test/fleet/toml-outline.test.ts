/** The outline of a text against its syntax tree, which somebody else's parser makes. */
import fc from "fast-check";
import { readdirSync, readFileSync } from "node:fs";
import { type AST, parseTOML } from "toml-eslint-parser";
import { describe, expect, it } from "vitest";
import type { Range } from "../../src/document/scan.ts";
import { parseToml } from "../../src/document/source.ts";
import {
  type Outline,
  type OutlineKey,
  type OutlinePair,
  type OutlineValue,
  outlineToml,
} from "../../src/document/toml-outline.ts";
import { holds } from "../support/fuzz.ts";

/** What the outline should be. */
function outlineOfTree(text: string): Outline {
  const tree = parseTOML(text, { tomlVersion: "1.1" });
  const [top] = tree.body;
  const range = ({ range: [start, end], loc }: AST.TOMLNode): Range => {
    // Places are told by offsets: the tree's lines and columns must say the same.
    const before = text.slice(0, start).split("\n");
    expect([loc.start.line, loc.start.column]).toEqual([before.length, before.at(-1)?.length]);
    return { start, end };
  };
  const key = (node: AST.TOMLKey): OutlineKey => ({
    names: node.keys.map((name) => ({
      name: name.type === "TOMLBare" ? name.name : name.value,
      ...range(name),
    })),
    ...range(node),
  });
  const pair = (node: AST.TOMLKeyValue): OutlinePair => ({
    key: key(node.key),
    value: value(node.value),
  });
  const value = (node: AST.TOMLContentNode): OutlineValue => ({
    ...range(node),
    ...(node.type === "TOMLArray" && { elements: node.elements.map(value) }),
    ...(node.type === "TOMLInlineTable" && { pairs: node.body.map(pair) }),
  });
  const isPair = (node: AST.TOMLNode) => node.type === "TOMLKeyValue";
  const tables = [
    { path: [], key: undefined, pairs: top.body.filter(isPair).map(pair) },
    ...top.body
      .filter((node) => node.type === "TOMLTable")
      .map((table) => ({
        path: table.resolvedKey,
        key: key(table.key),
        pairs: table.body.map(pair),
      })),
  ];
  const comments = tree.comments.map(({ range: [start, end] }) => ({ start, end }));
  return { tables, comments };
}

function isToml(text: string): boolean {
  try {
    parseToml("a.toml", text);
    return true;
  } catch {
    return false;
  }
}

const FILES = ["examples", "test/golden", "test/corpus"]
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) => `${folder}/${file}`),
  )
  .filter((file) => /\.(?:toml|lock)$/.test(file))
  .sort();

/** Every form that a key, a value, a header and what is between them can have. */
const UNUSUAL = `# first\r
a.b . "c d" . 'e.f' = 1 # with a comment
"\\u00e9\\"]=#" = "=#[\\"\\\\"
'' = ''
q . "" . x = """
""a"" # no comment
\\""" \\
  end"""""
l = '''
'a''\\'''''
d = [1979-05-27 07:32:00Z, 1979-05-27 , 07:32:00, 1979-05-27T07:32:00.5-07:00]
n = [ +1_000, -0.5e+3, 0xdead_beef, inf, -nan , true, [ [ ], {} ], # ]
  { x.y = { z = [ "]" , '}' ] }, w = "😀" }, { 
    k = 1, # }
  }, ]
😀 = 1
[ t . "u v" ]
k=1
\t[[ t . "u v" . w ]]
k =\t[
]
[[t."u v".w]]
[t."u v".w.x]
[[t."u v".w.x.y]]
[[z]]
[t."u v".w.x2]
[z.a]
[[z]]
[z.a]
last = 1`.replace("😀 = 1", '"😀" = 1');

describe("the outline of a text", () => {
  it.each(FILES.filter((file) => isToml(readFileSync(file, "utf8"))))("is that of %s", (file) => {
    const text = readFileSync(file, "utf8");
    expect(outlineToml(text)).toEqual(outlineOfTree(text));
  });

  it("has everything that is possible", () => {
    expect(outlineToml(UNUSUAL)).toEqual(outlineOfTree(UNUSUAL));
    expect(outlineToml("")).toEqual(outlineOfTree(""));
  });

  it("is right for whatever is TOML", async () => {
    const piece = fc.string({
      unit: fc.constantFrom(...Array.from("[]{}=\"'#\n.,\\ \t\r019abeTZ:-+_é😀")),
      maxLength: 4,
    });
    const edit = fc.record({
      at: fc.double({ min: 0, max: 0.999, noNaN: true }),
      remove: fc.integer({ min: 0, max: 6 }),
      insert: piece,
    });
    const texts = [UNUSUAL, ...FILES.slice(0, 20).map((file) => readFileSync(file, "utf8"))];
    let compared = 0;
    await holds(
      fc.property(fc.constantFrom(...texts), fc.array(edit, { maxLength: 3 }), (text, edits) => {
        const edited = edits.reduce((now, { at, remove, insert }) => {
          const start = Math.floor(at * now.length);
          return now.slice(0, start) + insert + now.slice(start + remove);
        }, text);
        // Half a pair of UTF-16 does not come out of a file.
        if (/\p{Cs}/u.test(edited) || !isToml(edited)) return;
        compared += 1;
        expect(outlineToml(edited)).toEqual(outlineOfTree(edited));
      }),
      2000,
    );
    expect(compared).toBeGreaterThan(200);
  });
});
