import { InputError } from "../../text/input-error.ts";
import { suggestion } from "../../text/suggest.ts";
import { IDENTITY_KINDS } from "../../fleet/lock.ts";
import { FILE_KINDS } from "../../fleet/validate.ts";
import { ruleDocs } from "../../generated/rule-docs.js";
import { rules } from "../../lint/rules/index.ts";
import { type Command, type CommandEntry, parseOptions } from "../command.ts";
import { completionScript, readHelp, SHELLS, type Vocabulary } from "../completions.ts";
import { EXIT } from "../io.ts";

const help = `Print a script that completes the words of nixgen's commands in a shell.

  bash  source <(nixgen completions bash)     in ~/.bashrc
  zsh   source <(nixgen completions zsh)      in ~/.zshrc, after compinit
  fish  nixgen completions fish | source      in ~/.config/fish/config.fish

Usage: nixgen completions [OPTIONS] SHELL

Options:
  -h, --help  this text

Exit status: 0 printed, 2 bad usage, 3 a bug.

Example:
  nixgen completions bash > /etc/bash_completion.d/nixgen
`;

/** `nixgen completions`, for these commands. */
export const completionsCommand = (table: Readonly<Record<string, CommandEntry>>): Command => ({
  help,
  async run(argv, io) {
    const { positionals } = parseOptions("completions", argv, {});
    const [name = "", ...others] = positionals;
    const shell = SHELLS.find((known) => known === name);
    if (shell === undefined || others.length > 0) {
      throw new InputError(
        name === "" || others.length > 0
          ? "nixgen completions needs the name of one shell"
          : `there are no completions for ${JSON.stringify(name)}`,
        suggestion(name, SHELLS),
      );
    }
    const vocabulary: Vocabulary = {
      RULE: Object.keys(ruleDocs),
      ID: rules.map(({ id }) => id),
      KIND: FILE_KINDS,
      WHAT: IDENTITY_KINDS,
      SHELL: SHELLS,
    };
    const commands = Object.entries(table).map(async ([command, { summary, load }]) =>
      readHelp(command, summary, (await load()).help, vocabulary),
    );
    io.stdout.write(completionScript(shell, await Promise.all(commands)));
    return EXIT.ok;
  },
});
