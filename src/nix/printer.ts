/**
 * Writes the AST in the layout of nixfmt (RFC 166), so that the output is a fixed point of nixfmt 1.0
 * and later. The layout depends on the AST alone. Every function returns text that ends up where it
 * is: all lines but the first one begin with the margin, for what stands before that is the caller's.
 */
import type { AttrPath, Binding, Expr } from "./ast.ts";
import { attributeName, commentText, indentedLines, pathSegment, quote } from "./escape.ts";

/** nixfmt's width: characters of a line without its indentation, the final `;` counted. */
const WIDTH = 100;

/** One level deeper. */
const STEP = "  ";

/** An expression that stands by itself, as the body of a file does. */
export function printExpr(expr: Expr, margin = ""): string {
  return render(expr, WIDTH, margin);
}

/** A binding, with its comment above it. */
export function printBinding(binding: Binding, margin = ""): string {
  let text = "";
  for (const line of binding.comment ?? []) {
    text += `${`# ${commentText(line)}`.trimEnd()}\n${margin}`;
  }
  return text + printAssignment(binding, margin);
}

function printAssignment({ path, value }: Binding, margin: string): string {
  const key = attributePath(path);
  const text = `${key} = ${finish(value, key, margin)}`;
  // nixfmt moves a value that makes its first line too long: any below long or quoted paths (where no
  // operation of ours is), and of others what begins with a name.
  const isNamed = value.kind === "local" || value.kind === "operation";
  if (!(isNamed || path.length > 4 || key.includes('"'))) return text;
  if (fits(firstLine(text), WIDTH)) return text;
  const inner = margin + STEP;
  if (value.kind !== "operation") return `${key} =\n${inner}${finish(value, "", inner)}`;
  const { left, operator, right } = value;
  const rest = renderRight(right, WIDTH - operator.length - " ;".length, inner);
  return `${key} =\n${inner}${attributePath(left.path)}\n${inner}${operator} ${rest};`;
}

/** A value and the `;` behind it; what fits on one line depends on the key before it. */
function finish(value: Expr, key: string, margin: string): string {
  if (value.kind === "attrs") return `${expandAttrs(value.bindings, margin)};`;
  const used = key === "" ? 1 : width(key) + " = ;".length;
  return `${render(value, WIDTH - used, margin)};`;
}

/** An expression whose first line has room for so many characters. */
function render(expr: Expr, room: number, margin: string): string {
  switch (expr.kind) {
    case "string":
      return renderString(expr.value, margin);
    case "interpolation":
      return `"${expr.parts.map((part) => (typeof part === "string" ? quote(part).slice(1, -1) : `\${${render(part, WIDTH, margin)}}`)).join("")}"`;
    case "int":
      return String(expr.value);
    case "bool":
      return String(expr.value);
    case "path":
      return `./${expr.segments.map(pathSegment).join("/")}`;
    case "ref":
      return attributePath([expr.root, ...expr.path]);
    case "local":
      return attributePath(expr.path);
    case "list":
      return renderList(expr.items, room, margin);
    case "attrs":
      return renderAttrs(expr.bindings, room, margin);
    case "call": {
      const callee = render(expr.callee, room, margin);
      // How nixfmt breaks a call within a call is more than we need to know.
      if (expr.argument.kind === "call") throw new TypeError("a call as the argument of a call");
      return `${callee} ${renderOperand(expr.argument, room - width(callee) - 1, margin)}`;
    }
    case "operation": {
      const front = `${attributePath(expr.left.path)} ${expr.operator} `;
      return front + renderRight(expr.right, room - width(front), margin);
    }
  }
}

/** What stands behind an operator: a set is expanded, as one that is the value of a binding. */
function renderRight(expr: Expr, room: number, margin: string): string {
  return expr.kind === "attrs" ? expandAttrs(expr.bindings, margin) : render(expr, room, margin);
}

/** An item of a list or an argument of a function: calls and negative numbers are parenthesised. */
function renderOperand(expr: Expr, room: number, margin: string): string {
  if (expr.kind === "operation") throw new TypeError("an operation that is no value of a binding");
  const bare = !(expr.kind === "call" || (expr.kind === "int" && expr.value < 0));
  return bare ? render(expr, room, margin) : `(${render(expr, room - 2, margin)})`;
}

function renderString(value: string, margin: string): string {
  const lines = indentedLines(value);
  if (lines === undefined) return quote(value);
  const inner = margin + STEP;
  return ["''", ...lines.map((line) => (line === "" ? "" : inner + line)), `${margin}''`].join(
    "\n",
  );
}

function renderList(items: readonly Expr[], room: number, margin: string): string {
  if (items.length === 0) return "[ ]";
  const [only] = items;
  if (items.length === 1 && only !== undefined) {
    const joined = `[ ${renderOperand(only, room - 4, margin)} ]`;
    if (fitsOnLine(joined, room)) return joined;
  }
  const inner = margin + STEP;
  let text = "[";
  for (const item of items) text += `\n${inner}${renderOperand(item, WIDTH, inner)}`;
  return `${text}\n${margin}]`;
}

/** A set that is no value of a binding: with a single binding it goes on one line where it fits. */
function renderAttrs(bindings: readonly Binding[], room: number, margin: string): string {
  const [only] = bindings;
  if (bindings.length === 1 && only !== undefined && (only.comment ?? []).length === 0) {
    const joined = `{ ${printBinding(only, margin)} }`;
    if (fitsOnLine(joined, room)) return joined;
  }
  return expandAttrs(bindings, margin);
}

function expandAttrs(bindings: readonly Binding[], margin: string): string {
  if (bindings.length === 0) return "{ }";
  const inner = margin + STEP;
  let text = "{";
  for (const binding of bindings) text += `\n${inner}${printBinding(binding, inner)}`;
  return `${text}\n${margin}}`;
}

function attributePath(path: AttrPath): string {
  const [only = ""] = path;
  return path.length === 1 ? attributeName(only) : path.map(attributeName).join(".");
}

function fitsOnLine(text: string, room: number): boolean {
  return !text.includes("\n") && fits(text, room);
}

function fits(text: string, room: number): boolean {
  // A code point is one unit or two.
  return text.length <= room || width(text) <= room;
}

function firstLine(text: string): string {
  const end = text.indexOf("\n");
  return end === -1 ? text : text.slice(0, end);
}

/** nixfmt counts code points. */
function width(text: string): number {
  return /^[\x20-\x7e]*$/.test(text) ? text.length : [...text].length;
}
