import { basename, resolve } from "node:path";
import { factsScript, missingFacts } from "../../fleet/facts.ts";
import { compareFindings, type Finding } from "../../finding/finding.ts";
import { InputError } from "../../text/input-error.ts";
import { findInventory, INVENTORY_FILE } from "../../fleet/load.ts";
import { problem } from "../../finding/problem.ts";
import { readText, textOf } from "../../files/text-file.ts";
import { parseFile } from "../../fleet/read.ts";
import type { Facts, Inventory, NodeDefinition } from "../../fleet/schema.ts";
import type { FileText, Source } from "../../document/source.ts";
import { suggestion } from "../../text/suggest.ts";
import { validate } from "../../fleet/validate.ts";
import { printable } from "../../text/printable.ts";
import { loadReporter } from "../../lint/reporters/index.ts";
import { type Command, noPositionals, parseOptions } from "../command.ts";
import { EXIT, type ExitStatus, type Io, wantsColour } from "../io.ts";

const help = `Collect what a host really has, and check what was collected.

Usage: nixgen facts script
       nixgen facts check [OPTIONS] FILE...

script  print a script of POSIX sh that prints facts/<host>.json. It needs nothing on the host but a
        base system, changes nothing there, and is best run as root, who sees every user's podman:

          ssh root@rift sh -s < <(nixgen facts script) > facts/rift.json

        Behind "sh -s --" it takes the host's name in ${INVENTORY_FILE}, where it has another one itself,
        and before that --with-env, which keeps everything that podman says of the containers: the
        values of their environment variables and their command lines too, which may hold secrets.
        Without it facts have the names of variables only, and audit compares no values or commands.

check   say what is wrong with facts, and what is not in them. "-" is standard input.

Options:
  --config FILE  the inventory that has the host (default: ${INVENTORY_FILE} here or above, if any)
  -h, --help     this text

Exit status: 0 fine, 1 no host of the inventory, 2 bad usage or unreadable facts, 3 a bug.

Example:
  nixgen facts check facts/*.json
`;

/** `nixgen facts` */
export const factsCommand: Command = {
  help,
  async run(argv, io) {
    const { values, positionals } = parseOptions("facts", argv, { config: { type: "string" } });
    const [what, ...files] = positionals;
    if (what === "script") {
      noPositionals("facts script", files);
      io.stdout.write(await factsScript());
      return EXIT.ok;
    }
    if (what !== "check") {
      throw new InputError(
        what === undefined
          ? "nixgen facts needs to know what to do"
          : `nixgen facts cannot ${JSON.stringify(what)}`,
        suggestion(what ?? "", ["check", "script"]),
      );
    }
    if (files.length === 0) {
      throw new InputError(
        "nixgen facts check needs a file",
        'Name facts/<host>.json, or "-" for standard input.',
      );
    }
    return check(io, files, await hosts(io, values.config));
  },
};

/** The hosts of the inventory; undefined where none is at hand, or it cannot be used. */
async function hosts(
  io: Io,
  config: string | undefined,
): Promise<readonly NodeDefinition[] | undefined> {
  let path: string;
  try {
    path = findInventory(io.cwd, config);
  } catch (error) {
    if (config === undefined && error instanceof InputError) return undefined;
    throw error;
  }
  const name = basename(path);
  const read = await parseFile(readText(path, name), name);
  if (read.problem === undefined && (await validate("nixgen", read.source)).length === 0) {
    return (read.source.value as Inventory).nodes;
  }
  io.stderr.write(`${INVENTORY_FILE} cannot be used, see nixgen lint: hosts are not looked up\n`);
  return undefined;
}

async function check(
  io: Io,
  files: readonly string[],
  nodes: readonly NodeDefinition[] | undefined,
): Promise<ExitStatus> {
  const findings: Finding[] = [];
  const sources = new Map<string, FileText>();
  let status: ExitStatus = EXIT.ok;
  for (const file of files) {
    const name = file === "-" ? "standard input" : file;
    const text =
      file === "-" ? textOf(io.readInput(), name) : readText(resolve(io.cwd, file), name);
    const read = await parseFile(text, name, "json");
    if (read.problem !== undefined) {
      findings.push(read.problem);
      if (read.read !== undefined) sources.set(read.read.file, read.read);
      continue;
    }
    const { source } = read;
    sources.set(source.file, source);
    const problems = await validate("facts", source);
    findings.push(...problems);
    if (problems.length > 0) continue;
    const facts = source.value as Facts;
    const node = nodes?.find(({ name }) => name === facts.host);
    io.stdout.write(describe(source.file, facts, node));
    if (file !== "-" && basename(file, ".json") !== facts.host) {
      findings.push(misnamed(source, facts.host));
    }
    if (nodes === undefined || node !== undefined) continue;
    const names = nodes.map(({ name }) => name);
    const unknown = `  ${INVENTORY_FILE} has no host ${facts.host}. ${suggestion(facts.host, names)}`;
    io.stdout.write(`${printable(unknown)}\n`);
    status = EXIT.findings;
  }
  if (findings.length === 0) return status;
  const report = await loadReporter("pretty");
  const colour = wantsColour(io, io.stdout);
  io.stdout.write(report(findings.sort(compareFindings), { sources, colour }));
  return EXIT.usage;
}

function misnamed(source: Source, host: string): Finding {
  return problem(
    "schema",
    source.positions().locate(["host"]),
    `${source.file} holds the facts of ${host}, but is named otherwise`,
    `Rename it to ${host}.json, or give the script the host's name.`,
  );
}

/** What a file holds, and what it does not. */
function describe(file: string, facts: Facts, node: NodeDefinition | undefined): string {
  const host = node === undefined ? facts.host : `${facts.host} (${node.role}, ${node.os})`;
  const when = facts.collected === undefined ? "" : `, collected ${facts.collected}`;
  return [
    `${file}: the facts of ${host}${when}`,
    ...(facts.schema === 1
      ? ["  format 1, of an older script. The script collects more now: collect them again."]
      : []),
    ...missingFacts(facts).map(({ what, consequence }) => `  without ${what}. ${consequence}`),
  ]
    .map((line) => `${printable(line)}\n`)
    .join("");
}
