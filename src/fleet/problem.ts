/** What keeps a file from being read as part of a fleet; reported like a finding, exit status 2. */
import type { Finding, Fix, Location } from "./finding.ts";

/**
 * The ids under which such problems are reported:
 * - `unreadable`: the file cannot be read at all;
 * - `syntax`: it is no TOML or no JSON;
 * - `schema`: a value is missing or of the wrong form;
 * - `unknown-key`: a key that nixgen does not know.
 */
export type ProblemId = "unreadable" | "syntax" | "schema" | "unknown-key";

export function problem(
  rule: ProblemId,
  location: Location,
  message: string,
  help: string,
  fix?: Fix,
): Finding {
  const found = { rule, severity: "error", message, help, location, related: [] } as const;
  return fix === undefined ? found : { ...found, fix };
}

/** The first character of a file. */
export function startOf(file: string): Location {
  return { file, line: 1, column: 1, endLine: 1, endColumn: 1 };
}
