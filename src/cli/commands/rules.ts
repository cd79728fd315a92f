import { catalogue } from "../../lint/catalogue.ts";
import { rules } from "../../lint/rules/index.ts";
import { type Command, noPositionals, parseOptions } from "../command.ts";
import { EXIT } from "../io.ts";

const help = `List what can be found: the rules, and what keeps a file from being read.

Usage: nixgen rules [OPTIONS]

Options:
  --json      for programs
  -h, --help  this text

Exit status: 0 shown, 2 bad usage, 3 a bug.

Example:
  nixgen rules --json | jq -r '.rules[] | select(.fixable).id'
`;

/** `nixgen rules` */
export const rulesCommand: Command = {
  help,
  run(argv, io) {
    const { values, positionals } = parseOptions("rules", argv, {
      json: { type: "boolean", default: false },
    });
    noPositionals("rules", positionals);
    const entries = catalogue(rules);
    io.stdout.write(
      values.json
        ? `${JSON.stringify({ version: 1, rules: entries }, null, 2)}\n`
        : table(
            ["rule", "severity", "group", "found where"],
            entries.map(({ id, severity, group, summary }) => [id, severity, group, summary]),
          ),
    );
    return Promise.resolve(EXIT.ok);
  },
};

/** Rows in columns; a column is as wide as its widest cell. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "))
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}
