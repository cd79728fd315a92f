import { dirname } from "node:path";
import { SEVERITIES } from "../../finding/finding.ts";
import { InputError } from "../../text/input-error.ts";
import { missingParts } from "../../fleet/facts.ts";
import { findInventory, loadFleet } from "../../fleet/load.ts";
import { type Fleet, type Host, servicesOn } from "../../fleet/model.ts";
import { shellCommand, shellQuote } from "../../text/shell.ts";
import { suggestion } from "../../text/suggest.ts";
import { lint } from "../../lint/engine.ts";
import { printable } from "../../text/printable.ts";
import { FORMATS } from "../../lint/reporters/reporter.ts";
import { type Command, noPositionals, oneOf, parseOptions } from "../command.ts";
import { EXIT, type Io } from "../io.ts";
import { createProgress } from "../progress.ts";
import { writeReports } from "../reports.ts";
import { status } from "./lint.ts";

const help = `Compare what hosts really have, as their facts show it, with what is defined for them.

Containers that are missing, that nothing defines, or that are not what their definition says; uids
and subordinate ids; podman's databases; resolvers; ports that nobody or somebody else listens on;
addresses; the release. What facts do not have is named on stderr.

Usage: nixgen audit [OPTIONS]

Options:
  --config FILE       the inventory (default: nixgen.toml here or in a folder above)
  --host NAME...      only these hosts (default: all that have facts)
  --format FORMAT     pretty (default), compact, json, sarif, github or junit
  --fail-on SEVERITY  exit 1 from this severity on: error, warning (default) or info
  -h, --help          this text

Exit status: 0 as defined, 1 differences, 2 bad usage, unreadable input or no facts, 3 a bug.

Example:
  nixgen audit --host rift    # after ssh root@rift sh -s < <(nixgen facts script) > facts/rift.json
`;

/** `nixgen audit` */
export const auditCommand: Command = {
  help,
  async run(argv, io) {
    const { values, positionals } = parseOptions("audit", argv, {
      config: { type: "string" },
      host: { type: "string", multiple: true, default: [] },
      format: { type: "string", default: "pretty" },
      "fail-on": { type: "string", default: "warning" },
    });
    // --host rift orion and --host rift --host orion mean the same.
    if (values.host.length === 0) noPositionals("audit", positionals);
    const failOn = oneOf("fail-on", values["fail-on"], SEVERITIES);
    const format = oneOf("format", values.format, FORMATS);

    const inventory = findInventory(io.cwd, values.config);
    const progress = createProgress(io);
    const loaded = await loadFleet(inventory, progress.report);
    progress.clear();
    const { fleet, sources } = loaded;
    const findings =
      fleet === undefined
        ? loaded.findings
        : lint(withHosts(fleet, chooseHosts(fleet, [...values.host, ...positionals], io)), {
            audit: true,
          });
    await writeReports([{ format }], { findings, sources, root: dirname(inventory), failOn }, io);
    return fleet === undefined ? EXIT.usage : status(findings, failOn);
  },
};

/**
 * The hosts to look at: those that were named, or all that have facts.
 * @throws {InputError} where one of them has none.
 */
function chooseHosts(fleet: Fleet, names: readonly string[], io: Io): Host[] {
  const named = names.map((name) => {
    const host = fleet.index.hostNamed.get(name);
    if (host !== undefined) return host;
    const known = fleet.hosts.map((each) => each.name);
    throw new InputError(`there is no host ${JSON.stringify(name)}`, suggestion(name, known));
  });
  const lacking = (named.length > 0 ? named : fleet.hosts.filter((host) => matters(fleet, host)))
    .filter(({ facts }) => facts === undefined)
    .map(({ name }) => name);
  const [first] = lacking;
  const there = (named.length > 0 ? named : fleet.hosts).filter(({ facts }) => facts !== undefined);
  for (const host of there) sayWhatIsMissing(fleet, host, io);
  if (first === undefined) return there;
  const message = `there are no facts of ${lacking.join(", ")}`;
  const hint = collect(fleet, first);
  if (named.length > 0 || there.length === 0) throw new InputError(message, hint);
  const note = [`${message}: what was looked at is the others alone`, hint];
  io.stderr.write(`${note.map(printable).join("\n")}\n`);
  return there;
}

/** How facts of a host are collected. */
function collect(fleet: Fleet, host: string): string {
  const file = shellQuote(`${fleet.inventory.fleet.facts}/${host}.json`);
  return `Collect them: ssh ${shellQuote(`root@${host}`)} sh -s < <(nixgen facts script) > ${file}`;
}

/** What facts do not have cannot differ: who reads that there are no findings should know. */
function sayWhatIsMissing(fleet: Fleet, { name, facts: its }: Host, io: Io): void {
  if (its === undefined) return;
  if (its.facts.schema === 1) {
    const old = `${its.file} has facts of format 1, and the script collects more now. ${collect(fleet, name)}`;
    io.stderr.write(`${printable(old)}\n`);
  }
  const missing = missingParts(its.facts).map(({ what }) => what);
  if (missing.length === 0) return;
  const check = shellCommand(["nixgen", "facts", "check", its.file]);
  const note = `${its.file} is without ${missing.join(", ")}: what that hides, ${check} says`;
  io.stderr.write(`${printable(note)}\n`);
}

/** Whether nixgen has anything to do with a host. */
function matters(fleet: Fleet, host: Host): boolean {
  return host.release !== undefined || servicesOn(fleet, host.name).length > 0;
}

/** The fleet with some of its hosts: what is elsewhere is known of, and nothing is said about it. */
function withHosts(fleet: Fleet, hosts: readonly Host[]): Fleet {
  return { ...fleet, hosts };
}
