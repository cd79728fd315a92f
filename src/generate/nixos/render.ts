/** Fills a template. Its holes take AST nodes and nothing else, so that no text of the input is code. */
import type Handlebars from "handlebars";
import runtime from "handlebars/runtime.js";
import { templates, type TemplateName } from "../../generated/templates.js";
import {
  addArguments,
  type Binding,
  type Expr,
  MODULE_ARGUMENTS,
  type ModuleArgument,
} from "../../nix/ast.ts";
import { commentText } from "../../nix/escape.ts";
import { printBinding, printExpr } from "../../nix/printer.ts";

/** What a template is filled with, by the names of its holes. Empty lists are false to `{{#if}}`. */
export type Holes = Readonly<Record<string, Expr | readonly Lazy[]>>;

/** A binding, or what makes it when it is printed: those of a large host are not kept. */
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
      filled[name] = printable((margin) => {
        addArguments(used, hole);
        return [printExpr(hole, margin)];
      });
    } else if (hole.length > 0) {
      filled[name] = printable((margin) =>
        hole.map((each, index) => {
          const binding = made(each);
          addArguments(used, binding.value);
          return (index === 0 ? "" : `\n${margin}`) + printBinding(binding, margin);
        }),
      );
    }
  }
  filled["title"] = printable(() => [title.map((line) => `# ${commentText(line)}`).join("\n")]);
  // Made last, although it comes first: what it names is known when all else is printed.
  filled["head"] = printable(() => functionHead(used));
  const frame = engine.template(templates[template])(filled).split(HOLE);
  for (const text of frame) addNamed(used, text);
  for (const [index, text] of frame.entries()) {
    yield text;
    yield* printed[index] ?? [];
  }
}

/** Adds the arguments that the text of a template names itself, outside of comments. */
function addNamed(used: Set<ModuleArgument>, text: string): void {
  for (const argument of MODULE_ARGUMENTS) {
    if (new RegExp(String.raw`^[^#\n]*\b${argument}\.`, "m").test(text)) used.add(argument);
  }
}

/** The head of a module's function: on one line up to two names, as nixfmt has it. */
function* functionHead(used: ReadonlySet<ModuleArgument>): Generator<string> {
  const names = [...used].sort();
  if (names.length === 0) yield "_:";
  else if (names.length <= 2) yield `{ ${[...names, "..."].join(", ")} }:`;
  else yield `{\n${names.map((name) => `  ${name},\n`).join("")}  ...\n}:`;
}
