/** Runs the generated validators. */
import * as checks from "../generated/checks.js";
import type { Finding } from "../finding/finding.ts";
import type { Source } from "../document/source.ts";
import type { Schema } from "./schema-problems.ts";

/** The kinds of files, each with a schema of that name in schemas/. */
export const FILE_KINDS = ["nixgen", "service", "facts", "lock", "baseline"] as const;

export type FileKind = (typeof FILE_KINDS)[number];

/**
 * Checks a document against its schema and fills in the defaults.
 * @returns the problems; with none, the source's value has the type that the schema describes.
 */
export async function validate(kind: FileKind, source: Source): Promise<Finding[]> {
  if (checks[kind](source.value)) return [];
  // Only now is it needed what exactly is wrong, and what the schema says in words.
  const validators = await import("../generated/validators.js");
  const { schemaProblems } = await import("./schema-problems.ts");
  return schemaProblems(source, validators[kind], await loadSchema(kind));
}

/** The JSON Schema of a kind of file. */
export async function loadSchema(kind: FileKind): Promise<Schema> {
  switch (kind) {
    case "nixgen":
      return (await import("../../schemas/nixgen.schema.json")).default;
    case "service":
      return (await import("../../schemas/service.schema.json")).default;
    case "facts":
      return (await import("../../schemas/facts.schema.json")).default as Schema;
    case "lock":
      return (await import("../../schemas/lock.schema.json")).default as Schema;
    case "baseline":
      return (await import("../../schemas/baseline.schema.json")).default;
  }
}
