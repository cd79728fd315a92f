/** What a reporter is: a pure function from findings to a text. The CLI does the writing. */
import type { Finding } from "../../fleet/finding.ts";
import type { Source } from "../../fleet/source.ts";

/** What a reporter may show beside the findings themselves. */
export interface ReportContext {
  /** Every file that was read, by name. */
  readonly sources: ReadonlyMap<string, Source>;
  readonly colour: boolean;
}

/**
 * Gets all findings. Those with a suppression do not count: formats that can say so show them as
 * suppressed, the others leave them out.
 */
export type Reporter = (findings: readonly Finding[], context: ReportContext) => string;

/** The formats of --format. */
export const FORMATS = ["pretty", "json"] as const;

export type Format = (typeof FORMATS)[number];
