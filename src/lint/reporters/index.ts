import type { Format, Reporter } from "./reporter.ts";

/** The reporter of a format. Each is loaded only when it is used. */
export async function loadReporter(format: Format): Promise<Reporter> {
  switch (format) {
    case "pretty":
      return (await import("./pretty.ts")).reportPretty;
    case "json":
      return (await import("./json.ts")).reportJson;
  }
}
