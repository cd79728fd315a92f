import { basename, join, resolve } from "node:path";
import { InputError } from "../../text/input-error.ts";
import { findInventory } from "../../fleet/load.ts";
import { printableJson } from "../../text/printable.ts";
import { isThere } from "../../files/boundary.ts";
import type { FileTree } from "../../files/file-tree.ts";
import { atRevision } from "../../files/revision.ts";
import { suggestion } from "../../text/suggest.ts";
import {
  compareFleets,
  type HostComparison,
  planForComparison,
  type PlannedFleet,
} from "../../compare/compare.ts";
import { markdownComparison } from "../../compare/markdown.ts";
import { prettyComparison } from "../../compare/pretty.ts";
import { countChanges, summaryText } from "../../compare/summary.ts";
import { type Command, noPositionals, oneOf, parseOptions } from "../command.ts";
import { loadInventoryDespiteErrors } from "../load-fleet.ts";
import { EXIT, type Io, wantsColour } from "../io.ts";

const FORMATS = ["pretty", "markdown", "json"] as const;

const help = `Say what a change of the fleet's files means on the hosts.

Which containers restart and why, which are new, gone or on another host, which uid, gid,
subordinate ids and resolvers change, and what the next boot does otherwise. The files as they are
now are compared with those of a git revision, or of another folder. It is about these files alone:
another nixpkgs may restart more. Of variables only the names are shown. Errors of lint stop nothing
here.

Usage: nixgen diff [OPTIONS] [REVISION]

  REVISION           a branch, a tag or a commit (default: HEAD, so what is not committed yet)

Options:
  --against FOLDER   compare with the fleet in this folder, not with a revision
  --config FILE      the inventory (default: nixgen.toml here or in a folder above)
  --host NAME...     only these hosts
  --format FORMAT    pretty (default), markdown (for a pull request) or json
  --exit-code        exit 1 where anything differs
  -h, --help         this text

Exit status: 0 shown, 1 differences under --exit-code, 2 bad usage or unreadable input, 3 a bug.

Example:
  nixgen diff origin/main --format markdown | gh pr comment --body-file -
`;

/** `nixgen diff` */
export const diffCommand: Command = {
  help,
  async run(argv, io) {
    const { values, positionals } = parseOptions("diff", argv, {
      against: { type: "string" },
      config: { type: "string" },
      host: { type: "string", multiple: true, default: [] },
      format: { type: "string", default: "pretty" },
      "exit-code": { type: "boolean", default: false },
    });
    const [revision, ...more] = positionals;
    noPositionals("diff", more);
    const format = oneOf("format", values.format, FORMATS);
    if (revision !== undefined && values.against !== undefined) {
      throw new InputError(
        "a revision and --against do not go together",
        "Name one of them: what the fleet as it is now is compared with.",
      );
    }

    const inventory = findInventory(io.cwd, values.config);
    const against = values.against ?? revision ?? "HEAD";
    const before =
      values.against === undefined
        ? await atRevision(inventory, against, io.env, (tree) =>
            planSide(io, inventory, `the fleet at ${against}`, tree),
          )
        : await planSide(io, inFolder(io, against, inventory), `the fleet in ${against}`);
    const after = before && (await planSide(io, inventory, "the fleet as it is now"));
    if (before === undefined || after === undefined) return EXIT.usage;

    const chosen = chooseHosts(before, after, values.host);
    const hosts = compareFleets(before, after).filter(({ host }) => chosen.has(host));
    io.stdout.write(text(hosts, format, against, io));
    return values["exit-code"] && hosts.length > 0 ? EXIT.findings : EXIT.ok;
  },
};

/** @throws {InputError} where the folder has no inventory of the same name. */
function inFolder(io: Io, folder: string, inventory: string): string {
  const path = join(resolve(io.cwd, folder), basename(inventory));
  if (isThere(path)) return path;
  throw new InputError(
    `there is no ${basename(inventory)} in ${folder}`,
    "Name the folder of a fleet with --against.",
  );
}

/**
 * Reads and plans one of the two fleets.
 * @returns undefined where it cannot be read, which was said then.
 * @throws {InputError} where it cannot be planned.
 */
async function planSide(
  io: Io,
  inventory: string,
  name: string,
  tree?: FileTree,
): Promise<PlannedFleet | undefined> {
  const fleet = await loadInventoryDespiteErrors(io, inventory, name, tree);
  if (fleet === undefined) return undefined;
  try {
    return planForComparison(fleet);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${name} cannot be planned: ${error.message}`, error.hint);
  }
}

/**
 * The names of the hosts that were asked for; of all where none was.
 * @throws {InputError} for a host that neither fleet has.
 */
function chooseHosts(
  before: PlannedFleet,
  after: PlannedFleet,
  names: readonly string[],
): ReadonlySet<string> {
  const known = new Set([...after.hosts.keys(), ...before.hosts.keys()]);
  const unknown = names.find((name) => !known.has(name));
  if (unknown === undefined) return names.length === 0 ? known : new Set(names);
  throw new InputError(
    `there is no host ${JSON.stringify(unknown)} on either side`,
    suggestion(unknown, [...known]),
  );
}

function text(
  hosts: readonly HostComparison[],
  format: (typeof FORMATS)[number],
  against: string,
  io: Io,
): string {
  switch (format) {
    case "pretty":
      return prettyComparison(hosts, wantsColour(io, io.stdout));
    case "markdown":
      return markdownComparison(hosts, against);
    case "json": {
      const summary = { text: summaryText(hosts), ...countChanges(hosts) };
      return `${printableJson({ version: 1, against, summary, hosts })}\n`;
    }
  }
}
