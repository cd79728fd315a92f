/**
 * Writes the AST in the layout of nixfmt (RFC 166), so that the output is a fixed point of nixfmt 1.0
 * and later. The layout depends on the AST alone. Every function returns lines that end up where they
 * are: all but the first one begin with the margin, for what stands before that is the caller's.
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

/** One level deeper. */
const STEP = "  ";

/** The lines of a binding list; here the first one has the margin, too. */
export function printBindings(bindings: readonly Binding[], margin = ""): string[] {
  const lines: string[] = [];
  for (const binding of bindings) {
    for (const line of binding.comment ?? []) {
      lines.push(margin + `# ${commentText(line)}`.trimEnd());
    }
    const [first = "", ...rest] = printBinding(binding, margin);
    lines.push(margin + first, ...rest);
  }
  return lines;
}

/** The lines of an expression that stands by itself, as the body of a file does. */
export function printExpr(expr: Expr, margin = ""): string[] {
  return render(expr, WIDTH, margin);
}

function printBinding({ path, value }: Binding, margin: string): string[] {
  const key = attributePath(path);
  const lines = finish(value, key, margin);
  const first = `${key} = ${lines[0] ?? ""}`;
  // nixfmt moves a value that makes its first line too long, but only below long or quoted paths.
  const moves = !fits(first, WIDTH) && (path.length > 4 || !path.every(isIdentifier));
  if (moves) {
    const [moved = "", ...rest] = finish(value, "", margin + STEP);
    return [`${key} =`, margin + STEP + moved, ...rest];
  }
  lines[0] = first;
  return lines;
}

/** The lines of a value and the `;` behind it; what fits on one line depends on the key before it. */
function finish(value: Expr, key: string, margin: string): string[] {
  const used = key === "" ? 1 : width(key) + " = ;".length;
  const lines =
    value.kind === "attrs"
      ? expandAttrs(value.bindings, margin)
      : render(value, WIDTH - used, margin);
  lines.push(`${lines.pop() ?? ""};`);
  return lines;
}

/** The lines of an expression whose first line has room for so many characters. */
function render(expr: Expr, room: number, margin: string): string[] {
  switch (expr.kind) {
    case "string":
      return renderString(expr.value, margin);
    case "int":
      return [String(expr.value)];
    case "bool":
      return [String(expr.value)];
    case "path":
      return [`./${expr.segments.map(pathSegment).join("/")}`];
    case "ref":
      return [attributePath([expr.root, ...expr.path])];
    case "list":
      return renderList(expr.items, room, margin);
    case "attrs":
      return renderAttrs(expr.bindings, room, margin);
    case "call": {
      const callee = render(expr.callee, room, margin).join(" ");
      // How nixfmt breaks a call within a call is more than we need to know.
      if (expr.argument.kind === "call") throw new TypeError("a call as the argument of a call");
      const lines = renderOperand(expr.argument, room - width(callee) - 1, margin);
      lines[0] = `${callee} ${lines[0] ?? ""}`;
      return lines;
    }
  }
}

/** An item of a list or an argument of a function: calls and negative numbers are parenthesised. */
function renderOperand(expr: Expr, room: number, margin: string): string[] {
  const bare = !(expr.kind === "call" || (expr.kind === "int" && expr.value < 0));
  if (bare) return render(expr, room, margin);
  const lines = render(expr, room - 2, margin);
  lines[0] = `(${lines[0] ?? ""}`;
  lines.push(`${lines.pop() ?? ""})`);
  return lines;
}

function renderString(value: string, margin: string): string[] {
  const lines = indentedLines(value);
  if (lines === undefined) return [quote(value)];
  return ["''", ...lines.map((line) => (line === "" ? "" : margin + STEP + line)), `${margin}''`];
}

function renderList(items: readonly Expr[], room: number, margin: string): string[] {
  if (items.length === 0) return ["[ ]"];
  const [only] = items;
  if (items.length === 1 && only !== undefined) {
    const lines = renderOperand(only, room - 4, margin);
    const joined = `[ ${lines[0] ?? ""} ]`;
    if (lines.length === 1 && fits(joined, room)) return [joined];
  }
  const inner = margin + STEP;
  const lines = ["["];
  for (const item of items) {
    const [first = "", ...rest] = renderOperand(item, WIDTH, inner);
    lines.push(inner + first, ...rest);
  }
  lines.push(`${margin}]`);
  return lines;
}

/** A set that is no value of a binding: with a single binding it goes on one line where it fits. */
function renderAttrs(bindings: readonly Binding[], room: number, margin: string): string[] {
  const [only] = bindings;
  if (bindings.length === 1 && only !== undefined && (only.comment ?? []).length === 0) {
    const lines = printBinding(only, margin);
    const joined = `{ ${lines[0] ?? ""} }`;
    if (lines.length === 1 && fits(joined, room)) return [joined];
  }
  return expandAttrs(bindings, margin);
}

function expandAttrs(bindings: readonly Binding[], margin: string): string[] {
  if (bindings.length === 0) return ["{ }"];
  const lines = printBindings(bindings, margin + STEP);
  lines.unshift("{");
  lines.push(`${margin}}`);
  return lines;
}

function attributePath(path: AttrPath): string {
  return path.map(attributeName).join(".");
}

function fits(text: string, room: number): boolean {
  // A code point is one unit or two.
  return text.length <= room || width(text) <= room;
}

/** nixfmt counts code points. */
function width(text: string): number {
  return /^[\x20-\x7e]*$/.test(text) ? text.length : [...text].length;
}
