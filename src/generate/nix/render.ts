/** Fills a template. Its holes take AST nodes and nothing else, so that no text of the input is code. */
import type Handlebars from "handlebars";
import runtime from "handlebars/runtime.js";
import { templates, type TemplateName } from "../../generated/templates.js";
import { addArguments, type Binding, type Expr, type ModuleArgument } from "./ast.ts";
import { commentText } from "./escape.ts";
import { printBinding, printExpr } from "./printer.ts";

/** What a template is filled with, by the names of its holes. Empty lists are false to `{{#if}}`. */
export type Holes = Readonly<Record<string, readonly Lazy[] | Expr>>;

/**
 * A binding, or what makes it each time that it is looked at: to make those of a large host twice costs
 * less than to keep them all.
 */
export type Lazy = Binding | (() => Binding);

/** The binding itself. */
export function made(binding: Lazy): Binding {
  return typeof binding === "function" ? binding() : binding;
}

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

/** Stands in a template's text for what goes into its holes, which is in pieces. */
const HOLE = "\0";

engine.registerHelper("nix", (value: unknown, options: Handlebars.HelperOptions): string => {
  const column: unknown = options.hash["column"];
  if (!(value instanceof Printable) || typeof column !== "number") {
    throw new TypeError("a hole of a template takes nodes of the AST only");
  }
  return value.print(" ".repeat(column));
});

/**
 * The text of a module, in pieces.
 * @param title what the file says of itself, one comment line each.
 */
export function* renderModule(
  { template, holes }: Module,
  title: readonly string[],
): Generator<string> {
  const printed: Iterable<string>[] = [];
  const printable = (print: (margin: string) => Iterable<string>): Printable =>
    new Printable((margin) => {
      printed.push(print(margin));
      return HOLE;
    });
  const filled: Record<string, Printable> = {};
  const used = new Set<ModuleArgument>();
  for (const [name, hole] of Object.entries(holes)) {
    if ("kind" in hole) {
      filled[name] = printable((margin) => [printExpr(hole, margin)]);
      addArguments(used, hole);
    } else if (hole.length > 0) {
      filled[name] = printable((margin) => printBindings(hole, margin));
      for (const binding of hole) addArguments(used, made(binding).value);
    }
  }
  filled["title"] = printable(() => [title.map((line) => `# ${commentText(line)}`).join("\n")]);
  filled["head"] = printable(() => [functionHead([...used].sort())]);
  const frame = engine.template(templates[template])(filled).split(HOLE);
  for (const [index, text] of frame.entries()) {
    yield text;
    yield* printed[index] ?? [];
  }
}

/** The lines of a binding list, in a piece for each binding. */
function* printBindings(bindings: readonly Lazy[], margin: string): Generator<string> {
  for (const [index, binding] of bindings.entries()) {
    yield (index === 0 ? "" : `\n${margin}`) + printBinding(made(binding), margin);
  }
}

/** The head of a module's function: on one line up to two names, as nixfmt has it. */
function functionHead(used: readonly ModuleArgument[]): string {
  if (used.length === 0) return "_:";
  if (used.length <= 2) return `{ ${[...used, "..."].join(", ")} }:`;
  return `{\n${used.map((name) => `  ${name},\n`).join("")}  ...\n}:`;
}
