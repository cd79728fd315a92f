import { dirname } from "node:path";
import {
  compareFindings,
  type Finding,
  SEVERITIES,
  type Severity,
  unsuppressed,
} from "../../finding/finding.ts";
import { overlay } from "../../files/file-tree.ts";
import { findInventory, fleetOnDisk, loadFleet } from "../../fleet/load.ts";
import { InputError } from "../../text/input-error.ts";
import { lint } from "../../lint/engine.ts";
import { printable } from "../../text/printable.ts";
import { ruleIds } from "../../lint/select.ts";
import { baselinePath } from "../baseline.ts";
import { type Command, noPositionals, oneOf, parseOptions } from "../command.ts";
import { EXIT, type ExitStatus, type Io } from "../io.ts";
import { count, display } from "../output.ts";
import { createProgress } from "../progress.ts";
import { parseDestinations, writeReports } from "../reports.ts";

const help = `Find what would take the fleet down.

A finding that is meant to be so is ignored by a comment in its line or the one above,
  # nixgen: ignore[RULE] REASON
or, for whole files, by [[lint.ignore]] in nixgen.toml (rule, path, reason). [lint.rules] there sets
the severity of a rule, or switches it off.

Usage: nixgen lint [OPTIONS]

Options:
  --config FILE       the inventory (default: nixgen.toml here or in a folder above)
  --format FORMAT[=FILE]...
                      pretty (default), compact, json, sarif, github or junit; to FILE, and where
                      none is named to standard output
  --fail-on SEVERITY  exit 1 from this severity on: error (default), warning or info
  --rule ID[,ID...]   only these rules
  --no-rule ID[,ID...]
                      all rules but these
  --baseline FILE     accepted findings (default: nixgen.baseline.json beside the inventory);
                      /dev/null for none
  --write-baseline    accept what is found now: only what is new counts from then on
  --fix               fix what needs no decision of yours, and report what is left
  --dry-run           with --fix: write nothing, print a diff that git apply takes
  -h, --help          this text

Exit status: 0 clean, 1 findings at or above --fail-on, 2 bad usage or unreadable input, 3 a bug.
After --fix it is that of what is left, after --fix --dry-run that of what is there.

Examples:
  nixgen lint --format json | jq '.findings[].message'
  nixgen lint --write-baseline
  nixgen lint --fix --dry-run | git apply
  nixgen lint --format pretty --format sarif=nixgen.sarif
`;

/** `nixgen lint` */
export const lintCommand: Command = {
  help,
  async run(argv, io) {
    const { values, positionals } = parseOptions("lint", argv, {
      config: { type: "string" },
      format: { type: "string", multiple: true, default: ["pretty"] },
      "fail-on": { type: "string", default: "error" },
      rule: { type: "string", multiple: true, default: [] },
      "no-rule": { type: "string", multiple: true, default: [] },
      baseline: { type: "string" },
      "write-baseline": { type: "boolean", default: false },
      fix: { type: "boolean", default: false },
      "dry-run": { type: "boolean", default: false },
    });
    noPositionals("lint", positionals);
    if (values["dry-run"] && !values.fix) {
      throw new InputError("--dry-run goes with --fix", "See nixgen lint --help.");
    }
    if (values.fix && values["write-baseline"]) {
      throw new InputError(
        "--fix and --write-baseline do not go together",
        "Fix first, and accept what is left then.",
      );
    }
    const failOn = oneOf("fail-on", values["fail-on"], SEVERITIES);
    const destinations = parseDestinations(values.format);
    const rules = {
      only: ruleIds("rule", values.rule),
      except: ruleIds("no-rule", values["no-rule"]),
    };
    const write = values["write-baseline"];
    if (write && rules.only.length + rules.except.length > 0) {
      throw new InputError(
        "a baseline is of all rules, not of some",
        "Leave out --rule and --no-rule, or --write-baseline.",
      );
    }

    const inventory = findInventory(io.cwd, values.config);
    const baseline = baselinePath(io.cwd, inventory, values.baseline, write);
    if (write && baseline !== false) await writeBaseline(inventory, baseline, io);
    const progress = createProgress(io);
    const look = async (texts?: ReadonlyMap<string, string>) => {
      const tree = overlay(fleetOnDisk(inventory, baseline), texts ?? new Map());
      const loaded = await loadFleet(inventory, progress.report, baseline, tree);
      progress.clear();
      if (loaded.fleet !== undefined) return { ...loaded, findings: lint(loaded.fleet, rules) };
      const { rest } = loaded;
      const found = rest === undefined ? [] : lint(rest, { ...rules, isPartial: true });
      // What is chosen for a part may be wrong in the whole.
      const others = found.map((finding) => withoutFix(finding));
      return { ...loaded, findings: [...loaded.findings, ...others].sort(compareFindings) };
    };
    let found = await look();
    if (values.fix) {
      const { fix } = await import("../fix.ts");
      const left = await fix(io, dirname(inventory), found, look, values["dry-run"]);
      if (!values["dry-run"]) found = left;
    }
    const { fleet, findings, sources } = found;
    if (!values["dry-run"]) {
      const root = dirname(inventory);
      await writeReports(destinations, { findings, sources, root, failOn }, io);
    }
    return fleet === undefined ? EXIT.usage : status(findings, failOn);
  },
};

function withoutFix(finding: Finding): Finding {
  const { fix, ...others } = finding;
  return fix === undefined ? finding : others;
}

/** Accepts what is found; of a fleet that cannot be read nothing is. */
async function writeBaseline(inventory: string, baseline: string, io: Io): Promise<void> {
  const { baselineText } = await import("../../lint/baseline.ts");
  const { writeFile } = await import("../../files/write-file.ts");
  // The one that is there may be damaged; it is not needed.
  const { fleet } = await loadFleet(inventory, undefined, false);
  if (fleet === undefined) return;
  const { text, accepted } = baselineText(lint(fleet));
  writeFile(baseline, text, dirname(inventory), io.cwd);
  const shown = printable(display(io.cwd, baseline));
  io.stderr.write(`${shown}: ${count(accepted, "finding")} accepted\n`);
}

/** What a command returns for its findings. */
export function status(findings: readonly Finding[], failOn: Severity): ExitStatus {
  const limit = SEVERITIES.indexOf(failOn);
  const failing = unsuppressed(findings).some(
    ({ severity }) => SEVERITIES.indexOf(severity) <= limit,
  );
  return failing ? EXIT.findings : EXIT.ok;
}
