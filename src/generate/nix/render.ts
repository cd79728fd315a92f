/** Fills a template. Its holes take AST nodes and nothing else, so that no text of the input is code. */
import type Handlebars from "handlebars";
import runtime from "handlebars/runtime.js";
import { templates, type TemplateName } from "../../generated/templates.js";
import { argumentsOf, type Binding, type Expr, type ModuleArgument } from "./ast.ts";
import { commentText } from "./escape.ts";
import { printBindings, printExpr } from "./printer.ts";

/** What a template is filled with, by the names of its holes. Empty lists are false to `{{#if}}`. */
export type Holes = Readonly<Record<string, readonly Binding[] | Expr>>;

/** A NixOS module, ready to be printed. */
export interface Module {
  readonly template: TemplateName;
  readonly holes: Holes;
}

/** The Handlebars of this module alone: no helper of anybody else can be called. */
const engine = (runtime as unknown as typeof Handlebars).create();

/** What goes into a hole, to be printed at the margin that the template has; only this file makes it. */
class Printable {
  constructor(readonly print: (margin: string) => string) {}
}

engine.registerHelper("nix", (value: unknown, options: Handlebars.HelperOptions): string => {
  const column: unknown = options.hash["column"];
  if (!(value instanceof Printable) || typeof column !== "number") {
    throw new TypeError("a hole of a template takes nodes of the AST only");
  }
  return value.print(" ".repeat(column));
});

/**
 * The text of a module.
 * @param title what the file says of itself, one comment line each.
 */
export function renderModule({ template, holes }: Module, title: readonly string[]): string {
  const filled: Record<string, Printable> = {};
  const bindings: Binding[] = [];
  for (const [name, hole] of Object.entries(holes)) {
    if ("kind" in hole) filled[name] = new Printable((margin) => printExpr(hole, margin));
    else if (hole.length > 0) {
      filled[name] = new Printable((margin) => printBindings(hole, margin));
      for (const binding of hole) bindings.push(binding);
    }
  }
  const used = argumentsOf(bindings);
  filled["title"] = new Printable(() => title.map((line) => `# ${commentText(line)}`).join("\n"));
  filled["head"] = new Printable(() => functionHead(used));
  return engine.template(templates[template])(filled);
}

/** The head of a module's function: on one line up to two names, as nixfmt has it. */
function functionHead(used: readonly ModuleArgument[]): string {
  if (used.length === 0) return "_:";
  if (used.length <= 2) return `{ ${[...used, "..."].join(", ")} }:`;
  return `{\n${used.map((name) => `  ${name},\n`).join("")}  ...\n}:`;
}
