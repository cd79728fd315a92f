/** The four commands that write, each with a fleet in which it has something to write. */
import { cpSync, existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { runCli } from "../support/cli.ts";
import { type Files, inventory, writeFiles } from "../support/fleet.ts";

/** Every file below a folder with its text, and every link with its target. */
export type Snapshot = Readonly<Record<string, string>>;

export interface WritingCommand {
  readonly name: string;
  readonly argv: readonly string[];
  /** A folder that it writes as a whole; of everything else it writes file by file. */
  readonly tree?: string;
  /** What is called after it instead, where it refuses to do the same again. */
  readonly again?: readonly string[];
  /** Makes a fleet before the command in an empty folder. */
  readonly prepare: (folder: string) => Promise<void> | void;
}

const LOCK = "nixgen.lock";
const FAULTY = inventory().replace('"1.1.1.1", "8.8.8.8"', "");

/** A service on each host, with a route, so that the lock gets a port. */
function services(tag: string): Files {
  return Object.fromEntries(
    ["alpha", "beta"].map((host) => [
      `services/on-${host}.toml`,
      `name = "on-${host}"\nnode = "${host}"\n[[components]]\nname = "web"\nimage = "example.org/web:${tag}"\nroutes = [{ port = 80 }]\n`,
    ]),
  );
}

export const COMMANDS: readonly WritingCommand[] = [
  {
    name: "build",
    argv: ["build"],
    tree: "out",
    prepare: async (folder) => {
      writeFiles({ "nixgen.toml": inventory(), ...services("v1") }, folder);
      await succeed(folder, ["build"]);
      // Somebody's own files must survive everything.
      writeFiles({ "out/NOTES.md": "mine\n", "out/alpha/own/notes": "mine too\n" }, folder);
      const more = `name = "new"\nnode = "beta"\n[[components]]\nname = "new"\nimage = "example.org/new:1"\nroutes = [{ port = 80 }]\n`;
      writeFiles({ ...services("v2"), "services/new.toml": more }, folder);
    },
  },
  {
    name: "lint --fix",
    argv: ["lint", "--fix"],
    prepare: (folder) => {
      writeFiles(
        {
          "nixgen.toml": FAULTY,
          "services/a.toml": 'name = "a" # first\nactve = false\n',
          "services/b.toml": 'name = "b" # second\nactve = false\n',
        },
        folder,
      );
    },
  },
  {
    name: "lock accept",
    argv: ["lock", "accept", "uid", "pod@alpha", "--reason", "it had to be"],
    again: ["lint"],
    prepare: (folder) => {
      writeFiles(
        {
          "nixgen.toml": inventory(),
          [LOCK]: 'version = 1\n[uids]\n"pod@alpha" = 995\n"pod@beta" = 850\n',
        },
        folder,
      );
    },
  },
  {
    name: "import",
    argv: ["import", "podman", "containers.json", "--node", "alpha", "--out", "services"],
    prepare: (folder) => {
      cpSync("test/fixtures/inspect/5.4.2.json", join(folder, "containers.json"));
    },
  },
];

async function succeed(folder: string, argv: readonly string[]): Promise<void> {
  const { status, stderr } = await runCli(folder, argv);
  if (status !== 0) throw new Error(stderr);
}

/** A command, with its fleet before it and what is there after it. */
export interface Prepared extends WritingCommand {
  readonly folder: string;
  readonly before: Snapshot;
  readonly after: Snapshot;
}

/** Makes the fleet of a command in a folder, and looks what the command does to it. */
export async function prepare(command: WritingCommand, folder: string): Promise<Prepared> {
  const [source, done] = [join(folder, "source"), join(folder, "done")];
  writeFiles({}, folder);
  await command.prepare(source);
  cpSync(source, done, { recursive: true });
  await succeed(done, command.argv);
  return { ...command, folder: source, before: snapshot(source), after: snapshot(done) };
}

export function snapshot(folder: string): Snapshot {
  if (!existsSync(folder)) return {};
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  const entries = paths.flatMap((path) => {
    const stat = lstatSync(join(folder, path));
    if (stat.isDirectory()) return [];
    const text = stat.isSymbolicLink()
      ? `-> ${readlinkSync(join(folder, path))}`
      : readFileSync(join(folder, path), "utf8");
    return [[path, text] as const];
  });
  return Object.fromEntries(entries);
}

/** The files of a snapshot that are in a folder. */
export function filesIn(files: Snapshot, folder: string): Snapshot {
  const entries = Object.entries(files).filter(([path]) => path.startsWith(`${folder}/`));
  return Object.fromEntries(entries.map(([path, text]) => [path.slice(folder.length + 1), text]));
}

/** The temporary files of nixgen's in a snapshot. */
export function temporaries(files: Snapshot): string[] {
  return Object.keys(files).filter((path) => path.includes(".nixgen-"));
}
