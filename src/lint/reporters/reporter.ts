/** What a reporter is: a pure function from findings to a text. The CLI does the writing. */
import type { Finding, Severity } from "../../finding/finding.ts";
import type { FileText } from "../../document/source.ts";

/** What a reporter may show beside the findings themselves. */
export interface ReportContext {
  /** Every file that was read, by name. */
  readonly sources: ReadonlyMap<string, FileText>;
  readonly colour: boolean;
  /**
   * The fleet's folder as it is seen from the folder from which other programs look for files; absent
   * where both are the same. Formats for programs put it before the names of files, but for JSON.
   */
  readonly folder?: string;
  /** From which severity on a finding fails the run. Default: error. */
  readonly failOn?: Severity;
}

/**
 * Gets all findings. Those with a suppression do not count: formats that can say so show them as
 * suppressed, the others leave them out.
 */
export type Reporter = (findings: readonly Finding[], context: ReportContext) => string;

/** The formats of --format. */
export const FORMATS = ["pretty", "compact", "json", "sarif", "github", "junit"] as const;

/** One of them. */
export type Format = (typeof FORMATS)[number];

/** A file's name as other programs look for it. */
export function pathOf(file: string, { folder = "" }: ReportContext): string {
  return folder === "" ? file : `${folder}/${file}`;
}
