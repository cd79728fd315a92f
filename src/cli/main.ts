/** argv to one command. A command's code is loaded only when it runs. */
import { InputError } from "../fleet/input-error.ts";
import type { Command } from "./command.ts";
import { EXIT, type ExitStatus, type Io } from "./io.ts";
import { VERSION } from "./version.ts";

/** The commands: a line for --help, and where the code is. */
const COMMANDS: Readonly<Record<string, { summary: string; load: () => Promise<Command> }>> = {
  lint: {
    summary: "find what would take the fleet down",
    load: async () => (await import("./commands/lint.ts")).lintCommand,
  },
  build: {
    summary: "write the NixOS modules of every host",
    load: async () => (await import("./commands/build.ts")).buildCommand,
  },
};

function help(): string {
  const names = Object.keys(COMMANDS);
  const width = Math.max(...names.map((name) => name.length));
  return `nixgen: lint a fleet of NixOS container hosts and generate its modules

Usage: nixgen COMMAND [OPTIONS]

Commands:
${names.map((name) => `  ${name.padEnd(width)}  ${COMMANDS[name]?.summary ?? ""}`).join("\n")}

Options:
  -h, --help  this text, or that of a command
  --version   the version

Exit status: 0 clean, 1 findings or stale output, 2 bad usage or input, 3 a bug of nixgen.

Example:
  nixgen lint && nixgen build
`;
}

/**
 * Runs nixgen.
 * @param argv the arguments, without node and the script.
 * @returns the exit status; nothing is thrown.
 */
export async function main(argv: readonly string[], io: Io): Promise<ExitStatus> {
  try {
    return await dispatch(argv, io);
  } catch (error) {
    if (error instanceof InputError) {
      io.stderr.write(
        `nixgen: ${error.message}\n${error.hint === undefined ? "" : `${error.hint}\n`}`,
      );
      return EXIT.usage;
    }
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    io.stderr.write(
      `nixgen: this is a bug of nixgen ${VERSION}, not a fault of yours. Nothing was written.\n` +
        `Please report it with the input and this text:\n\n${detail}\n`,
    );
    return EXIT.bug;
  }
}

async function dispatch(argv: readonly string[], io: Io): Promise<ExitStatus> {
  const [first, ...rest] = argv;
  if (first === "--version") {
    io.stdout.write(`${VERSION}\n`);
    return EXIT.ok;
  }
  if (first === "--help" || first === "-h" || first === "help") {
    const command = Object.hasOwn(COMMANDS, rest[0] ?? "") ? COMMANDS[rest[0] ?? ""] : undefined;
    io.stdout.write(command === undefined ? help() : (await command.load()).help);
    return EXIT.ok;
  }
  if (first === undefined) {
    io.stderr.write(help());
    return EXIT.usage;
  }
  const entry = Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined;
  if (entry === undefined) {
    const { suggestion } = await import("../fleet/suggest.ts");
    throw new InputError(
      `there is no command ${JSON.stringify(first)}`,
      suggestion(first, Object.keys(COMMANDS)),
    );
  }
  const command = await entry.load();
  const end = rest.indexOf("--");
  const options = end === -1 ? rest : rest.slice(0, end);
  if (options.includes("--help") || options.includes("-h")) {
    io.stdout.write(command.help);
    return EXIT.ok;
  }
  return command.run(rest, io);
}
