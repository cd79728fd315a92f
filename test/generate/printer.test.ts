/** What is printed is read back by Nix itself as what was meant, and nixfmt leaves it alone. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  appended,
  attrs,
  bind,
  bool,
  call,
  type Expr,
  int,
  joined,
  list,
  local,
  ref,
  relativePath,
  str,
  strings,
  updated,
} from "../../src/nix/ast.ts";
import {
  attributeName,
  commentText,
  indentedLines,
  pathSegment,
  quote,
} from "../../src/nix/escape.ts";
import { printBinding, printExpr } from "../../src/nix/printer.ts";
import { temporaryFolder } from "../support/fleet.ts";
import { holdsForAll } from "../support/fuzz.ts";
import { lacks } from "../support/tools.ts";
import { documentValue, PREAMBLE, text } from "./arbitrary.ts";
import { evaluateFile, NIXFMTS, nixfmtComplaints } from "./support.ts";

/** How many inputs one call of Nix gets. */
const BATCH = 3000;

/** The value of an expression that stands by itself in a file. */
function evaluate(expression: string): unknown {
  const file = join(temporaryFolder(), "value.nix");
  writeFileSync(file, expression);
  return evaluateFile(file);
}

function printed(expr: Expr): string {
  return printExpr(expr);
}

describe.skipIf(lacks("nix-instantiate"))("Nix reads back", () => {
  it('every text as "…"', async () => {
    await holdsForAll(text, BATCH, (texts) => {
      expect(evaluate(`[\n${texts.map(quote).join("\n")}\n]`)).toEqual(texts);
    });
  });

  it("every text as ''…'', at any indentation", async () => {
    await holdsForAll(text, BATCH, (texts) => {
      const fit = texts.filter((value) => indentedLines(value) !== undefined);
      expect(fit.length).toBeGreaterThan(texts.length / 20);
      const literals = fit.map((value, index) => printExpr(str(value), " ".repeat(index % 7)));
      expect(evaluate(`[\n${literals.join("\n")}\n]`)).toEqual(fit);
    });
  });

  it("every text as the name of an attribute", async () => {
    await holdsForAll(text, BATCH, (texts) => {
      const sets = texts.map((name) => `{ ${attributeName(name)} = 1; }`);
      expect(evaluate(`[\n${sets.join("\n")}\n]`)).toEqual(
        texts.map((name) => Object.fromEntries([[name, 1]])),
      );
    });
  });

  it("every text as the argument of a function", async () => {
    await holdsForAll(text, BATCH, (texts) => {
      const calls = list(texts.map((value) => call(ref("lib", "mkForce"), str(value))));
      expect(evaluate(`let lib.mkForce = x: x; in\n${printed(calls)}`)).toEqual(texts);
    });
  });

  it("every nested document", async () => {
    await holdsForAll(documentValue, BATCH, (documents) => {
      const all = list(documents.map(({ expr }) => expr));
      expect(evaluate(PREAMBLE + printed(all))).toEqual(documents.map(({ json }) => json));
    });
  });
});

/** Random documents, each in a file of its own: a module as templates make them. */
function writeDocuments(folder: string, documents: readonly { readonly expr: Expr }[]): string[] {
  mkdirSync(folder, { recursive: true });
  return documents.map(({ expr }, index) => {
    const file = join(folder, `${index}.nix`);
    // Two bindings, for a lone short one is put on one line by --strict.
    const body = printed(attrs([bind("value", expr), bind("last", int(1))]));
    writeFileSync(file, `# title\n\n{ lib, pkgs, ... }:\n\n${body}\n`);
    return file;
  });
}

describe.skipIf(NIXFMTS.length === 0)("nixfmt (NIXGEN_NIXFMT names none: skipped)", () => {
  it("leaves random documents as they are", async () => {
    await holdsForAll(documentValue, BATCH / 5, (documents) => {
      const folder = temporaryFolder();
      expect(nixfmtComplaints(writeDocuments(folder, documents))).toEqual([]);
    });
  });
});

describe("texts that no Nix string can hold", () => {
  it.each(["\0", "a\0b", "\ud800", "a\udc00b"])("%j is refused", (value) => {
    expect(() => quote(value)).toThrow(RangeError);
    expect(() => attributeName(value)).toThrow(RangeError);
    expect(() => indentedLines(`${value}\n`)).toThrow(RangeError);
    expect(() => printExpr(str(value))).toThrow(RangeError);
  });
});

describe("a path literal", () => {
  it("is written from plain segments", () => {
    expect(printed(relativePath("rift", "boot.nix"))).toBe("./rift/boot.nix");
  });

  it.each(["", ".", "..", "a b", "a/b", "${x}", "é", "-a", "a\n"])("refuses %j", (segment) => {
    expect(() => pathSegment(segment)).toThrow(RangeError);
  });
});

describe("a comment", () => {
  it.each(["a\nb", "a\rb", "a\u0085b", "a\u2028b"])("is one line: %j", (value) => {
    expect(commentText(value)).toBe("a b");
  });
});

/** The layout rules, one example each: the lines of a set with these bindings. */
function lines(...bindings: Parameters<typeof bind>[]): string {
  return bindings.map((binding) => printBinding(bind(...binding))).join("\n");
}

describe("layout", () => {
  it("sets: one binding a line, expanded as the value of a binding", () => {
    expect(lines(["a", attrs([bind("b", int(1))])])).toBe("a = {\n  b = 1;\n};");
  });

  it("sets elsewhere: one binding goes on one line where it fits", () => {
    expect(printed(attrs([bind("a", int(1))]))).toBe("{ a = 1; }");
    expect(printed(list([attrs([bind("a", int(1))])]))).toBe("[ { a = 1; } ]");
    expect(printed(attrs([bind("a", int(1)), bind("b", int(2))]))).toBe("{\n  a = 1;\n  b = 2;\n}");
    expect(printed(attrs([bind("a", str("x".repeat(92)))]))).toMatch(/^\{\n/);
  });

  it("what is empty", () => {
    expect(lines(["a", attrs([])], ["b", list([])], ["c", str("")])).toBe(
      'a = { };\nb = [ ];\nc = "";',
    );
  });

  it("lists: one item on the line, several below each other", () => {
    expect(lines(["a", strings(["x"])], ["b", strings(["x", "y"])])).toBe(
      'a = [ "x" ];\nb = [\n  "x"\n  "y"\n];',
    );
    expect(printed(list([list([list([bool(true)])])]))).toBe("[ [ [ true ] ] ]");
  });

  it("a list with one item opens where the line would be longer than 100", () => {
    const fits = "x".repeat(100 - 'a = [ "" ];'.length);
    expect(lines(["a", strings([fits])])).toBe(`a = [ "${fits}" ];`);
    expect(lines(["a", strings([`${fits}x`])])).toBe(`a = [\n  "${fits}x"\n];`);
  });

  it("the width counts code points", () => {
    const fits = "😀".repeat(100 - 'a = [ "" ];'.length);
    expect(lines(["a", strings([fits])])).toBe(`a = [ "${fits}" ];`);
  });

  it("a long text stays on the line of a plain key, and moves below a quoted or long one", () => {
    const long = "x".repeat(120);
    expect(lines(["image", str(long)])).toBe(`image = "${long}";`);
    expect(lines([["a", "b", "c", "d"], str(long)])).toBe(`a.b.c.d = "${long}";`);
    expect(lines([["a", "b", "c", "d", "e"], str(long)])).toBe(`a.b.c.d.e =\n  "${long}";`);
    expect(lines(["a b", str(long)])).toBe(`"a b" =\n  "${long}";`);
  });

  it("keys: bare where they can be", () => {
    expect(["a", "_a'-1", "1a", "if", "or", "a.b", ""].map(attributeName)).toEqual([
      "a", "_a'-1", '"1a"', '"if"', '"or"', '"a.b"', '""',
    ]); // prettier-ignore
  });

  it("texts of several lines: ''…'' two deeper, empty lines empty", () => {
    expect(lines(["a", str("x\n\n  y\n")])).toBe("a = ''\n  x\n\n    y\n'';");
  });

  it.each(["x", "x\ny", " x\n", "x\n \ny\n", "x\r\n", "\n", "\n\n"])(
    '%j is written as "…"',
    (value) => {
      expect(printed(str(value))).toBe(quote(value));
    },
  );

  it("escapes", () => {
    expect(quote('\\ " ${x} $x $${x} \n\r\t')).toBe('"\\\\ \\" \\${x} $x $\\${x} \\n\\r\\t"');
    expect(printed(str("'' ${x} '${x} $x '\n"))).toBe("''\n  ''' ''${x} ''\\'''${x} $x '\n''");
  });

  it("calls: the last argument opens on the line; in parentheses as items of a list", () => {
    const force = (value: Expr) => call(ref("lib", "mkForce"), value);
    expect(lines(["a", force(strings(["x", "y"]))])).toBe('a = lib.mkForce [\n  "x"\n  "y"\n];');
    expect(lines(["a", force(str("x\n"))])).toBe("a = lib.mkForce ''\n  x\n'';");
    expect(printed(list([force(int(1)), int(-1)]))).toBe("[\n  (lib.mkForce 1)\n  (-1)\n]");
  });

  it("a call as the argument of a call is refused", () => {
    const force = (value: Expr) => call(ref("lib", "mkForce"), value);
    expect(() => printExpr(force(force(int(1))))).toThrow(TypeError);
  });

  it("operations: what is on the right opens on the line, or below where that would be too long", () => {
    const [set, list] = [local("stages", "a"), local("gate", "wants")];
    expect(lines(["a", updated(set, [])], ["b", appended(list, [])])).toBe(
      "a = stages.a;\nb = gate.wants;",
    );
    expect(lines(["a", updated(set, [bind("b", int(1))])])).toBe("a = stages.a // {\n  b = 1;\n};");
    expect(lines(["a", appended(list, ["x"])], ["b", appended(list, ["x", "y"])])).toBe(
      'a = gate.wants ++ [ "x" ];\nb = gate.wants ++ [\n  "x"\n  "y"\n];',
    );
    const long = "x".repeat(100 - " = stages.a // {".length);
    expect(lines([long, updated(set, [bind("b", int(1))])])).toBe(
      `${long} = stages.a // {\n  b = 1;\n};`,
    );
    expect(lines([`${long}x`, updated(set, [bind("b", int(1))])])).toBe(
      `${long}x =\n  stages.a\n  // {\n    b = 1;\n  };`,
    );
    expect(lines(["a", joined(local("text"), "x\n")])).toBe("a = text + ''\n  x\n'';");
    expect(lines([`${long}xxxxx`, updated(set, [])])).toBe(`${long}xxxxx =\n  stages.a;`);
  });

  it("an operation that is no value of a binding is refused", () => {
    const operation = appended(local("a"), ["x"]);
    expect(() => printExpr(list([operation]))).toThrow(TypeError);
    expect(() => printExpr(call(ref("lib", "mkForce"), operation))).toThrow(TypeError);
  });

  it("comments: lines of their own above the binding, which they force open", () => {
    expect(lines(["a", int(1), ["one", "two", ""]])).toBe("# one\n# two\n#\na = 1;");
    expect(printed(attrs([bind("a", int(1), ["one"])]))).toBe("{\n  # one\n  a = 1;\n}");
  });

  it("numbers that Nix cannot hold are refused", () => {
    expect(() => int(1.5)).toThrow(RangeError);
    expect(() => int(2 ** 53)).toThrow(RangeError);
  });
});
