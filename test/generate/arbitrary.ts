/** Random texts and Nix documents, of the kinds that quoting and layout can go wrong on. */
import fc from "fast-check";
import {
  appended,
  attrs,
  bind,
  bool,
  call,
  type Expr,
  int,
  interpolated,
  joined,
  list,
  local,
  ref,
  str,
  updated,
} from "../../src/nix/ast.ts";
import { indentedLines } from "../../src/nix/escape.ts";

/** What means something to the lexers of Nix or of a shell, or is easily lost. */
const PIECES = [
  "'", "''", "'''", '"', "$", "$$", "${", "$${", "}", "{", "\\", "\\n", "\\$", "''$", "''\\",
  "\n", "\n\n", "\r", "\r\n", "\t", " ", "  ", "\n ", "\n  ", " \n", "\t\n",
  "a", "b c", "#", "/*", "*/", "//", ";", "=", "<x>", "~", "%", "`", "$(x)", "!", "&", "|", "-", "=x",
  "\u0001", "\u001b", "\u007f", "\u0085", "\u00a0", "\u2028", "\u2029", "\u200b", "\ufeff", "\ufffd",
  "é", "e\u0301", "漢", "😀", "\u{10ffff}", "\uffff",
]; // prettier-ignore

/** A text that a Nix string can hold: anything without NUL and lone surrogates. */
export const text: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((p) => p.join("")) },
  {
    weight: 3,
    // Texts of several lines that end with a line break: candidates for ''…''.
    arbitrary: fc
      .array(fc.array(fc.constantFrom(...PIECES), { maxLength: 4 }), { minLength: 1, maxLength: 6 })
      .map((lines) => lines.map((line) => `${line.join("")}\n`).join("")),
  },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 20 }) },
  { weight: 1, arbitrary: fc.string({ minLength: 60, maxLength: 140 }) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", minLength: 70, maxLength: 120 }) },
).filter((value) => !value.includes("\0") && !/\p{Cs}/u.test(value)); // prettier-ignore

/** A value as JSON has it, and the node that is to evaluate to it. `_call` is what the stub of lib makes. */
interface Value {
  readonly json: unknown;
  readonly expr: Expr;
}

const identifier = fc.stringMatching(/^[a-z_][a-zA-Z0-9_'-]{0,18}$/);
const key = fc.oneof(
  { weight: 4, arbitrary: identifier },
  { weight: 1, arbitrary: fc.constantFrom("if", "or", "in", "let", "true", "null", "1a", "a.b", "", "a b", "é", "-x", "__proto__x") }, // prettier-ignore
  { weight: 1, arbitrary: text },
);

/** With a name in front, just about as long as a line. */
const LONG = "x".repeat(85);

/** What stands in front of documents that Nix is to read: the names that they refer to. */
export const PREAMBLE = `let
  lib.mkForce = x: { _call = x; };
  pkgs."a package" = "PKG";
  base = rec {
    set = { _base = 1; };
    "a set" = set;
    a-set-${LONG} = set;
    list = [ "first" ];
    text = "first";
    "a list" = list;
    a-list-${LONG} = list;
  };
in
`;

/** The names of a let's sets, or of its lists. */
function named(kind: "set" | "list"): fc.Arbitrary<string> {
  return fc.constantFrom(kind, `a ${kind}`, `a-${kind}-${LONG}`);
}

/** Nested sets, lists, calls and operations with texts, numbers and booleans in them. */
export const { value: documentValue } = fc.letrec<{
  value: Value;
  leaf: Value;
  set: Value;
  bound: Value;
}>((tie) => ({
  leaf: fc.oneof(
    { weight: 6, arbitrary: text.map((json): Value => ({ json, expr: str(json) })) },
    { weight: 1, arbitrary: fc.integer().map((json): Value => ({ json, expr: int(json) })) },
    { weight: 1, arbitrary: fc.boolean().map((json): Value => ({ json, expr: bool(json) })) },
    { weight: 1, arbitrary: fc.constant<Value>({ json: "PKG", expr: ref("pkgs", "a package") }) },
  ),
  set: fc
    .uniqueArray(
      fc.tuple(
        // Operations stand below names that need no quotes.
        fc.oneof(fc.tuple(key, tie("value")), fc.tuple(identifier, tie("bound"))),
        fc.option(fc.array(text, { maxLength: 2 })),
      ),
      { selector: ([[name]]) => name, maxLength: 4 },
    )
    .map((entries): Value => ({
      json: Object.fromEntries(entries.map(([[name, { json }]]) => [name, json])),
      expr: attrs(
        entries.map(([[name, { expr }], comment]) => bind(name, expr, comment ?? undefined)),
      ),
    })),
  // Only the value of a binding may be an operation.
  bound: fc.oneof(
    { weight: 4, arbitrary: tie("value") },
    {
      weight: 1,
      arbitrary: fc.tuple(named("set"), tie("set")).map(([name, { json, expr }]): Value => ({
        json: { _base: 1, ...(json as object) },
        expr: updated(local("base", name), expr.kind === "attrs" ? expr.bindings : []),
      })),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(named("list"), fc.array(text, { maxLength: 3 }))
        .map(([name, values]): Value => ({
          json: ["first", ...values],
          expr: appended(local("base", name), values),
        })),
    },
  ),
  value: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    tie("leaf"),
    tie("set"),
    // Lines behind others, below a short name.
    text
      .filter((lines) => indentedLines(lines) !== undefined)
      .map((lines): Value => ({
        json: { text: `first${lines}` },
        expr: attrs([bind("text", joined(local("base", "text"), lines))]),
      })),
    // A path of several parts.
    fc
      .tuple(fc.uniqueArray(key, { minLength: 2, maxLength: 6 }), tie("leaf"))
      .map(([path, { json, expr }]): Value => ({
        json: path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), json),
        expr: attrs([bind(path, expr)]),
      })),
    fc.array(tie("value"), { maxLength: 4 }).map((items): Value => ({
      json: items.map(({ json }) => json),
      expr: list(items.map(({ expr }) => expr)),
    })),
    fc.tuple(text, text, text).map(([before, value, behind]): Value => ({
      json: `${before};${value}${behind}`,
      expr: interpolated(`${before};`, str(value), behind),
    })),
    tie("value").map(({ json, expr }): Value =>
      expr.kind === "call"
        ? { json, expr }
        : { json: { _call: json }, expr: call(ref("lib", "mkForce"), expr) },
    ),
  ),
}));
