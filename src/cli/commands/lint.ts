import { type Finding, SEVERITIES, type Severity, unsuppressed } from "../../fleet/finding.ts";
import { findInventory, loadFleet } from "../../fleet/load.ts";
import { lint } from "../../lint/engine.ts";
import { loadReporter } from "../../lint/reporters/index.ts";
import { FORMATS } from "../../lint/reporters/reporter.ts";
import { type Command, noPositionals, oneOf, parseOptions } from "../command.ts";
import { EXIT, type ExitStatus, wantsColour } from "../io.ts";
import { createProgress } from "../progress.ts";

const help = `Find what would take the fleet down.

Usage: nixgen lint [OPTIONS]

Options:
  --config FILE       the inventory (default: nixgen.toml here or in a folder above)
  --format FORMAT     pretty (default) or json
  --fail-on SEVERITY  exit 1 from this severity on: error (default), warning or info
  -h, --help          this text

Exit status: 0 clean, 1 findings at or above --fail-on, 2 bad usage or unreadable input, 3 a bug.

Example:
  nixgen lint --format json | jq '.findings[].message'
`;

/** `nixgen lint` */
export const lintCommand: Command = {
  help,
  async run(argv, io) {
    const { values, positionals } = parseOptions("lint", argv, {
      config: { type: "string" },
      format: { type: "string", default: "pretty" },
      "fail-on": { type: "string", default: "error" },
    });
    noPositionals("lint", positionals);
    const failOn = oneOf("fail-on", values["fail-on"], SEVERITIES);
    const report = await loadReporter(oneOf("format", values.format, FORMATS));

    const progress = createProgress(io);
    const loaded = await loadFleet(findInventory(io.cwd, values.config), progress.report);
    const findings = loaded.fleet === undefined ? loaded.findings : lint(loaded.fleet);
    progress.clear();
    const colour = wantsColour(io, io.stdout);
    io.stdout.write(report(findings, { sources: loaded.sources, colour }));
    return loaded.fleet === undefined ? EXIT.usage : status(findings, failOn);
  },
};

function status(findings: readonly Finding[], failOn: Severity): ExitStatus {
  const limit = SEVERITIES.indexOf(failOn);
  const failing = unsuppressed(findings).some(
    ({ severity }) => SEVERITIES.indexOf(severity) <= limit,
  );
  return failing ? EXIT.findings : EXIT.ok;
}
