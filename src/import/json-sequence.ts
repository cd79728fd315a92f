/** JSON texts that follow each other. */
import { endOfJson, nextWord } from "../document/scan.ts";
import { checkDepth, type Value } from "../document/source.ts";
import { jsonProblemOf } from "../document/syntax-problem.ts";

/**
 * Parses JSON texts that follow each other, as a program prints them that was run several times.
 * @throws {SyntaxProblem} at the first place that is no JSON.
 */
export function parseJsonSequence(text: string): Value[] {
  checkDepth(text, "json");
  const values: Value[] = [];
  for (let at = nextWord(text, 0); at < text.length;) {
    const end = endOfJson(text, at);
    const document = text.slice(at, end);
    try {
      values.push(JSON.parse(document) as Value);
    } catch {
      // What is before it keeps its lines and columns.
      throw jsonProblemOf(text.slice(0, at).replaceAll(/[^\n]/g, " ") + document);
    }
    at = nextWord(text, end);
  }
  return values;
}
