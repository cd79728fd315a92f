/** `nixgen completions`: what the real shells make of it. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { IDENTITY_KINDS } from "../../src/fleet/lock.ts";
import { COMMANDS } from "../../src/cli/commands/index.ts";
import { readHelp, SHELLS } from "../../src/cli/completions.ts";
import { EXIT } from "../../src/cli/io.ts";
import { sharedFolder } from "../generate/support.ts";
import { runCli } from "../support/cli.ts";
import { temporaryFolder, writeFiles } from "../support/fleet.ts";
import { lacks } from "../support/tools.ts";

type Shell = (typeof SHELLS)[number];

/** Shell text that prints what may stand at the end of a line, one word a line. */
const ASK: Readonly<Record<Shell, string>> = {
  bash: `
    source "$1"
    read -ra COMP_WORDS <<<"\${2//=/ = }"
    if [[ $2 == *" " || $2 == *= ]]; then COMP_WORDS+=(""); fi
    COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
    compopt() { :; } # only a completion that readline asked for may call it
    _nixgen
    printf '%s\\n' "\${COMPREPLY[@]}"`,
  // Only a terminal may ask: it gets one of its own, with the file below.
  zsh: `
    zmodload zsh/zpty
    export completions=$1
    zpty shell zsh -i
    zpty -r shell out '*READY*'
    zpty -w -n shell "$2"$'\\t'
    zpty -w shell $'\\C-u'"print DO''NE"
    zpty -r shell out '*DONE*'
    sort -u candidates; rm candidates`,
  fish: `
    source $argv[1]
    complete -C $argv[2] | string replace -r '\\t.*' ''`,
};

/** What completions of zsh add is written down, and nothing is printed. */
const ZSHRC = `
PS1= RPS1=
autoload -Uz compinit
compinit -D -u
source "$completions"
compadd() {
  local -a found
  builtin compadd -O found "$@"
  print -r -l -- "\${found[@]}" >>candidates
  builtin compadd "$@"
}
# Before that, what is typed would not reach the line editor.
zle-line-init() { print READY; }
zle -N zle-line-init
`;

describe.each(SHELLS.map((shell) => ({ shell })))("in $shell", ({ shell }) => {
  const folder = sharedFolder();

  beforeAll(async () => {
    writeFiles({ "facts.json": "", "fleet.toml": "", ".zshrc": ZSHRC }, folder);
    mkdirSync(join(folder, "folder"));
    const { status, stdout } = await runCli("/", ["completions", shell]);
    expect(status).toBe(EXIT.ok);
    writeFileSync(join(folder, "completions"), stdout);
  });

  const complete = (line: string): string[] => {
    const script = join(temporaryFolder(), "ask");
    writeFileSync(script, ASK[shell]);
    const { stdout, stderr } = spawnSync(shell, [script, join(folder, "completions"), line], {
      cwd: folder,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: folder, TERM: "dumb" },
      timeout: 30_000,
    });
    expect(stderr).toBe("");
    return stdout
      .split("\n")
      .map((word) => word.trim())
      .filter((word) => word !== "")
      .sort();
  };

  describe.skipIf(lacks(shell))("the words", () => {
    it.each([
      ["nixgen ex", ["explain"]],
      ["nixgen lint --f", ["--fail-on", "--fix", "--format"]],
      ["nixgen lint --fail-on ", ["error", "info", "warning"]],
      ["nixgen lint --format s", ["sarif"]],
      ["nixgen graph --format ", ["dot", "mermaid", "svg"]],
      ["nixgen explain uid-c", ["uid-changed", "uid-collision"]],
      ["nixgen lint --rule uid-c", ["uid-changed", "uid-collision"]],
      ["nixgen lock ", ["accept"]],
      ["nixgen lock accept ", [...IDENTITY_KINDS].sort()],
      ["nixgen facts ", ["check", "script"]],
      ["nixgen schema l", ["lock"]],
      ["nixgen completions ", [...SHELLS].sort()],
    ])("%j", (line, words) => {
      expect(complete(line)).toEqual(words);
    });

    it.each(["nixgen lint --config fl", "nixgen facts check fa"])("files: %j", (line) => {
      const [file] = complete(line);
      expect(file).toBe(line.endsWith("fl") ? "fleet.toml" : "facts.json");
    });

    it("folders", () => {
      expect(complete("nixgen init f").map((name) => name.replace(/\/$/, ""))).toEqual(["folder"]);
    });
  });

  describe.skipIf(shell !== "bash" || lacks(shell))("behind an equals sign", () => {
    it.each([
      ["nixgen lint --format=s", ["sarif"]],
      ["nixgen lint --fail-on=", ["error", "info", "warning"]],
    ])("%j", (line, words) => {
      expect(complete(line)).toEqual(words);
    });
  });
});

describe("what the help is read as", () => {
  const commands = Object.entries(COMMANDS);

  it.each(commands)("of %s is all that is in it", async (name, { summary, load }) => {
    const { help } = await load();
    const { options } = readHelp(name, summary, help, {});
    const mentioned = new Set([...help.matchAll(/^ {2}(?:-h, )?(--[a-z-]+)/gm)].map(([, o]) => o));
    expect(new Set(options.map((option) => option.name))).toEqual(mentioned);
    for (const { description } of options) expect(description).not.toBe("");
  });

  it("has formats that the commands take", async () => {
    for (const [name, { summary, load }] of commands) {
      const { options } = readHelp(name, summary, (await load()).help, {});
      const format = options.find((option) => option.name === "--format")?.value;
      if (format === undefined) continue;
      expect(format.length).toBeGreaterThan(1);
      for (const word of format) {
        const { stderr } = await runCli(temporaryFolder(), [name, "--format", word]);
        expect(stderr).toMatch(/nixgen\.toml/);
      }
    }
  });
});

it.each([
  [[], "nixgen completions needs the name of one shell"],
  [["bash", "zsh"], "nixgen completions needs the name of one shell"],
  [["bahs"], 'there are no completions for "bahs"\nDid you mean "bash"?'],
])("%j is no call of it", async (argv, message) => {
  const { status, stdout, stderr } = await runCli("/", ["completions", ...argv]);
  expect({ status, stdout }).toEqual({ status: EXIT.usage, stdout: "" });
  expect(stderr).toContain(message);
});
