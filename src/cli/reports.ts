/** Where reports go: what --format says, and the writing. */
import { relative, resolve, sep } from "node:path";
import type { Finding, Severity } from "../finding/finding.ts";
import { InputError } from "../text/input-error.ts";
import type { FileText } from "../document/source.ts";
import { loadReporter } from "../lint/reporters/index.ts";
import { type Format, FORMATS } from "../lint/reporters/reporter.ts";
import { oneOf } from "./command.ts";
import { type Io, wantsColour } from "./io.ts";

/** A report: its format, and the file that it goes to; standard output where there is none. */
export interface Destination {
  readonly format: Format;
  readonly file?: string;
}

/** What else standard output and standard error are called. */
const STDOUT = ["-", "/dev/stdout", "/dev/fd/1"];
const STDERR = ["/dev/stderr", "/dev/fd/2"];

/**
 * Reads FORMAT and FORMAT=FILE; - as the file is standard output.
 * @throws {InputError} for an unknown format, or two reports of one place.
 */
export function parseDestinations(values: readonly string[]): Destination[] {
  const destinations = values.map((value): Destination => {
    const [name = ""] = value.split("=", 1);
    const format = oneOf("format", name, FORMATS);
    if (name === value) return { format };
    const file = value.slice(name.length + 1);
    if (file === "") {
      throw new InputError(
        `--format ${value} names no file`,
        `Use --format ${format}=FILE, or --format ${format} for standard output.`,
      );
    }
    return STDOUT.includes(file) ? { format } : { format, file };
  });
  const files = destinations.map(({ file }) => file);
  const second = files.findIndex((file, index) => files.indexOf(file) !== index);
  if (second !== -1) {
    throw new InputError(
      `two reports cannot go to ${files[second] ?? "standard output"}`,
      "Name a file for each of them: --format FORMAT=FILE.",
    );
  }
  return destinations;
}

/** What is reported, and of what. */
export interface Outcome {
  readonly findings: readonly Finding[];
  readonly sources: ReadonlyMap<string, FileText>;
  /** The fleet's folder. */
  readonly root: string;
  readonly failOn: Severity;
}

/**
 * Writes all reports.
 * @throws {InputError} where a file cannot be written.
 */
export async function writeReports(
  destinations: readonly Destination[],
  { findings, sources, root, failOn }: Outcome,
  io: Io,
): Promise<void> {
  const folder = folderOf(root, io);
  for (const { format, file } of destinations) {
    const report = await loadReporter(format);
    const colour = file === undefined && wantsColour(io, io.stdout);
    const text = report(findings, { sources, colour, folder, failOn });
    const kind = format === "github" ? "workflow commands" : undefined;
    if (file === undefined) io.stdout.write(text, kind);
    else if (STDERR.includes(file)) io.stderr.write(text, kind);
    else {
      const { writeFile } = await import("../files/write-file.ts");
      // What is linted may have a link of that name.
      writeFile(resolve(io.cwd, file), text, root, io.cwd);
    }
  }
}

/** Shows on stderr what stops a command whose output is something else. */
export async function complain(
  io: Io,
  findings: readonly Finding[],
  sources: ReadonlyMap<string, FileText>,
): Promise<void> {
  const report = await loadReporter("pretty");
  io.stderr.write(report(findings, { sources, colour: wantsColour(io, io.stderr) }));
}

/**
 * The fleet's folder, from where other programs look for files: the repository on GitHub, whose
 * annotations are relative to it wherever a step runs, and the working directory otherwise.
 */
function folderOf(root: string, { cwd, env }: Io): string {
  const { GITHUB_WORKSPACE: workspace = "" } = env;
  const inWorkspace = workspace === "" ? ".." : relative(workspace, root);
  const isInside = inWorkspace !== ".." && !inWorkspace.startsWith(`..${sep}`);
  return (isInside ? inWorkspace : relative(cwd, root)).split(sep).join("/");
}
