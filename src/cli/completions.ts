/**
 * Completions for shells. What there is to complete is read from the help of the commands, so that one
 * cannot say what the other does not know.
 */
import { SEVERITIES } from "../finding/finding.ts";
import { shellQuote } from "../text/shell.ts";

/** The shells that there are completions for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** What may stand in a place: a file, a folder, one of some words, or anything. */
type Choice = "file" | "folder" | "any" | readonly string[];

/** An option of a command. */
interface OptionHelp {
  /** With its dashes. */
  readonly name: string;
  /** What its value may be; undefined where it has none. */
  readonly value: Choice | undefined;
  readonly description: string;
}

/** A command, as its help describes it. */
export interface CommandHelp {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionHelp[];
  /** What may stand behind a word of the command, its own name to begin with: `accept` is behind `lock`. */
  readonly behind: ReadonlyMap<string, readonly string[]>;
  /** What its arguments may be otherwise. */
  readonly argument: Choice;
}

/** The words that a placeholder of the help stands for: RULE is uid-collision or another one. */
export type Vocabulary = Readonly<Record<string, readonly string[]>>;

/** Reads the help of a command. */
export function readHelp(
  name: string,
  summary: string,
  help: string,
  vocabulary: Vocabulary,
): CommandHelp {
  const options: OptionHelp[] = [];
  // The description of an option may begin in its line, and go on in those below it.
  const blocks = help.matchAll(
    /^ {2}(?:-\w, )?(--[a-z-]+)(?: ([A-Z]\S*))?(?: +|\n +)(.*(?:\n {6,}.*)*)/gm,
  );
  for (const [, option = "", placeholder, text = ""] of blocks) {
    const description = text.replaceAll(/\s+/g, " ");
    const value =
      placeholder === undefined ? undefined : choiceOf(placeholder, description, vocabulary);
    const isChoice = placeholder?.startsWith("FORMAT") === true;
    options.push({
      name: option,
      value,
      description: isChoice ? "a format" : description.replace(/[;:(].*/, "").trim(),
    });
  }
  const behind = new Map<string, string[]>();
  let argument: Choice = "any";
  const [, usage = ""] = /^Usage: ((?:.*\n)+?)\n/m.exec(help) ?? [];
  for (const line of usage.split("\n")) {
    let before = name;
    // An option among the arguments has its value behind it.
    const words = line
      .trim()
      .replaceAll(/--\S+ \S+/g, "")
      .split(/ +/)
      .slice(2);
    for (const word of words.filter((each) => each !== "[OPTIONS]")) {
      if (/^[a-z_|]+$/.test(word)) {
        const choices = word.split("|");
        behind.set(before, [...(behind.get(before) ?? []), ...choices]);
        before = word;
      } else if (argument === "any") argument = choiceOf(word, "", vocabulary);
    }
  }
  return { name, summary, options, behind, argument };
}

/** What a placeholder stands for; the words of a format stand in the description of its option. */
function choiceOf(placeholder: string, description: string, vocabulary: Vocabulary): Choice {
  const [name = ""] = /[A-Z]+/.exec(placeholder) ?? [];
  switch (name) {
    case "FILE":
      return "file";
    case "DIR":
    case "FOLDER":
      return "folder";
    case "SEVERITY":
      return SEVERITIES;
    case "FORMAT":
      return (description.split(";")[0] ?? "")
        .split(/,| or /)
        .map((word) => word.replace(/\(.*/, "").trim());
    default:
      return vocabulary[name] ?? "any";
  }
}

/** The script of a shell. */
export function completionScript(
  shell: (typeof SHELLS)[number],
  commands: readonly CommandHelp[],
): string {
  switch (shell) {
    case "bash":
      return bashScript(commands);
    case "zsh":
      return zshScript(commands);
    case "fish":
      return fishScript(commands);
  }
}

function bashScript(commands: readonly CommandHelp[]): string {
  const reply = (choice: Choice): string => {
    if (choice === "file")
      return 'compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$word")';
    if (choice === "folder")
      return 'compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$word")';
    const words = choice === "any" ? "" : choice.join(" ");
    return `mapfile -t COMPREPLY < <(compgen -W ${shellQuote(words)} -- "$word")`;
  };
  const line = (pattern: string, choice: Choice): string => `    ${pattern}) ${reply(choice)} ;;\n`;
  const names = commands.map(({ name }) => name);
  const cases = commands.map(({ name, options, behind, argument }) => [
    ...options.flatMap((option) =>
      option.value === undefined ? [] : [line(`"${name} ${option.name}"`, option.value)],
    ),
    line(
      `"${name} "*" -"`,
      options.map((option) => option.name),
    ),
    ...[...behind].map(([word, choices]) => line(`"${name} ${word}"`, choices)),
    line(`"${name} "*`, argument),
  ]);
  return `# Completions of nixgen for bash.
_nixgen() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]}
  # bash splits --option=value in three.
  if [[ $word == = ]]; then
    word=
  elif [[ $before == = ]]; then
    before=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    ${reply([...names, "help", "--help", "--version"])}
    return
  fi
  local place="\${COMP_WORDS[1]} $before"
  if [[ $word == -* ]]; then place+=" -"; fi
  case $place in
    "help help") ${reply(names)} ;;
${cases.flat().join("")}  esac
}
complete -F _nixgen nixgen
`;
}

function zshScript(commands: readonly CommandHelp[]): string {
  const action = (choice: Choice): string => {
    if (choice === "file") return "_files";
    if (choice === "folder") return "_files -/";
    return choice === "any" ? " " : `(${choice.join(" ")})`;
  };
  const text = (words: string): string => words.replaceAll(/[\\:[\]]/g, "\\$&");
  const cases = commands.map(({ name, options, behind, argument }) => {
    const specs = options.map(({ name: option, value, description }) =>
      value === undefined
        ? `${option}[${text(description)}]`
        : `*${option}=[${text(description)}]:value:${action(value)}`,
    );
    const first = behind.get(name);
    const second = [...behind].filter(([word]) => word !== name).flatMap(([, words]) => words);
    if (first !== undefined) specs.push(`1:what:${action(first)}`);
    specs.push(second.length > 0 ? `2:what:${action(second)}` : `*:argument:${action(argument)}`);
    return `    ${name}) _arguments ${specs.map(shellQuote).join(" ")} ;;\n`;
  });
  const entries = commands.map(({ name, summary }) => shellQuote(`${name}:${text(summary)}`));
  return `#compdef nixgen
# Completions of nixgen for zsh.
_nixgen() {
  local -a commands
  commands=(${entries.join(" ")})
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  shift words
  ((CURRENT -= 1))
  case $words[1] in
    help) _describe command commands ;;
${cases.join("")}  esac
}
compdef _nixgen nixgen
`;
}

function fishScript(commands: readonly CommandHelp[]): string {
  const lines = ["# Completions of nixgen for fish.", "complete -c nixgen -f"];
  const add = (when: string, ...rest: readonly string[]): void => {
    lines.push(["complete", "-c", "nixgen", "-n", fishQuote(when), ...rest].join(" "));
  };
  const accepts = (choice: Choice): string[] => {
    if (choice === "file") return ["-F"];
    if (choice === "folder") return ["-a", fishQuote("(__fish_complete_directories)")];
    return choice === "any" ? [] : ["-a", fishQuote(choice.join(" "))];
  };
  for (const { name, summary, options, behind, argument } of commands) {
    add("__fish_use_subcommand", "-a", name, "-d", fishQuote(summary));
    const used = `__fish_seen_subcommand_from ${name}`;
    for (const { name: option, value, description } of options) {
      const takes = value === undefined ? [] : [value === "file" ? "-r" : "-x", ...accepts(value)];
      add(used, "-l", option.slice(2), ...takes, "-d", fishQuote(description));
    }
    for (const [word, choices] of behind) {
      const seen = word === name ? used : `${used}; and __fish_seen_subcommand_from ${word}`;
      const none = `not __fish_seen_subcommand_from ${choices.join(" ")}`;
      add(`${seen}; and ${none}`, ...accepts(choices));
    }
    const first = behind.get(name);
    const chosen =
      first === undefined ? "" : `; and __fish_seen_subcommand_from ${first.join(" ")}`;
    if (argument !== "any") add(`${used}${chosen}`, ...accepts(argument));
  }
  return `${lines.join("\n")}\n`;
}

/** A word of fish: within quotes only \\ and ' mean something. */
function fishQuote(word: string): string {
  return `'${word.replaceAll(/[\\']/g, "\\$&")}'`;
}
