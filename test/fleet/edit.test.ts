/** Edits of TOML texts, in every layout that people write. */
import { applyEdit, type Edit, editValue, type EditValue } from "../../src/document/edit.ts";
import type { Path } from "../../src/document/place.ts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseToml, type Source, type Value } from "../../src/document/source.ts";
import { parseTomlTree } from "../../src/document/toml-tree.ts";
import { tomlKey, tomlText } from "../../src/document/toml-text.ts";
import { holds } from "../support/fuzz.ts";

const at = (path: Path) => ({ file: "a.toml", path });
const replace = (path: Path, value: EditValue): Edit => ({ kind: "replace", at: at(path), value });
const append = (path: Path, ...values: string[]): Edit => ({
  kind: "append",
  at: at(path),
  values,
});
const rename = (path: Path, key: string): Edit => ({ kind: "rename", at: at(path), key });
const add = (path: Path, key: string, value: EditValue): Edit => ({
  kind: "add",
  at: at(path),
  key,
  value,
});

/** A layout, an edit, and what comes out. */
type Case = [name: string, before: string, edit: Edit, after: string];

const REPLACE: Case[] = [
  ["a string", 'a = "x" # y\n', replace(["a"], "z"), 'a = "z" # y\n'],
  ["a string in single quotes", "a = 'x'\n", replace(["a"], "z"), "a = 'z'\n"],
  ["one that needs escapes", "a = 'x'\n", replace(["a"], "it's"), 'a = "it\'s"\n'],
  [
    "a string of several lines",
    'a = """\nx # y\n"""\nb = 1\n',
    replace(["a"], "z"),
    'a = "z"\nb = 1\n',
  ],
  ["a number by a string", "a\t=\t995\r\nb=1\r\n", replace(["a"], "z"), 'a\t=\t"z"\r\nb=1\r\n'],
  [
    "a number",
    "[u]\nuid   = 0x3E3   # pinned\n",
    replace(["u", "uid"], 850),
    "[u]\nuid   = 850   # pinned\n",
  ],
  [
    "in an inline table",
    "u = { uid = 1, gid = 2 }",
    replace(["u", "uid"], 3),
    "u = { uid = 3, gid = 2 }",
  ],
  ["in a dotted key", "u.uid = 1\nu.gid = 2\n", replace(["u", "gid"], 3), "u.uid = 1\nu.gid = 3\n"],
  [
    "an element",
    'a = [\n  "x", # one\n  "y",\n]\n',
    replace(["a", 0], "z"),
    'a = [\n  "z", # one\n  "y",\n]\n',
  ],
  [
    "in an array of arrays",
    'a = [["x", "y"], ["z"]]\n',
    replace(["a", 1, 0], "w"),
    'a = [["x", "y"], ["w"]]\n',
  ],
  [
    "in the second element of an array of tables",
    "[[n]]\na = 1\n[[n]]\na = 1\n",
    replace(["n", 1, "a"], 2),
    "[[n]]\na = 1\n[[n]]\na = 2\n",
  ],
  [
    "a key that is quoted, after wide characters",
    '"é😀" = { "k k" = true } # ü\n',
    replace(["é😀", "k k"], false),
    '"é😀" = { "k k" = false } # ü\n',
  ],
  ["an array", "a = ['x', 'y']\n", replace(["a"], ["z", "w"]), "a = ['z', 'w']\n"],
  [
    "what is missing, for which there is a default",
    "[d]\nz = 1\n",
    replace(["d", "r"], "x"),
    '[d]\nz = 1\nr = "x"\n',
  ],
];

const APPEND: Case[] = [
  ["an empty one", "a = []   # none\n", append(["a"], "x", "y"), 'a = ["x", "y"]   # none\n'],
  ["an empty one with a space", "a = [ ]", append(["a"], "x"), 'a = [ "x" ]'],
  ["an empty one of two lines", "  a = [\n  ]\n", append(["a"], "x"), '  a = [\n    "x",\n  ]\n'],
  [
    "an empty one with a comment",
    "a = [ # none\n    # yet\n]\n",
    append(["a"], "x", "y"),
    'a = [ # none\n    # yet\n    "x",\n    "y",\n]\n',
  ],
  [
    "an empty one in a file of tabs",
    "[t]\n\ta = [\r\n\t]\r\n",
    append(["t", "a"], "x"),
    '[t]\n\ta = [\r\n\t\t"x",\r\n\t]\r\n',
  ],
  ["one line", 'a = ["x", "y"] # z', append(["a"], "w"), 'a = ["x", "y", "w"] # z'],
  ["one line without spaces", 'a=["x","y"]\n', append(["a"], "v", "w"), 'a=["x","y","v","w"]\n'],
  [
    "one line with a comma at the end",
    "a = [ 'x', ]\n",
    append(["a"], "y", "z"),
    "a = [ 'x', 'y', 'z', ]\n",
  ],
  [
    "lines with a comma at the end",
    'a = [\n    "x", # one\n    "y", # two, three\n]\n',
    append(["a"], "z", "w"),
    'a = [\n    "x", # one\n    "y", # two, three\n    "z",\n    "w",\n]\n',
  ],
  [
    "lines without a comma at the end",
    'a = [\n\t"x",\n\t"y"\n]\n',
    append(["a"], "z"),
    'a = [\n\t"x",\n\t"y",\n\t"z"\n]\n',
  ],
  [
    "lines with aligned comments",
    'a = [\n  "x",   # one\n  "y"    # two\n  # no more\n]\n',
    append(["a"], "z"),
    'a = [\n  "x",   # one\n  "y",   # two\n  "z"\n  # no more\n]\n',
  ],
  [
    "lines that are closed where the last begins",
    'a = ["x",\n     "y"]\n',
    append(["a"], "z", "w"),
    'a = ["x",\n     "y",\n     "z",\n     "w"]\n',
  ],
  [
    "lines that are closed after a comma",
    'a = [\n  "x", ]\n',
    append(["a"], "z"),
    'a = [\n  "x",\n  "z", ]\n',
  ],
  [
    "lines of several",
    'a = [\n  "x", "y",\n  "z", "w", # 4\n]\n',
    append(["a"], "v"),
    'a = [\n  "x", "y",\n  "z", "w", "v", # 4\n]\n',
  ],
  [
    "lines with the comma first",
    'a = [\n    "x"\n  , "y"\n]\n',
    append(["a"], "z"),
    'a = [\n    "x"\n  , "y", "z"\n]\n',
  ],
  [
    "lines with a comma on its own",
    'a = [\n  "x" # ,\n  ,\n]\n',
    append(["a"], "z"),
    'a = [\n  "x" # ,\n  ,\n  "z",\n]\n',
  ],
  [
    "one of tables",
    "a = [\n  { x = 1 },\n  { x = [\n    2,\n  ] },\n]\n",
    append(["a"], "z"),
    'a = [\n  { x = 1 },\n  { x = [\n    2,\n  ] },\n  "z",\n]\n',
  ],
  ["one in an array", 'a = [["x"], []]\n', append(["a", 1], "z"), 'a = [["x"], ["z"]]\n'],
  [
    "one in an inline table",
    'a = { b.c = ["x"], d = 1 }\n',
    append(["a", "b", "c"], "z"),
    'a = { b.c = ["x", "z"], d = 1 }\n',
  ],
  [
    "one with carriage returns",
    'a = [\r\n  "x",\r\n  "y"\r\n]\r\nb = 1\r\n',
    append(["a"], "z"),
    'a = [\r\n  "x",\r\n  "y",\r\n  "z"\r\n]\r\nb = 1\r\n',
  ],
  [
    "one with brackets in strings",
    'a = [\'],#\', """\n]"""]\n',
    append(["a"], "z"),
    'a = [\'],#\', """\n]""", "z"]\n',
  ],
  [
    "one that is missing",
    '[dns]\nzones    = ["x"]                    # z\nresolver = "dnsmasq"\n',
    append(["dns", "public"], "1.1.1.1"),
    '[dns]\nzones    = ["x"]                    # z\nresolver = "dnsmasq"\npublic   = ["1.1.1.1"]\n',
  ],
  [
    "one whose table is missing",
    '[fleet]\nname = "x"\n',
    append(["dns", "public"], "1.1.1.1", "8.8.8.8"),
    '[fleet]\nname = "x"\n\n[dns]\npublic = ["1.1.1.1", "8.8.8.8"]\n',
  ],
];

const ADD: Case[] = [
  [
    "to a table",
    "[u]\nuid = 1 # x\n\n# about v\n[v]\n",
    add(["u"], "gid", 2),
    "[u]\nuid = 1 # x\ngid = 2\n\n# about v\n[v]\n",
  ],
  [
    "to a table with aligned keys",
    '[u]\nname  = "x"\nhome  = "y"\n\nlong_one = 1\n',
    add(["u"], "gid", 2),
    '[u]\nname  = "x"\nhome  = "y"\n\nlong_one = 1\ngid = 2\n',
  ],
  [
    "to aligned keys",
    '[u]\nname  = "x"\nhome_ = "y"\n# z\nuid   = 1',
    add(["u"], "gid", 2),
    '[u]\nname  = "x"\nhome_ = "y"\n# z\nuid   = 1\ngid   = 2',
  ],
  [
    "that is longer than aligned keys",
    "[u]\na   = 1\nuid = 1\n",
    add(["u"], "nixos_release", "25.11"),
    '[u]\na   = 1\nuid = 1\nnixos_release = "25.11"\n',
  ],
  ["to keys without spaces", "[u]\nuid=1\na=2\n", add(["u"], "gid", 2), "[u]\nuid=1\na=2\ngid=2\n"],
  [
    "to an indented table",
    "  [u]\r\n    uid = 1\r\n  [v]\r\n",
    add(["u"], "gid", 2),
    "  [u]\r\n    uid = 1\r\n    gid = 2\r\n  [v]\r\n",
  ],
  [
    "to an empty table",
    "[u] # x\n# uid = 1\n[v]",
    add(["u"], "gid", 2),
    "[u] # x\ngid = 2\n# uid = 1\n[v]",
  ],
  ["to the last table, without a final newline", "[u]", add(["u"], "gid", 2), "[u]\ngid = 2"],
  [
    "to an inline table",
    "u = { uid = 1 }   # x\n",
    add(["u"], "gid", 2),
    "u = { uid = 1, gid = 2 }   # x\n",
  ],
  ["to a tight inline table", "u={uid=1,x=2}\n", add(["u"], "gid", 2), "u={uid=1,x=2,gid=2}\n"],
  ["to an empty inline table", "u = {}\n", add(["u"], "gid", 2), "u = { gid = 2 }\n"],
  [
    "to a nested inline table",
    'n = [{ u = { a = "x" } }]\n',
    add(["n", 0, "u"], "b", "y"),
    'n = [{ u = { a = "x", b = "y" } }]\n',
  ],
  [
    "to an inline table of several lines",
    "u = {\n  uid = 1, # x\n}\n",
    add(["u"], "gid", 2),
    "u = {\n  uid = 1, # x\n  gid = 2,\n}\n",
  ],
  [
    "to dotted keys",
    'u.uid = 1\nu."h h".x = 2\nz = 3\n',
    add(["u", "h h"], "y", 4),
    'u.uid = 1\nu."h h".x = 2\nu."h h".y = 4\nz = 3\n',
  ],
  [
    "to dotted keys in a table",
    "[n]\nu.uid = 1\nz = 3\n",
    add(["n", "u"], "gid", 4),
    "[n]\nu.uid = 1\nu.gid = 4\nz = 3\n",
  ],
  [
    "to dotted keys in an inline table",
    "n = { u.uid = 1, z = 2 }\n",
    add(["n", "u"], "gid", 4),
    "n = { u.uid = 1, z = 2, u.gid = 4 }\n",
  ],
  [
    "to the first element of an array of tables",
    "[[n]]\na = 1\n\n[n.u]\nb = 1\n\n[[n]]\na = 2\n",
    add(["n", 0], "c", "x"),
    '[[n]]\na = 1\nc = "x"\n\n[n.u]\nb = 1\n\n[[n]]\na = 2\n',
  ],
  [
    "to the table of an element",
    "[[n]]\na = 1\n\n[[n]]\na = 2\n[n.u]\nb = 1\n",
    add(["n", 1, "u"], "c", 2),
    "[[n]]\na = 1\n\n[[n]]\na = 2\n[n.u]\nb = 1\nc = 2\n",
  ],
  [
    "to a table that an element lacks",
    "[[n]]\na = 1\n\n[[n]]\na = 2\n",
    add(["n", 0, "u"], "uid", 5),
    "[[n]]\na = 1\nu = { uid = 5 }\n\n[[n]]\na = 2\n",
  ],
  [
    "to a table that has no header of its own",
    'a = 1\n\n# The boot.\n# In order.\n[[boot.sequence]]\nname = "x"\n',
    add(["boot"], "b", 2),
    'a = 1\n\n[boot]\nb = 2\n\n# The boot.\n# In order.\n[[boot.sequence]]\nname = "x"\n',
  ],
  [
    "to a header-less table of an element",
    "[[n]]\n[[n]]\n[n.u.v]\nx = 1\n",
    add(["n", 1, "u"], "y", 2),
    "[[n]]\n[[n]]\n[n.u]\ny = 2\n\n[n.u.v]\nx = 1\n",
  ],
  [
    "to the top, beside keys",
    "# c\na = 1\n\n[t]\na = 1\n",
    add([], "b", 2),
    "# c\na = 1\nb = 2\n\n[t]\na = 1\n",
  ],
  [
    "to the top, before the first header",
    "# The fleet.\n\n# about t\n[t]\n",
    add([], "b", 2),
    "# The fleet.\n\nb = 2\n\n# about t\n[t]\n",
  ],
  ["to a file of comments", "# The fleet.", add([], "b", 2), "# The fleet.\nb = 2\n"],
  ["to nothing", "", add(["a", "b"], "c", 2), "[a.b]\nc = 2\n"],
  [
    "a table, without a final newline",
    "[a]\r\nb = 1",
    add(["dns"], "public", ["x"]),
    '[a]\r\nb = 1\r\n\r\n[dns]\r\npublic = ["x"]',
  ],
  [
    "a table in one that is there",
    "[lint]\n[x]\n",
    add(["lint", "rules"], "some-rule", "off"),
    '[lint]\nrules = { some-rule = "off" }\n[x]\n',
  ],
  [
    "a key that needs quotes, in a file of single ones",
    "a = 'x'\n",
    add(["b"], "c d", "y"),
    "a = 'x'\n\n[b]\n\"c d\" = 'y'\n",
  ],
  [
    "after a string that looks like a comment",
    'a = """\n# x"""\n[t.u]\n',
    add(["t"], "b", 2),
    'a = """\n# x"""\n[t]\nb = 2\n\n[t.u]\n',
  ],
];

const RENAME: Case[] = [
  ["a key", "nmae = 1 # nmae\n", rename(["nmae"], "name"), "name = 1 # nmae\n"],
  ["a key in quotes", "'nmae' = 1\n", rename(["nmae"], "name"), "'name' = 1\n"],
  ["to one that needs quotes", "a = 1\n", rename(["a"], "b c"), '"b c" = 1\n'],
  [
    "an aligned key",
    "[dns]\npublc    = []\nresolver = 1\n",
    rename(["dns", "publc"], "public"),
    "[dns]\npublic   = []\nresolver = 1\n",
  ],
  [
    "an aligned key, beyond the column",
    "ab  = 1\nabc = 2\n",
    rename(["ab"], "abcdef"),
    "abcdef = 1\nabc = 2\n",
  ],
  ["a key that stays apart", "a=1\nbcd=2\n", rename(["a"], "x"), "x=1\nbcd=2\n"],
  [
    "a header",
    "[dsn] # x\na = 1\n\n[dsn.b]\n",
    rename(["dsn"], "dns"),
    "[dns] # x\na = 1\n\n[dns.b]\n",
  ],
  [
    "the headers of an array of tables",
    "[[nods]]\na = 1\n[[ nods ]]\n[nods.user]\n",
    rename(["nods"], "nodes"),
    "[[nodes]]\na = 1\n[[ nodes ]]\n[nodes.user]\n",
  ],
  [
    "a header of one element alone",
    "[[n]]\n[n.usr]\n[[n]]\n[n.usr]\n",
    rename(["n", 1, "usr"], "user"),
    "[[n]]\n[n.usr]\n[[n]]\n[n.user]\n",
  ],
  [
    "dotted keys",
    "u.a = 1\nu . b  = 2\nv.u = 3\n",
    rename(["u"], "user"),
    "user.a = 1\nuser . b  = 2\nv.u = 3\n",
  ],
  [
    "in an inline table",
    "a = { bb = 1, c = [{ bb = 2 }] }\n",
    rename(["a", "c", 0, "bb"], "b"),
    "a = { bb = 1, c = [{ b = 2 }] }\n",
  ],
  [
    "with carriage returns",
    "\taa = 1\r\n\tb = 2\r\n",
    rename(["aa"], "x"),
    "\tx = 1\r\n\tb = 2\r\n",
  ],
];

describe.each([
  ["replaces", REPLACE],
  ["appends to", APPEND],
  ["adds", ADD],
  ["renames", RENAME],
])("an edit %s", (_, cases) => {
  it.each(cases)("%s", (_, before, edit, after) => {
    expect(applyEdit(before, edit)).toBe(after);
  });
});

describe("an edit is not made", () => {
  it.each<[name: string, text: string, edit: Edit]>([
    ["where a comment would be lost", 'a = [\n  "x", # mine\n]\n', replace(["a"], ["y"])],
    ["where the key is there", "[u]\na = 1\n", add(["u"], "a", 2)],
    ["where the key is a table", "[u.a]\n", add(["u"], "a", 2)],
    ["where the new name is there", "a = 1\nb = 2\n", rename(["a"], "b")],
    ["where the old name is not", "a = 1\n", rename(["c"], "b")],
    ["in what is no table", "u = 1\n", add(["u"], "a", 2)],
    ["in what is no array", "u = 1\n", append(["u"], "a")],
    ["in the middle of an array of tables", "[[u]]\n[[u]]\n", append(["u"], "a")],
    ["in the place of a table", "[u]\na = 1\n", replace(["u"], "a")],
    ["in an element that is not there", "[[u]]\n", add(["u", 1], "a", 1)],
    ["with a text that is none", "a = 1\n", replace(["a"], "\uD800")],
  ])("%s", (_, text, edit) => {
    expect(applyEdit(text, edit)).toBeUndefined();
  });
});

/** Any text that has a form in UTF-8. */
const anyText = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    "'",
    '"',
    "\\",
    "\u0000",
    "\u007F",
    "\u202E",
    "\u00A0",
    "\r\n",
    "'''",
    '"""',
    "#",
  ),
);

describe("a value that is written", () => {
  it("is read as what it was", async () => {
    const value = fc.oneof(anyText, fc.double(), fc.integer(), fc.boolean(), fc.array(anyText));
    await holds(
      fc.property(anyText, value, fc.constantFrom("basic", "literal"), (key, inner, quote) => {
        const text = `${tomlKey(key)} = ${tomlText(inner, quote)}\n`;
        expect(text.split("\n")).toHaveLength(2);
        expect(parseToml("a.toml", text).value).toEqual(
          Object.assign(Object.create(null), { [key]: inner }),
        );
      }),
      500,
    );
  });
});

/** A piece of white space and comments, for between items that may be on several lines. */
const gap = fc.constantFrom("", " ", "\n", "\n  ", " # c, ]\n", "\n\t# ]\n\t", "   # x\n");
const blank = fc.constantFrom("", " ", "  ", "\t");
const word = fc.constantFrom("a", "b", "c", "name", "'d e'", '"f"', "g-h");

/** Random TOML values as text, with their layout. */
const { content } = fc.letrec<{ content: string; array: string; table: string; scalar: string }>(
  (tie) => ({
    content: fc.oneof({ depthSize: "small" }, tie("scalar"), tie("array"), tie("table")),
    scalar: fc.oneof(
      fc.constantFrom("1", "0x1F", "-2.5", "true", "'x'", '"y # z"', '"""\n[a]\n# b"""', "'''q'''"),
      fc.constantFrom("2026-04-03", "inf", '"é😀"', "1_000"),
    ),
    array: fc
      .tuple(fc.array(fc.tuple(gap, tie("content"), gap), { maxLength: 4 }), fc.boolean(), gap)
      .map(([items, comma, end]) => {
        const inner = items.map(([before, item, after]) => before + item + after).join(",");
        return `[${inner}${comma && items.length > 0 ? "," : ""}${end}]`;
      }),
    table: fc
      .tuple(
        fc.uniqueArray(word, { maxLength: 3 }),
        fc.array(tie("content"), { minLength: 3, maxLength: 3 }),
        blank,
      )
      .map(([keys, values, space]) => {
        const pairs = keys.map((key, index) => `${key}${space}=${space}${values[index] ?? "1"}`);
        return `{${space}${pairs.join(`,${space}`)}${space}}`;
      }),
  }),
);

const pairLine = fc
  .tuple(
    blank,
    fc.oneof(
      word,
      fc.tuple(word, word).map((two) => two.join(".")),
    ),
    blank,
    content,
    fc.constantFrom("", " # é, x", "   # ]"),
  )
  .map(
    ([indent, key, space, value, comment]) => `${indent}${key}${space}=${space}${value}${comment}`,
  );
const line = fc.oneof(
  { weight: 5, arbitrary: pairLine },
  fc.constantFrom(
    "",
    "# about the next",
    "[t]",
    "[t.u]",
    "[[n]]",
    "[[n]] # x",
    "[n.m]",
    " [ t . v ]",
  ),
);

/** Random documents; of what is no TOML, such as two equal keys, the lines before. */
const document = fc
  .tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom("\n", "\r\n"), fc.boolean())
  .map(([lines, eol, isClosed]) => {
    let text = "";
    for (const next of lines) {
      const more = text + next.replaceAll("\n", eol) + eol;
      if (isToml(more)) text = more;
    }
    return isClosed ? text : text.replace(/\r?\n$/, "");
  });

function isToml(text: string): boolean {
  try {
    parseToml("a.toml", text);
    return true;
  } catch {
    return false;
  }
}

/** Every path in a value. */
function pathsIn(value: Value): Path[] {
  if (typeof value !== "object") return [[]];
  const inner = Array.isArray(value)
    ? (value as readonly Value[]).entries()
    : Object.entries(value);
  return [
    [],
    ...[...inner].flatMap(([step, each]) => pathsIn(each).map((path) => [step, ...path])),
  ];
}

/** A document and an edit somewhere in it. */
const edited = document.chain((text) =>
  fc
    .tuple(
      fc.constantFrom(...pathsIn(parseToml("a.toml", text).value)),
      fc.constantFrom("replace", "add", "append", "rename" as const),
      fc.oneof(fc.constantFrom("new", "a", "x y"), anyText),
      fc.oneof(anyText, fc.integer(), fc.boolean(), fc.array(anyText, { maxLength: 3 })),
      fc.array(fc.constantFrom("new", "t", "w"), { maxLength: 2 }),
    )
    .map(([path, kind, key, value, more]): { text: string; edit: Edit } => {
      const edits: Record<typeof kind, Edit> = {
        replace: replace(path, value),
        add: add([...path, ...more], key, value),
        append: append(path, key, "z"),
        rename: rename(path, key),
      };
      return { text, edit: edits[kind] };
    }),
);

describe("any edit of any document", () => {
  it("says what was wanted, keeps every comment, and changes nothing else", async () => {
    await holds(
      fc.property(edited, ({ text, edit }) => {
        const source = parseToml("a.toml", text);
        const wanted = editValue(source.value, edit);
        const after = applyEdit(text, edit);
        if (wanted === undefined) expect(after).toBeUndefined();
        else if (!mayBeRefused(source, edit)) expect(after).toBeDefined();
        if (after === undefined) return;
        expect(plain(parseToml("a.toml", after).value)).toEqual(plain(wanted));
        expect(commentsOf(after)).toEqual(commentsOf(text));
        if (text.includes("\r\n")) expect(after).not.toMatch(/(?<!\r)\n/);
        else expect(after).not.toContain("\r");
        expectRestUnchanged(source, after, edit);
      }),
      600,
    );
  });
});

/** Whether an edit would take comments or whole tables away. */
function mayBeRefused(source: Source, edit: Edit): boolean {
  const { path } = edit.at;
  const old = valueAt(source.value, path);
  if (typeof old !== "object") return false;
  if (edit.kind !== "replace" && edit.kind !== "append") return false;
  if (!Array.isArray(old)) return true;
  const { line, endLine } = source.positions().locate(path);
  const header = source.text.split("\n")[source.positions().locate([...path, 0]).line - 1] ?? "";
  return /^\s*\[\[/.test(header) || (edit.kind === "replace" && line !== endLine);
}

function valueAt(value: Value, path: Path): Value | undefined {
  let inner: Value | undefined = value;
  for (const step of path) inner = (inner as Record<string | number, Value> | undefined)?.[step];
  return inner;
}

function commentsOf(text: string): string[] {
  return parseTomlTree(text).comments.map(({ value }) => value);
}

function expectRestUnchanged(source: Source, after: string, edit: Edit): void {
  const { text, value } = source;
  if (edit.kind === "rename") {
    // Lines that do not have the old name stay.
    const [before, now] = [text.split("\n"), after.split("\n")];
    expect(now).toHaveLength(before.length);
    const name = tomlText(String(edit.at.path.at(-1))).slice(1, -1);
    for (const [index, each] of before.entries()) {
      if (!each.includes(name)) expect(now[index]).toBe(each);
    }
    return;
  }
  if (edit.kind === "replace" && valueAt(value, edit.at.path) !== undefined) {
    const { line, column, endLine, endColumn } = source.positions().locate(edit.at.path);
    const offset = (atLine: number, atColumn: number): number =>
      text
        .split("\n")
        .slice(0, atLine - 1)
        .join("\n").length +
      (atLine > 1 ? 1 : 0) +
      atColumn -
      1;
    expect(after.startsWith(text.slice(0, offset(line, column)))).toBe(true);
    expect(after.endsWith(text.slice(offset(endLine, endColumn)))).toBe(true);
    return;
  }
  // Something came in between, and no more than spaces went.
  const rest = [...after.replaceAll(/\s/g, "")].values();
  for (const char of text.replaceAll(/\s/g, "")) {
    expect([...takeUntil(rest, char)]).toContain(char);
  }
}

/** Takes from an iterator up to a value. */
function* takeUntil<T>(iterator: Iterator<T>, last: T): Generator<T> {
  for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
    yield next.value;
    if (next.value === last) return;
  }
}

/** Dates are symbols of their own each time they are read. */
function plain(value: Value | undefined): unknown {
  if (typeof value === "symbol") return "date";
  if (typeof value !== "object") return value;
  if (Array.isArray(value)) return (value as readonly Value[]).map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
