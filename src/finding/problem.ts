/** What keeps a file from being read as part of a fleet; reported like a finding, exit status 2. */
import type { Location } from "../document/place.ts";
import type { Finding, Fix } from "./finding.ts";
import type { SyntaxProblem } from "../document/source.ts";

/** The problems, by the id that they are reported under. Like a rule's, the comment of each explains it. */
export const PROBLEMS = {
  /**
   * A file cannot be read.
   *
   * It is missing, a folder, too large, not UTF-8, or not nixgen's to read. What it defines is then
   * unknown, and a fleet of which a part is unknown can be neither linted nor built.
   *
   * It cannot be ignored: give the file back, or take its name out of nixgen.toml.
   */
  unreadable: "a file cannot be read",
  /**
   * A file is no TOML or no JSON.
   *
   * The place is the first one at which nothing sensible can follow; what is wrong may stand a little
   * before it, as a bracket that was never closed.
   *
   * It cannot be ignored: nothing after that place can be understood.
   *
   * @bad
   * ```toml services/web.toml
   * name = web
   * node = "alpha"
   * ```
   * @good
   * ```toml services/web.toml
   * name = "web"
   * node = "alpha"
   * ```
   */
  syntax: "a file is no TOML or no JSON",
  /**
   * A value is missing, or is not of the form that it must have.
   *
   * A wrong value that was guessed at would end up in the configuration of every host. Editors find it
   * while it is typed: the first line of a file names its schema (#:schema).
   *
   * It cannot be ignored: write the value in the form that the message names.
   *
   * @bad
   * ```toml services/web.toml
   * name = "web"
   * node = "alpha"
   *
   * [[components]]
   * name = "web"
   * image = "registry.example/web:v1.0.0"
   * ports = [8080]
   * ```
   * @good
   * ```toml services/web.toml
   * name = "web"
   * node = "alpha"
   *
   * [[components]]
   * name = "web"
   * image = "registry.example/web:v1.0.0"
   * ports = ["8080:8080"]
   * ```
   */
  schema: "a value is missing or of the wrong form",
  /**
   * A file has a key that nixgen does not know.
   *
   * Usually it is a known one with a letter too many or too few. If it were passed over in silence,
   * what it was to say would be missing on the host, and nobody would be told.
   *
   * It cannot be ignored: write the key that was meant, or remove it.
   *
   * @bad
   * ```toml services/web.toml
   * name = "web"
   * node = "alpha"
   *
   * [[components]]
   * name = "web"
   * image = "registry.example/web:v1.0.0"
   * port = ["8080:8080"]
   * ```
   * @good
   * ```toml services/web.toml
   * name = "web"
   * node = "alpha"
   *
   * [[components]]
   * name = "web"
   * image = "registry.example/web:v1.0.0"
   * ports = ["8080:8080"]
   * ```
   */
  "unknown-key": "a key is not known",
} as const;

/** What a problem is reported under, in the place of the id of a rule. */
export type ProblemId = keyof typeof PROBLEMS;

/** A problem as a finding: an error, which nothing suppresses. */
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

/** What keeps a text from being parsed, as a finding. */
export function syntaxFinding(file: string, found: SyntaxProblem, help: string): Finding {
  const { line, column, end, message } = found;
  const location = { file, line, column, endLine: end.line, endColumn: end.column };
  return problem("syntax", location, `${file}: ${message}`, help);
}

/** Nobody writes the lock by hand, and to begin a new one would choose every uid and port anew. */
export const RESTORE_LOCK =
  "nixgen writes this file: bring back the last one that was committed (git checkout -- nixgen.lock).";
