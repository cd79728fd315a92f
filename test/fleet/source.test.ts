/** Positions of values in TOML and JSON, and texts that are meant to break the parsers. */
import type { Location, Path, Where } from "../../src/document/place.ts";
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { getStaticTOMLValue, parseTOML } from "toml-eslint-parser";
import { describe, expect, it } from "vitest";
import {
  parseJson,
  parseToml,
  type Source,
  SyntaxProblem,
  Unparsed,
} from "../../src/document/source.ts";
import { syntaxProblemOf } from "../../src/document/syntax-problem.ts";
import { holds } from "../support/fuzz.ts";

/** The text of a range, which must lie within the document. */
function textAt(text: string, { line, column, endLine, endColumn }: Location): string {
  const lines = text.split("\n");
  expect(line).toBeGreaterThanOrEqual(1);
  expect(column).toBeGreaterThanOrEqual(1);
  expect(endLine).toBeLessThanOrEqual(lines.length);
  const offset = (at: number, col: number): number =>
    lines.slice(0, at - 1).reduce((sum, { length }) => sum + length + 1, 0) + col - 1;
  return text.slice(offset(line, column), offset(endLine, endColumn));
}

function located(source: Source, path: Path, part?: Where["part"]): string {
  return textAt(source.text, source.positions().locate(path, part));
}

function syntaxOf(parse: () => Source): SyntaxProblem {
  try {
    parse();
  } catch (error) {
    if (error instanceof SyntaxProblem) return error;
    throw error;
  }
  throw new Error("it was parsed");
}

const TOML = `top = "first"
dotted.a.b = 1
dotted.a.c = 2
"quoted key" = 3
'literal.key' = 4
inline = { x = 5, y.z = [6, { w = 7 }] }
lines = [
  "one", # a comment
  [
    "two",
    "three",
  ],
]

[table]
key = 8
"quoted.inside" = 9

[super.sub]
key = 10

[[outer]]
name = "o0"

[[outer.inner]]
name = "i00"

[[outer.inner]]
name = "i01"
list = ["a", "b"]

[[outer]]
name = "o1"

[[outer.inner]]
name = "i10"

[outer.inner.deep]
key = 11
`;

describe("a place in TOML", () => {
  const source = parseToml("a.toml", TOML);

  it.each<[path: Path, text: string]>([
    [["top"], '"first"'],
    [["dotted", "a", "b"], "1"],
    [["dotted", "a", "c"], "2"],
    [["dotted", "a"], "a"],
    [["dotted"], "dotted"],
    [["quoted key"], "3"],
    [["literal.key"], "4"],
    [["inline"], "{ x = 5, y.z = [6, { w = 7 }] }"],
    [["inline", "x"], "5"],
    [["inline", "y"], "y"],
    [["inline", "y", "z"], "[6, { w = 7 }]"],
    [["inline", "y", "z", 0], "6"],
    [["inline", "y", "z", 1, "w"], "7"],
    [["lines", 0], '"one"'],
    [["lines", 1, 1], '"three"'],
    [["table"], "table"],
    [["table", "key"], "8"],
    [["table", "quoted.inside"], "9"],
    [["super", "sub"], "super.sub"],
    [["super", "sub", "key"], "10"],
    [["outer", 0, "name"], '"o0"'],
    [["outer", 1, "name"], '"o1"'],
    [["outer", 0, "inner", 0, "name"], '"i00"'],
    [["outer", 0, "inner", 1, "name"], '"i01"'],
    [["outer", 0, "inner", 1, "list", 1], '"b"'],
    [["outer", 1, "inner", 0, "name"], '"i10"'],
    [["outer", 1, "inner", 0, "deep", "key"], "11"],
  ])("of %j is that of its value", (path, text) => {
    expect(located(source, path)).toBe(text);
  });

  it.each<[path: Path, text: string]>([
    [["top"], "top"],
    [["dotted", "a", "b"], "b"],
    [["quoted key"], '"quoted key"'],
    [["inline", "x"], "x"],
    [["inline", "y", "z", 1, "w"], "w"],
    [["table"], "table"],
    [["table", "quoted.inside"], '"quoted.inside"'],
    [["outer", 0, "inner", 1, "list"], "list"],
  ])("of the key %j is that of the key", (path, text) => {
    expect(located(source, path, "key")).toBe(text);
  });

  it.each<[path: Path, text: string]>([
    [["super"], "super"],
    [["super", "missing"], "super"],
    [["table", "missing"], "table"],
    [["dotted", "a", "missing"], "a"],
    [["inline", "missing"], "{ x = 5, y.z = [6, { w = 7 }] }"],
    [["lines", 1, 9], '[\n    "two",\n    "three",\n  ]'],
    [["top", "no", "table"], '"first"'],
    [["outer", 0, "missing"], "outer"],
    [["outer", 0, "inner", 1, "missing"], "outer.inner"],
    [["outer", 1, "inner", 0, "deep", "missing"], "outer.inner.deep"],
  ])("that is missing is the nearest one above it: %j", (path, text) => {
    expect(located(source, path)).toBe(text);
  });

  it("of the second element of an array of tables is its own header", () => {
    const line = (path: Path): number => source.positions().locate(path).line;
    expect(TOML.split("\n")[line(["outer", 0, "missing"]) - 1]).toBe("[[outer]]");
    expect(line(["outer", 1, "missing"])).toBeGreaterThan(line(["outer", 0, "missing"]));
    expect(line(["outer", 0, "inner", 1, "missing"])).toBe(
      line(["outer", 0, "inner", 0, "missing"]) + 3,
    );
  });

  it("is the first character where there is nothing of the path", () => {
    const start = { file: "a.toml", line: 1, column: 1, endLine: 1, endColumn: 1 };
    expect(source.positions().locate([])).toEqual(start);
    expect(source.positions().locate(["nothing", 3, "here"])).toEqual(start);
    expect(parseToml("a.toml", "").positions().locate(["a"])).toEqual(start);
  });

  it("counts UTF-16 units after characters of two of them, tabs as one, and no carriage return", () => {
    const text = '# ü\r\n\ta = { "😀é" = 1,\tb = "x" }\r\nc\t=\t2\r\n';
    const windows = parseToml("a.toml", text);
    expect(windows.positions().locate(["a", "b"])).toEqual({
      file: "a.toml",
      line: 2,
      column: 23,
      endLine: 2,
      endColumn: 26,
    });
    expect(located(windows, ["a", "b"])).toBe('"x"');
    expect(located(windows, ["a", "😀é"], "key")).toBe('"😀é"');
    expect(windows.positions().locate(["c"])).toMatchObject({ line: 3, column: 5 });
    expect(windows.value).toEqual({ a: { "😀é": 1, b: "x" }, c: 2 });
  });
});

describe("a value of TOML", () => {
  it("is what the text says, however it is written", () => {
    expect(parseToml("a.toml", TOML).value).toEqual({
      top: "first",
      dotted: { a: { b: 1, c: 2 } },
      "quoted key": 3,
      "literal.key": 4,
      inline: { x: 5, y: { z: [6, { w: 7 }] } },
      lines: ["one", ["two", "three"]],
      table: { key: 8, "quoted.inside": 9 },
      super: { sub: { key: 10 } },
      outer: [
        { name: "o0", inner: [{ name: "i00" }, { name: "i01", list: ["a", "b"] }] },
        { name: "o1", inner: [{ name: "i10", deep: { key: 11 } }] },
      ],
    });
  });

  it("does not reach any prototype", () => {
    const text =
      "__proto__.a = 1\nx = { __proto__ = { b = 1 } }\n[y.__proto__]\nc = 1\n[constructor.prototype]\nd = 1\n";
    const { value } = parseToml("a.toml", text);
    const plain: Record<string, unknown> = {};
    expect([plain["a"], plain["b"], plain["c"], plain["d"]]).toEqual(Array(4).fill(undefined));
    expect(Object.keys(value)).toEqual(["__proto__", "x", "y", "constructor"]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it("is no object where it is a date, for a table would be one", () => {
    const { value } = parseToml("a.toml", "a = [2026-04-03, 2026-04-03T08:45:00Z, 08:45:00]");
    expect((value as { a: unknown[] }).a.map((date) => typeof date)).toEqual(
      Array(3).fill("symbol"),
    );
  });
});

const JSON_TEXT = `{
  "a": [1, {"b": "x", "c": [true]}],
\t"é😀": {"d": 2}
}`;

describe("a place in JSON", () => {
  const source = parseJson("a.json", JSON_TEXT);

  it.each<[path: Path, part: Where["part"], text: string]>([
    [["a", 0], undefined, "1"],
    [["a", 1, "b"], undefined, '"x"'],
    [["a", 1, "b"], "key", '"b"'],
    [["a", 1, "c", 0], undefined, "true"],
    [["é😀", "d"], undefined, "2"],
    [["é😀"], "key", '"é😀"'],
    [["a", 1, "missing"], undefined, '{"b": "x", "c": [true]}'],
    [["a", 7], undefined, '[1, {"b": "x", "c": [true]}]'],
    [["a", 0, "missing"], undefined, "1"],
  ])("of %j (%s)", (path, part, text) => {
    expect(located(source, path, part)).toBe(text);
  });

  it("counts from 1, in UTF-16 units", () => {
    expect(source.positions().locate(["é😀", "d"])).toEqual({
      file: "a.json",
      line: 3,
      column: 15,
      endLine: 3,
      endColumn: 16,
    });
  });

  it("is that of the last of two equal keys, whose value counts", () => {
    const twice = parseJson("a.json", '{"a": 1,\n"a": 2}');
    expect(twice.value).toEqual({ a: 2 });
    expect(located(twice, ["a"])).toBe("2");
  });

  it("is right in a text with carriage returns", () => {
    const windows = parseJson("a.json", '{\r\n\t"a": 1,\r\n\t"b": [2]\r\n}\r\n');
    expect(windows.positions().locate(["b", 0])).toMatchObject({
      line: 3,
      column: 8,
      endColumn: 9,
    });
  });

  it("of a key named __proto__ changes no prototype", () => {
    const evil = parseJson("a.json", '{"__proto__": {"polluted": 1}}');
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(located(evil, ["__proto__", "polluted"])).toBe("1");
  });
});

describe("a syntax problem", () => {
  function problemOf(text: string, format: "toml" | "json"): SyntaxProblem {
    const found = syntaxOf(() => (format === "json" ? parseJson : parseToml)("a", text));
    return found instanceof Unparsed ? syntaxProblemOf(text, format, found) : found;
  }

  const TEXT_ENDS = "the text ends before this is complete";
  const LINE_ENDS = "the line ends before this is complete";
  const BEFORE = "was defined before";
  const NO_VALUE = "this is no value; a text stands between quotes";
  const NO_KEY = "this cannot stand in a key; behind a key is a =";
  const NO_LINE = "a new line must begin before this";
  const NO_COMMA = "a comma or a closing bracket is missing before this";

  it.each<[text: string, place: string, marked: string, message: string]>([
    ["a = ", "1:4", "", TEXT_ENDS],
    ["a = [1,\r\n2, \r\n\r\n", "2:3", "", TEXT_ENDS],
    ["a = {\n  b = 1", "2:8", "", TEXT_ENDS],
    ["[a\n", "1:3", "", TEXT_ENDS],
    ["a", "1:1", "a", "this is not complete"],
    ["[[a]", "1:5", "", TEXT_ENDS],
    ["[[a] b", "1:5", " ", "a second ] is missing before this"],
    ["a =\nb = 1", "1:4", "", LINE_ENDS],
    ["[a\r\nb = 1", "1:3", "", LINE_ENDS],
    ['a = "open\nb = 1', "1:10", "", LINE_ENDS],
    ['a = """open\n\n', "1:5", '"', "this text is not closed"],
    ["a = [1, 2", "1:10", "", TEXT_ENDS],
    ["a = [", "1:5", "[", "this array is not closed"],
    ["a = {", "1:5", "{", "this table is not closed"],
    ["a = 1\nabc = 2\n[b]\n[abc]", "4:2", "abc", `[abc] ${BEFORE}, in line 2`],
    ["a = 1\na = 2\n", "2:1", "a", `a ${BEFORE}, in line 1`],
    ["[a]\nb = 1\n\n[a]\n", "4:2", "a", `[a] ${BEFORE}, in line 1`],
    ["a = { b = 1, b = 2 }", "1:14", "b", `this ${BEFORE}`],
    ["a = [{}]\n[[a]]\n", "2:3", "a", `this ${BEFORE}`],
    ["name = web\n", "1:8", "web", NO_VALUE],
    ["a = [1, tru]", "1:9", "tru", NO_VALUE],
    [`a = ${"x".repeat(1000)}`, "1:5", "x".repeat(100), NO_VALUE],
    ["a = 1\r\nb = 2026-13-45\r\n", "2:5", "2026-13-45", "invalid date"],
    ['ü = "x" y', "1:1", "ü", NO_KEY],
    ["name: web", "1:5", ":", NO_KEY],
    ["\0\0", "1:1", "\0", NO_KEY],
    ["= 1", "1:1", "=", "a key is missing before this"],
    ["a..b = 1", "1:3", ".b", "a key is missing before this"],
    ['a = "é😀" y', "1:11", "y", NO_LINE],
    ["a = 1\rb = 2", "1:6", "\r", NO_LINE],
    ["a = [1 2]", "1:8", "2", NO_COMMA],
    ["a = [1,\nb = 2", "2:1", "b", NO_VALUE],
    ['a = ["x"\nb = 2', "2:1", "b", NO_COMMA],
    ['a = "\\q"', "1:7", "q", "this cannot stand behind a backslash; write two of them for one"],
    ['a = "x\u0001"', "1:7", "\u0001", "control characters are not allowed in strings"],
    ["a = 1\n\u00A0\n", "2:1", "\u00A0", NO_KEY],
  ])("of TOML %j is at %s: %j, %s", (text, place, marked, message) => {
    const { line, column, end, message: said } = problemOf(text, "toml");
    const inLine = text.split("\n")[line - 1] ?? "";
    expect([`${line}:${column}`, said]).toEqual([place, message]);
    expect([end.line, inLine.slice(column - 1, end.column - 1).trimEnd()]).toEqual([
      line,
      marked.trimEnd(),
    ]);
    expect(end.column).toBeGreaterThan(column);
    expect(column).toBeLessThanOrEqual(inLine.length + 1);
  });

  const NO_JSON = "this is not valid JSON";

  it.each<[text: string, place: string, marked: string, message: string]>([
    ['{"a": 1}\n x', "2:2", "x", NO_JSON],
    ['{"a": 1,}', "1:9", "}", NO_JSON],
    ['{"é😀": 1 "b"}', "1:11", '"b"', NO_JSON],
    ['{"a":\r\n"\\x"}', "2:1", '"\\x"', NO_JSON],
    ['{"a": 1 // no comments\n}', "1:9", "// no comments", NO_JSON],
    ["{'a': 1}", "1:2", "'a'", NO_JSON],
    ['{"a": tru}', "1:7", "tru", NO_JSON],
    ['{\r\n"a": [1,\r\n  2\r\n\r\n', "3:4", "", TEXT_ENDS],
    ['{"a": "b', "1:7", '"b', NO_JSON],
  ])("of JSON %j is at %s: %j, %s", (text, place, marked, message) => {
    const { line, column, end, message: said } = problemOf(text, "json");
    const inLine = text.split("\n")[line - 1] ?? "";
    expect([`${line}:${column}`, said]).toEqual([place, message]);
    expect([end.line, inLine.slice(column - 1, end.column - 1).trimEnd()]).toEqual([line, marked]);
  });
});

describe("deep nesting", () => {
  const N = 100_000;
  it.each<[what: string, parse: () => Source]>([
    ["arrays in TOML", () => parseToml("a", `a = ${"[".repeat(N)}${"]".repeat(N)}`)],
    ["inline tables in TOML", () => parseToml("a", `a = ${"{a=".repeat(N)}1${"}".repeat(N)}`)],
    ["brackets without end in TOML", () => parseToml("a", `a = ${"[".repeat(N)}`)],
    ["brackets in a header", () => parseToml("a", "[".repeat(N))],
    ["1000 levels in TOML", () => parseToml("a", `a = ${"[".repeat(1000)}${"]".repeat(1000)}`)],
    ["brackets without end in JSON", () => parseJson("a", "[".repeat(N))],
    ["brackets behind a comment sign in JSON", () => parseJson("a", `#'${"[".repeat(N)}`)],
    ["brackets after an unclosed string", () => parseJson("a", `"x\n${"[".repeat(N)}`)],
  ])("is a problem: %s", (_, parse) => {
    const problem = syntaxOf(parse);
    expect(problem.message).toContain("nested more than 100 levels deep");
    expect(problem.line).toBeGreaterThanOrEqual(1);
    expect(problem.column).toBeGreaterThan(100);
  });

  it("is at the first bracket that is too deep", () => {
    const text = `a = 1\nb = ${"[".repeat(101)}${"]".repeat(101)}`;
    expect(syntaxOf(() => parseToml("a", text))).toMatchObject({ line: 2, column: 105 });
  });

  it("of 100 levels is none", () => {
    const toml = parseToml("a", `a = ${"[".repeat(100)}1${"]".repeat(100)}`);
    expect(located(toml, ["a", ...Array<number>(100).fill(0)])).toBe("1");
  });

  it("is none in JSON, which is read without recursion", () => {
    const arrays = parseJson("a", `${"[".repeat(N)}1${"]".repeat(N)}`);
    expect(located(arrays, Array<number>(N).fill(0))).toBe("1");
    const objects = parseJson("a", `${'{"a":'.repeat(N)}1${"}".repeat(N)}`);
    expect(located(objects, Array<string>(N).fill("a"))).toBe("1");
  });

  it.each([
    ["a basic string", `a = "\\"${"[".repeat(200)}"`],
    ["a literal string", `a = '\\${"[".repeat(200)}'`],
    ["a string over lines", `a = """\n"${"[".repeat(200)}\\"""${"{".repeat(200)}\n"""""`],
    ["a literal string over lines", `a = '''\n'${"[".repeat(200)}\n'''''`],
    ["an empty string", `a = ""\nb = ''\nc = """"""\nd = 1 # ${"[".repeat(200)}`],
    ["a comment", `a = 1 # it's ${"[".repeat(200)}\nb = [2]`],
    ["many arrays", Array.from({ length: 300 }, (_, at) => `a${at} = [[]]\n`).join("")],
    ["many tables", Array.from({ length: 300 }, () => "[[a]]\n").join("")],
  ])("does not count in %s", (_, text) => {
    expect(() => parseToml("a", text)).not.toThrow();
  });

  it("does not count in strings of JSON", () => {
    expect(() => parseJson("a", `{"a": "\\"${"[".repeat(200)}"}`)).not.toThrow();
  });
});

describe("the two parsers of TOML", () => {
  const texts = [
    "nixgen.toml",
    "services/mcns.toml",
    "services/mcq.toml",
    "services/metacrypt.toml",
  ]
    .map((file) => readFileSync(`examples/metacircular/${file}`, "utf8"))
    .concat(
      'a = 1.5e3\nb = 0xff\nc = """x\n\\\n y"""\nd = \'\'\'e\'\'\'\n"q k".z = inf\n[[x.y]]\nk = { a = 1, b = [1, 2,] }\n',
    );
  const piece = fc.string({
    unit: fc.constantFrom(...Array.from("[]{}=\"'#\n.,\\ \t019abeEnfixot_-+:TZ\r\0\u0007é")),
    maxLength: 4,
  });
  const edit = fc.record({
    at: fc.double({ min: 0, max: 0.999, noNaN: true }),
    remove: fc.integer({ min: 0, max: 6 }),
    insert: piece,
  });

  // One gives the values, the other the positions: what the first accepts the second must accept too.
  it("agree on whatever the faster one accepts", async () => {
    let accepted = 0;
    await holds(
      fc.property(
        fc.constantFrom(...texts),
        fc.array(edit, { minLength: 1, maxLength: 3 }),
        (text, edits) => {
          const edited = edits.reduce((now, { at, remove, insert }) => {
            const start = Math.floor(at * now.length);
            return now.slice(0, start) + insert + now.slice(start + remove);
          }, text);
          let source: Source;
          try {
            source = parseToml("a.toml", edited);
          } catch (error) {
            expect(error).toBeInstanceOf(SyntaxProblem);
            return;
          }
          accepted += 1;
          expect(source.positions().locate([]).line).toBe(1);
          const tree = getStaticTOMLValue(parseTOML(edited, { tomlVersion: "1.1" }));
          expect(JSON.stringify(source.value)).toBe(
            JSON.stringify(tree, (_, value: unknown) => (isIsoDate(value) ? undefined : value)),
          );
        },
      ),
      2000,
    );
    expect(accepted).toBeGreaterThan(100);
  });
});

/** Dates are symbols in our values, which JSON leaves out; in a tree they are Dates, by now as text. */
function isIsoDate(value: unknown): boolean {
  return typeof value === "string" && /^[0-9]{4}-[0-9]{2}-[0-9]{2}T/.test(value);
}
