/** Says well what is wrong with a text. Parsers that can do that are slow to load and to run. */
import { parseTree } from "jsonc-parser";
import { positionOf } from "./scan.ts";
import { SyntaxProblem, type Unparsed } from "./source.ts";
import { parseTomlTree } from "./toml-tree.ts";

/** What is wrong with a text that was refused, and where. */
export function syntaxProblemOf(
  text: string,
  format: "toml" | "json",
  refused: Unparsed,
): SyntaxProblem {
  if (format === "json") return jsonProblemOf(text);
  try {
    parseTomlTree(text);
    return refused;
  } catch (error) {
    if (error instanceof SyntaxProblem) return error;
    throw error;
  }
}

/** Where a text stops being JSON. */
export function jsonProblemOf(text: string): SyntaxProblem {
  const errors: { offset: number }[] = [];
  parseTree(text, errors as never, { disallowComments: true, allowTrailingComma: false });
  const { line, column } = positionOf(text, errors[0]?.offset ?? 0);
  return new SyntaxProblem("this is not valid JSON", line, column);
}
