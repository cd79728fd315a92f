/** Syntax trees of TOML: for edits, and to say in good words what is wrong. Few runs need one. */
import { type AST, parseTOML } from "toml-eslint-parser";
import { type NoToml, SyntaxProblem } from "./source.ts";

/** @throws {SyntaxProblem} where the text is no TOML. */
export function parseTomlTree(text: string): AST.TOMLProgram {
  try {
    return parseTOML(text, { tomlVersion: "1.1" });
  } catch (error) {
    // The parser's errors are SyntaxErrors with a place; anything else is a bug and goes through.
    if (!(error instanceof Error) || !("lineNumber" in error && "column" in error)) throw error;
    const place = error as Error & { lineNumber: number; column: number };
    throw new SyntaxProblem(error.message, place.lineNumber, place.column + 1);
  }
}

/** What is wrong with a text in the words of this parser, or in the other's where this one takes it. */
export function syntaxProblemOf(text: string, problem: NoToml): SyntaxProblem {
  try {
    parseTomlTree(text);
    return problem;
  } catch (error) {
    if (error instanceof SyntaxProblem) return error;
    throw error;
  }
}

export function keyName(key: AST.TOMLBare | AST.TOMLQuoted): string {
  return key.type === "TOMLBare" ? key.name : key.value;
}
