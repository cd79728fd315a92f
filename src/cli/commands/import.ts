import { resolve } from "node:path";
import { compareFindings } from "../../finding/finding.ts";
import { InputError } from "../../text/input-error.ts";
import { findInventory, loadFleet } from "../../fleet/load.ts";
import type { Service } from "../../fleet/model.ts";
import { isSafeName, SAFE_NAMES } from "../../fleet/names.ts";
import { readText, textOf } from "../../files/text-file.ts";
import { unreadable } from "../../fleet/read.ts";
import { suggestion } from "../../text/suggest.ts";
import {
  checkServices,
  type ComposeSettings,
  type Imported,
  type Importer,
  type ImportInput,
  UnusableFile,
} from "../../import/importer.ts";
import { servicesText, writeServices } from "../../import/write-services.ts";
import { printable } from "../../text/printable.ts";
import { type Command, parseOptions } from "../command.ts";
import type { ComposeArguments } from "../compose-settings.ts";
import { EXIT, type Io } from "../io.ts";
import { count, display } from "../output.ts";
import { complain } from "../reports.ts";

/** What can be imported, and where the code is. */
const IMPORTERS: Readonly<Record<string, () => Promise<Importer>>> = {
  compose: async () => (await import("../../import/compose.ts")).importCompose,
  podman: async () => (await import("../../import/podman.ts")).importPodman,
};

const help = `Make service definitions of containers that are there already.

nixgen import podman reads what podman inspect prints: one container or many. The definitions give
the same containers under the same names. Containers of a service that the fleet has become
components of it; else those whose names are alike up to the last "-" become one service. The port
of a route is imported as any other port and variable, for podman does not tell them apart.

nixgen import compose reads one Compose file. Containers keep the names that Compose gives them,
without the number: PROJECT-SERVICE, which become components of one service, or container_name,
which becomes a service of its own where it does not begin with PROJECT-. Networks and volumes are
called PROJECT_NAME, as Compose calls them, and images without registry are Docker Hub's. Variables
have the values of the files that --env-file names, or else of .env beside the file. extends and
include must be resolved first, by docker compose config.

What a definition has no words for stands above the component, as a comment. Variables are imported
with their values: move secrets to a file that env_files names.

Usage: nixgen import podman [OPTIONS] FILE...
       nixgen import compose [OPTIONS] FILE

  FILE           what podman inspect printed, or a Compose file; "-" for standard input

Options:
  --out DIR      write DIR/<service>.toml; nothing is written if one of them is there already
                 (default: print all of them)
  --node HOST    the host that the services are for
  --strict       exit 1 if anything was not carried over
  --config FILE  the inventory (default: nixgen.toml here or in a folder above, if there is one)
  -h, --help     this text

Options of nixgen import compose:
  --project NAME           the project (default: what the file says, or its folder's name)
  --project-directory DIR  where relative paths begin, on the host (default: the file's folder)
  --env-file FILE          values of variables; may be given several times
  --profile NAME           services of this profile as well, "*" for all; may be given several times
  --environment            variables of this command's environment as well; they win
  --accept-loss            import also what would be less isolated, or in another network

Exit status: 0 imported, 1 something was not carried over (--strict), 2 bad usage or input,
3 a bug.

Examples:
  nixgen import compose --node rift --out services --project-directory /srv/photos compose.yml
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
      "accept-loss": { type: "boolean", default: false },
      profile: { type: "string", multiple: true, default: [] },
      project: { type: "string" },
      "project-directory": { type: "string" },
      "env-file": { type: "string", multiple: true, default: [] },
      environment: { type: "boolean", default: false },
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
    const compose = await settings(io, kind, files[0], {
      project: values.project,
      directory: values["project-directory"],
      envFiles: values["env-file"],
      environment: values.environment,
      acceptLoss: values["accept-loss"],
      profiles: values.profile,
    });
    const importer = await load();
    const services = await servicesAtHand(io, values.config);
    let imported: Imported;
    try {
      const inputs = files.map((file) => readInput(io, file));
      imported = await importer(inputs, { node, services, compose });
    } catch (error) {
      if (!(error instanceof UnusableFile)) throw error;
      await reportProblems(io, error);
      return EXIT.usage;
    }
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

/** @throws {InputError} for options that the kind does not have, or that cannot be used. */
async function settings(
  io: Io,
  kind: string | undefined,
  file: string | undefined,
  given: ComposeArguments,
): Promise<ComposeSettings | undefined> {
  if (kind === "compose") {
    return (await import("../compose-settings.ts")).composeSettings(io, file, given);
  }
  const { project, directory, envFiles, environment, acceptLoss, profiles } = given;
  const options: [string, boolean][] = [
    ["--project", project !== undefined],
    ["--project-directory", directory !== undefined],
    ["--env-file", envFiles.length > 0],
    ["--environment", environment],
    ["--accept-loss", acceptLoss],
    ["--profile", profiles.length > 0],
  ];
  const [option] = options.find(([, isGiven]) => isGiven) ?? [];
  if (option === undefined) return undefined;
  throw new InputError(`${option} is for nixgen import compose only`, "See nixgen import --help.");
}

/** Says at which places a file is wrong. */
async function reportProblems(io: Io, { file, text, problems }: UnusableFile): Promise<void> {
  await complain(io, [...problems].sort(compareFindings), new Map([[file, { file, text }]]));
}

/** @throws {InputError | UnusableFile} for a file that is no text. */
function readInput(io: Io, file: string): ImportInput {
  const name = file === "-" ? "standard input" : file;
  const input = file === "-" ? textOf(io.readInput(), name) : readText(resolve(io.cwd, file), name);
  if (input.reason === undefined) return { file: name, text: input.text };
  const { problem, read } = unreadable(input, name);
  if (read === undefined) throw new InputError(problem.message, problem.help);
  throw new UnusableFile(name, read.text, [problem]);
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
