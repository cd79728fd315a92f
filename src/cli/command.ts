/** What a command is, and how its arguments are read. */
import { parseArgs, type ParseArgsConfig } from "node:util";
import { InputError } from "../text/input-error.ts";
import { nearest } from "../text/suggest.ts";
import type { ExitStatus, Io } from "./io.ts";

/** A command; its module is loaded only when it runs. */
export interface Command {
  /** What `nixgen COMMAND --help` prints: usage, options, an example. */
  readonly help: string;
  /**
   * @param argv what follows the command's name.
   * @throws {InputError} where the call or the input cannot be used.
   */
  readonly run: (argv: readonly string[], io: Io) => Promise<ExitStatus>;
}

/** A command in the table of all commands (commands/index.ts). */
export interface CommandEntry {
  /** A line for --help. */
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

type Options = NonNullable<ParseArgsConfig["options"]>;

/**
 * Reads the options of a command.
 * @throws {InputError} for an unknown option, with the nearest known one, and for one without its value.
 */
export function parseOptions<const T extends Options>(
  command: string,
  argv: readonly string[],
  options: T,
) {
  try {
    const parsed = parseArgs({ args: [...argv], options, strict: true, allowPositionals: true });
    const [empty] = Object.entries(parsed.values).find(([, value]) => hasNothing(value)) ?? [];
    if (empty === undefined) return parsed;
    throw new InputError(
      `--${empty} has an empty value`,
      `Name one; is a variable of the shell unset? ${seeHelp(command)}`,
    );
  } catch (error) {
    if (!(error instanceof TypeError && "code" in error)) throw error;
    throw unusableOption(command, error, Object.keys(options));
  }
}

function hasNothing(value: unknown): boolean {
  return Array.isArray(value) ? value.includes("") : value === "";
}

/** What node says of an option, in words of ours. */
function unusableOption(
  command: string,
  { message }: TypeError,
  known: readonly string[],
): InputError {
  const [, option = "", ending = ""] = /'(--?[^' ]*)[^']*'(.*)/s.exec(message) ?? [];
  if (message.startsWith("Unknown option")) {
    const near = nearest(option.replace(/^--?/, ""), known);
    const hint = near === undefined ? seeHelp(command) : `Did you mean --${near}?`;
    return new InputError(`unknown option ${option}`, hint);
  }
  const what = ending.startsWith(" does not take") ? "takes no value" : "needs a value";
  return new InputError(`${option} ${what}`, seeHelp(command));
}

/**
 * The value of an option that must be one of a few.
 * @throws {InputError} where it is none of them.
 */
export function oneOf<const T extends string>(
  option: string,
  value: string,
  allowed: readonly T[],
): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  throw new InputError(
    `--${option} cannot be ${JSON.stringify(value)}`,
    `Use one of ${allowed.join(", ")}.`,
  );
}

/** @throws {InputError} where a command that takes no arguments got one. */
export function noPositionals(command: string, positionals: readonly string[]): void {
  const [first] = positionals;
  if (first === undefined) return;
  throw new InputError(
    `nixgen ${command} takes no argument ${JSON.stringify(first)}`,
    seeHelp(command),
  );
}

function seeHelp(command: string): string {
  return `See nixgen ${command} --help.`;
}
