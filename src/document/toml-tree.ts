/** Syntax trees of TOML. Few runs need one. */
import { type AST, parseTOML } from "toml-eslint-parser";
import { SyntaxProblem } from "./source.ts";

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

/** The name that a part of a key stands for, without quotes and escapes. */
export function keyName(key: AST.TOMLBare | AST.TOMLQuoted): string {
  return key.type === "TOMLBare" ? key.name : key.value;
}
