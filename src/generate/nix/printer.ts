/**
 * Writes the AST in the layout of nixfmt (RFC 166), so that the output is a fixed point of nixfmt 1.0
 * and later. The layout depends on the AST alone. Every function returns lines without indentation
 * of their own; the caller indents them.
 */
import type { AttrPath, Binding, Expr } from "./ast.ts";
import {
  attributeName,
  commentText,
  indentedLines,
  isIdentifier,
  pathSegment,
  quote,
} from "./escape.ts";

/** nixfmt's width: characters of a line without its indentation, the final `;` counted. */
const WIDTH = 100;

/** The lines of a binding list, at the indentation of its first column. */
export function printBindings(bindings: readonly Binding[]): string[] {
  return bindings.flatMap((binding) => [
    ...(binding.comment ?? []).map((line) => `# ${commentText(line)}`.trimEnd()),
    ...printBinding(binding),
  ]);
}

/** The lines of an expression that stands by itself, as the body of a file does. */
export function printExpr(expr: Expr): string[] {
  return render(expr, WIDTH);
}

function printBinding({ path, value }: Binding): string[] {
  const key = path.map(attributeName).join(".");
  const lines = finish(value, key);
  const first = `${key} = ${lines[0] ?? ""}`;
  // nixfmt moves a value that makes its first line too long, but only below long or quoted paths.
  const moves = width(first) > WIDTH && (path.length > 4 || !path.every(isIdentifier));
  if (moves) return [`${key} =`, ...indent(finish(value, ""))];
  return [first, ...lines.slice(1)];
}

/** The lines of a value and the `;` behind it; what fits on one line depends on the key before it. */
function finish(value: Expr, key: string): string[] {
  const used = key === "" ? 1 : width(key) + " = ;".length;
  const lines = value.kind === "attrs" ? expandAttrs(value.bindings) : render(value, WIDTH - used);
  return [...lines.slice(0, -1), `${lines.at(-1) ?? ""};`];
}

/** The lines of an expression whose first line has room for so many characters. */
function render(expr: Expr, room: number): string[] {
  switch (expr.kind) {
    case "string":
      return renderString(expr.value);
    case "int":
      return [String(expr.value)];
    case "bool":
      return [String(expr.value)];
    case "path":
      return [`./${expr.segments.map(pathSegment).join("/")}`];
    case "ref":
      return [attributePath([expr.root, ...expr.path])];
    case "list":
      return renderList(expr.items, room);
    case "attrs":
      return renderAttrs(expr.bindings, room);
    case "call": {
      const callee = render(expr.callee, room).join(" ");
      // How nixfmt breaks a call within a call is more than we need to know.
      if (expr.argument.kind === "call") throw new TypeError("a call as the argument of a call");
      const [first = "", ...rest] = renderOperand(expr.argument, room - width(callee) - 1);
      return [`${callee} ${first}`, ...rest];
    }
  }
}

/** An item of a list or an argument of a function: calls and negative numbers are parenthesised. */
function renderOperand(expr: Expr, room: number): string[] {
  const bare = !(expr.kind === "call" || (expr.kind === "int" && expr.value < 0));
  if (bare) return render(expr, room);
  const lines = render(expr, room - 2);
  const last = lines.length - 1;
  return lines.map((line, at) => `${at === 0 ? "(" : ""}${line}${at === last ? ")" : ""}`);
}

function renderString(value: string): string[] {
  const lines = indentedLines(value);
  if (lines === undefined) return [quote(value)];
  return ["''", ...indent(lines), "''"];
}

function renderList(items: readonly Expr[], room: number): string[] {
  if (items.length === 0) return ["[ ]"];
  const [only] = items;
  if (items.length === 1 && only !== undefined) {
    const lines = renderOperand(only, room - 4);
    const joined = `[ ${lines[0] ?? ""} ]`;
    if (lines.length === 1 && width(joined) <= room) return [joined];
  }
  return ["[", ...indent(items.flatMap((item) => renderOperand(item, WIDTH))), "]"];
}

/** A set that is no value of a binding: with a single binding it goes on one line where it fits. */
function renderAttrs(bindings: readonly Binding[], room: number): string[] {
  const [only] = bindings;
  if (bindings.length === 1 && only !== undefined && (only.comment ?? []).length === 0) {
    const lines = printBinding(only);
    const joined = `{ ${lines[0] ?? ""} }`;
    if (lines.length === 1 && width(joined) <= room) return [joined];
  }
  return expandAttrs(bindings);
}

function expandAttrs(bindings: readonly Binding[]): string[] {
  if (bindings.length === 0) return ["{ }"];
  return ["{", ...indent(printBindings(bindings)), "}"];
}

function attributePath(path: AttrPath): string {
  return path.map(attributeName).join(".");
}

/** Two spaces deeper; empty lines stay empty. */
export function indent(lines: readonly string[], columns = 2): string[] {
  const space = " ".repeat(columns);
  return lines.map((line) => (line === "" ? "" : space + line));
}

/** nixfmt counts code points. */
function width(text: string): number {
  return /^[\x20-\x7e]*$/.test(text) ? text.length : [...text].length;
}
