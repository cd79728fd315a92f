import { withoutWorkflowCommands } from "../text/workflow-commands.ts";

/** What a command may touch of its process, so that tests can run the whole CLI as a function. */
export interface Io {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  /**
   * All of standard input.
   * @throws {InputError} where it cannot be read.
   */
  readonly readInput: () => Uint8Array;
}

/** Where text goes. */
export interface Output {
  readonly isTerminal: boolean;
  /** @param kind whether it is meant to be commands of GitHub's runner; nothing else can be one. */
  write(text: string, kind?: "workflow commands"): void;
}

/** The same process, in whose outputs nothing is a command of GitHub's runner that is not meant to be. */
export function withSafeOutputs(io: Io): Io {
  return {
    get cwd() {
      return io.cwd;
    },
    env: io.env,
    stdout: safeOutput(io.stdout),
    stderr: safeOutput(io.stderr),
    readInput: () => io.readInput(),
  };
}

function safeOutput(output: Output): Output {
  const filter = withoutWorkflowCommands();
  return {
    get isTerminal() {
      return output.isTerminal;
    },
    write(text, kind) {
      output.write(kind === undefined ? filter(text) : text);
    },
  };
}

/**
 * Whether to colour what goes to an output: FORCE_COLOR, which may say 0 or false, and NO_COLOR decide
 * (no-color.org and force-color.org; neither counts when empty), else whether it is a terminal.
 */
export function wantsColour(io: Io, output: Output): boolean {
  const { FORCE_COLOR: force, NO_COLOR: no, TERM: term } = io.env;
  if (force !== undefined && force !== "") return force !== "0" && force !== "false";
  if (no !== undefined && no !== "") return false;
  return output.isTerminal && term !== "dumb";
}

/** The exit status of every command. */
export const EXIT = {
  /** Nothing at or above --fail-on, or everything written. */
  ok: 0,
  /** Findings at or above --fail-on, or --check found that out/ is stale. */
  findings: 1,
  /** The call or the input cannot be used. */
  usage: 2,
  /** A bug of nixgen. */
  bug: 3,
} as const;

/** One of them. */
export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];
