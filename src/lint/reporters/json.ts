import { countFindings } from "../../finding/finding.ts";
import { printableJson } from "../../text/printable.ts";
import type { Reporter } from "./reporter.ts";

/** For programs. The form is versioned: what is here stays, and what is new is added. */
export const reportJson: Reporter = (findings) => {
  const { error, warning, info } = countFindings(findings);
  const report = {
    version: 1,
    findings: findings.map(
      ({ rule, severity, message, help, location, related, fix, suppression }) => ({
        rule,
        severity,
        message,
        help,
        location,
        related,
        ...(fix !== undefined && { fix }),
        ...(suppression !== undefined && { suppression }),
      }),
    ),
    summary: { errors: error, warnings: warning, infos: info },
  };
  return `${printableJson(report)}\n`;
};
