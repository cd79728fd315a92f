import { unsuppressed } from "../../finding/finding.ts";
import { printable } from "../../text/printable.ts";
import { pathOf, type Reporter } from "./reporter.ts";

/** For editors and grep: one line a finding, and nothing where there is none. */
export const reportCompact: Reporter = (findings, context) =>
  unsuppressed(findings)
    .map(({ rule, severity, message, location: { file, line, column } }) => {
      const text = `${pathOf(file, context)}:${line}:${column}: ${severity}[${rule}]: ${message}`;
      return `${printable(text)}\n`;
    })
    .join("");
