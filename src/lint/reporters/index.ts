import type { Format, Reporter } from "./reporter.ts";

/** The reporter of a format. Each is loaded only when it is used. */
export async function loadReporter(format: Format): Promise<Reporter> {
  switch (format) {
    case "pretty":
      return (await import("./pretty.ts")).reportPretty;
    case "compact":
      return (await import("./compact.ts")).reportCompact;
    case "json":
      return (await import("./json.ts")).reportJson;
    case "sarif": {
      const { sarifReporter } = await import("./sarif.ts");
      return sarifReporter((await import("../../generated/rule-docs.js")).ruleDocs);
    }
    case "github":
      return (await import("./github.ts")).reportGithub;
    case "junit":
      return (await import("./junit.ts")).reportJunit;
  }
}
