/** What a command is, and how its arguments are read. */
import { parseArgs, type ParseArgsConfig } from "node:util";
import { InputError } from "../fleet/input-error.ts";
import { nearest } from "../fleet/suggest.ts";
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

type Options = NonNullable<ParseArgsConfig["options"]>;

/**
 * Reads the options of a command.
 * @throws {InputError} for an unknown option or a missing value, with the nearest known option.
 */
export function parseOptions<const T extends Options>(
  command: string,
  argv: readonly string[],
  options: T,
) {
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: true });
  } catch (error) {
    if (!(error instanceof TypeError && "code" in error)) throw error;
    const unknown = /^Unknown option '(--?[^']*)'/.exec(error.message)?.[1];
    if (unknown === undefined) {
      throw new InputError(error.message.replace(/\.? ?To specify.*$/s, ""), seeHelp(command));
    }
    const near = nearest(unknown.replace(/^--?/, ""), Object.keys(options));
    throw new InputError(
      `unknown option ${unknown}`,
      near === undefined ? seeHelp(command) : `Did you mean --${near}?`,
    );
  }
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
