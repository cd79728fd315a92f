import { resolve } from "node:path";
import { InputError } from "../../fleet/input-error.ts";
import { findInventory, loadFleet } from "../../fleet/load.ts";
import type { Service } from "../../fleet/model.ts";
import { isSafeName, SAFE_NAMES } from "../../fleet/names.ts";
import { readText } from "../../fleet/read.ts";
import { suggestion } from "../../fleet/suggest.ts";
import {
  checkServices,
  type Imported,
  type Importer,
  type ImportInput,
} from "../../import/importer.ts";
import { servicesText, writeServices } from "../../import/write-services.ts";
import { printable } from "../../lint/printable.ts";
import { type Command, parseOptions } from "../command.ts";
import { EXIT, type Io } from "../io.ts";
import { count, display } from "../output.ts";

/** What can be imported, and where the code is. */
const IMPORTERS: Readonly<Record<string, () => Promise<Importer>>> = {
  podman: async () => (await import("../../import/podman.ts")).importPodman,
};

const help = `Make service definitions of containers that are there already.

nixgen import podman reads what podman inspect prints: one container or many. The definitions give
the same containers under the same names. Containers of a service that the fleet has become
components of it; else those whose names are alike up to the last "-" become one service. The port
of a route is imported as any other port and variable, for podman does not tell them apart.

What a definition has no words for stands above the component, as a comment. Variables are imported
with their values: move secrets to a file that env_files names.

Usage: nixgen import podman [OPTIONS] FILE...

  FILE           what podman inspect printed; "-" for standard input

Options:
  --out DIR      write DIR/<service>.toml; nothing is written if one of them is there already
                 (default: print all of them)
  --node HOST    the host that the services are for
  --strict       exit 1 if anything was not carried over
  --config FILE  the inventory (default: nixgen.toml here or in a folder above, if there is one)
  -h, --help     this text

Exit status: 0 imported, 1 something was not carried over (--strict), 2 bad usage or input,
3 a bug.

Example:
  nixgen import podman --node rift --out services containers.json

  where containers.json is what this prints on rift, as the user of the containers:
  podman inspect $(podman ps --all --quiet)
`;

/** `nixgen import` */
export const importCommand: Command = {
  help,
  async run(argv, io) {
    const { values, positionals } = parseOptions("import", argv, {
      config: { type: "string" },
      node: { type: "string" },
      out: { type: "string" },
      strict: { type: "boolean", default: false },
    });
    const [kind, ...files] = positionals;
    const load = findImporter(kind);
    const { node } = values;
    if (node !== undefined && !isSafeName("host", node)) {
      throw new InputError(
        `--node cannot be ${JSON.stringify(node)}`,
        `Use ${SAFE_NAMES.host.expected}.`,
      );
    }
    if (files.length === 0) {
      throw new InputError(
        `nixgen import ${kind ?? ""} needs a file`,
        'Name one or several, or "-" for standard input.',
      );
    }
    const importer = await load();
    const inputs = files.map((file) => readInput(io, file));
    const services = await servicesAtHand(io, values.config);
    const imported = await importer(inputs, { node, services });
    await checkServices(imported.services);

    if (values.out === undefined) io.stdout.write(servicesText(imported.services));
    else {
      for (const path of writeServices(resolve(io.cwd, values.out), imported.services)) {
        io.stdout.write(`${printable(display(io.cwd, path))}\n`);
      }
    }
    const lost = reportLosses(io, imported);
    return values.strict && lost ? EXIT.findings : EXIT.ok;
  },
};

/** @throws {InputError} for what cannot be imported. */
function findImporter(kind: string | undefined): () => Promise<Importer> {
  const load = kind !== undefined && Object.hasOwn(IMPORTERS, kind) ? IMPORTERS[kind] : undefined;
  if (load !== undefined) return load;
  throw new InputError(
    kind === undefined
      ? "nixgen import needs to know what to import"
      : `nixgen import knows no ${JSON.stringify(kind)}`,
    suggestion(kind ?? "", Object.keys(IMPORTERS)),
  );
}

/** @throws {InputError} for a file that is no text. */
function readInput(io: Io, file: string): ImportInput {
  const name = file === "-" ? "standard input" : file;
  const text = readText(file === "-" ? io.readInput() : resolve(io.cwd, file), name);
  if (typeof text !== "string") throw new InputError(text.message, text.help);
  return { file: name, text };
}

/** The services of the fleet at hand; none where there is no fleet, or it cannot be used. */
async function servicesAtHand(io: Io, config: string | undefined): Promise<readonly Service[]> {
  let inventory: string;
  try {
    inventory = findInventory(io.cwd, config);
  } catch (error) {
    if (config === undefined && error instanceof InputError) return [];
    throw error;
  }
  const { fleet } = await loadFleet(inventory);
  if (fleet !== undefined) return fleet.services;
  io.stderr.write(
    `${printable(display(io.cwd, inventory))} cannot be used, see nixgen lint: services are named anew\n`,
  );
  return [];
}

/** Says what was not carried over, and whether anything was not. */
function reportLosses(io: Io, { services, leftOut, remarks }: Imported): boolean {
  const lines = [...remarks, ...leftOut.map((text) => `not carried over: ${text}`)];
  const components = services.flatMap((service) => service.components);
  const affected = components.filter(({ notes }) => notes.length > 0);
  const notes = affected.flatMap((component) => component.notes);
  if (notes.length > 0) {
    lines.push(
      `not carried over: ${count(notes.length, "setting")} of ${count(affected.length, "container")}; comments in the definitions name them`,
    );
  }
  for (const line of lines) io.stderr.write(`${printable(line)}\n`);
  return leftOut.length + notes.length > 0;
}
