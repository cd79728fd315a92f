/** argv to one command. A command's code is loaded only when it runs. */
import { InputError } from "../text/input-error.ts";
import { printable } from "../text/printable.ts";
import type { Command } from "./command.ts";
import { COMMANDS } from "./commands/index.ts";
import { EXIT, type ExitStatus, type Io, withSafeOutputs } from "./io.ts";
import { VERSION } from "./version.ts";

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
export async function main(argv: readonly string[], process: Io): Promise<ExitStatus> {
  const io = withSafeOutputs(process);
  try {
    return await dispatch(argv, io);
  } catch (error) {
    if (error instanceof InputError) {
      const hint = error.hint === undefined ? "" : `${printable(error.hint)}\n`;
      complain(io, `nixgen: ${printable(error.message)}\n${hint}`);
      return EXIT.usage;
    }
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    complain(
      io,
      `nixgen: this is a bug of nixgen ${VERSION}, not a fault of yours.\n` +
        `Please report it with the input and this text:\n\n${detail.split("\n").map(printable).join("\n")}\n`,
    );
    return EXIT.bug;
  }
}

/** Says what went wrong. Where even that fails, the exit status is all that is left. */
function complain(io: Io, text: string): void {
  try {
    io.stderr.write(text);
  } catch {
    // Nothing more can be said.
  }
}

async function dispatch(argv: readonly string[], io: Io): Promise<ExitStatus> {
  const [first, ...rest] = argv;
  if (["--version", "-V", "-v", "version"].includes(first ?? "")) {
    io.stdout.write(`${VERSION}\n`);
    return EXIT.ok;
  }
  if (first === "--help" || first === "-h" || first === "help") {
    const [about] = rest;
    io.stdout.write(about === undefined ? help() : (await findCommand(about)).help);
    return EXIT.ok;
  }
  if (first === undefined) {
    io.stderr.write(help());
    return EXIT.usage;
  }
  const command = await findCommand(first);
  const end = rest.indexOf("--");
  const options = end === -1 ? rest : rest.slice(0, end);
  if (options.includes("--help") || options.includes("-h")) {
    io.stdout.write(command.help);
    return EXIT.ok;
  }
  return command.run(rest, io);
}

/** @throws {InputError} for a name that no command has, with the nearest one. */
async function findCommand(name: string): Promise<Command> {
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (entry !== undefined) return entry.load();
  const { nearest, suggestion } = await import("../text/suggest.ts");
  if (name.startsWith("-")) {
    const near = nearest(name, ["--help", "--version"]);
    throw new InputError(
      `unknown option ${name}`,
      near === undefined ? "See nixgen --help." : `Did you mean ${near}?`,
    );
  }
  throw new InputError(
    `there is no command ${JSON.stringify(name)}`,
    suggestion(name, Object.keys(COMMANDS)),
  );
}
