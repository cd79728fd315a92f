/** Fills a template. Its holes take AST nodes and nothing else, so that no text of the input is code. */
import type Handlebars from "handlebars";
import runtime from "handlebars/runtime.js";
import { templates, type TemplateName } from "../../generated/templates.js";
import { argumentsOf, type Binding, type Expr, type ModuleArgument } from "./ast.ts";
import { commentText } from "./escape.ts";
import { indent, printBindings, printExpr } from "./printer.ts";

/** What a template is filled with, by the names of its holes. Empty lists are false to `{{#if}}`. */
export type Holes = Readonly<Record<string, readonly Binding[] | Expr>>;

/** A NixOS module, ready to be printed. */
export interface Module {
  readonly template: TemplateName;
  readonly holes: Holes;
}

/** The Handlebars of this module alone: no helper of anybody else can be called. */
const engine = (runtime as unknown as typeof Handlebars).create();

/** What goes into a hole, already printed; only this file makes it. */
class Printed {
  constructor(readonly lines: readonly string[]) {}
}

engine.registerHelper("nix", (value: unknown, options: Handlebars.HelperOptions): string => {
  const column: unknown = options.hash["column"];
  if (!(value instanceof Printed) || typeof column !== "number") {
    throw new TypeError("a hole of a template takes nodes of the AST only");
  }
  // The template has indented the first line already.
  return indent(value.lines, column).join("\n").trimStart();
});

/**
 * The text of a module.
 * @param title what the file says of itself, one comment line each.
 */
export function renderModule({ template, holes }: Module, title: readonly string[]): string {
  const filled: Record<string, Printed | undefined> = {};
  const bindings: Binding[] = [];
  for (const [name, hole] of Object.entries(holes)) {
    if ("kind" in hole) filled[name] = new Printed(printExpr(hole));
    else {
      filled[name] = hole.length === 0 ? undefined : new Printed(printBindings(hole));
      bindings.push(...hole);
    }
  }
  const used = argumentsOf(bindings);
  filled["title"] = new Printed(title.map((line) => `# ${commentText(line)}`));
  filled["head"] = new Printed(functionHead(used));
  return engine.template(templates[template])(filled);
}

/** The head of a module's function: on one line up to two names, as nixfmt has it. */
function functionHead(used: readonly ModuleArgument[]): string[] {
  if (used.length === 0) return ["_:"];
  if (used.length <= 2) return [`{ ${[...used, "..."].join(", ")} }:`];
  return ["{", ...used.map((name) => `  ${name},`), "  ...", "}:"];
}
