import { InputError } from "../../text/input-error.ts";
import { nearest } from "../../text/suggest.ts";
import type { RuleDoc } from "../../generated/rule-docs.js";
import { catalogue, type Entry } from "../../lint/catalogue.ts";
import { rules } from "../../lint/rules/index.ts";
import { type Command, parseOptions } from "../command.ts";
import { EXIT, wantsColour } from "../io.ts";

const help = `Explain what is found under a name: what it is, why it hurts, what is wrong and what is right.

Usage: nixgen explain [OPTIONS] RULE

Options:
  --json      for programs
  -h, --help  this text

Exit status: 0 shown, 2 bad usage or a rule that is not known, 3 a bug.

Example:
  nixgen explain uid-collision
`;

/** Longer lines are hard to read. */
const WIDTH = 80;

/** `nixgen explain` */
export const explainCommand: Command = {
  help,
  async run(argv, io) {
    const { values, positionals } = parseOptions("explain", argv, {
      json: { type: "boolean", default: false },
    });
    const entry = findEntry(positionals);
    const { ruleDocs } = await import("../../generated/rule-docs.js");
    const doc = ruleDocs[entry.id];
    if (doc === undefined) throw new Error(`there is no explanation of ${entry.id}`);
    if (values.json) {
      io.stdout.write(`${JSON.stringify({ version: 1, rule: { ...entry, ...doc } }, null, 2)}\n`);
    } else {
      const { styleText } = await import("node:util");
      const colour = wantsColour(io, io.stdout);
      const bold = (text: string): string =>
        colour ? styleText("bold", text, { validateStream: false }) : text;
      io.stdout.write(explanation(entry, doc, bold));
    }
    return EXIT.ok;
  },
};

/** @throws {InputError} unless exactly one id is given that is known. */
function findEntry(names: readonly string[]): Entry {
  const [name, more] = names;
  if (name === undefined) {
    throw new InputError("which rule is to be explained?", "nixgen rules lists all of them.");
  }
  if (more !== undefined) {
    throw new InputError(`nixgen explain takes one rule, not ${JSON.stringify(more)} as well`);
  }
  const entries = catalogue(rules);
  const entry = entries.find(({ id }) => id === name);
  if (entry !== undefined) return entry;
  const ids = entries.map(({ id }) => id);
  const near = nearest(name, ids);
  const longer = ids.filter((id) => name !== "" && id.startsWith(name));
  const choice = `Those that begin so are ${longer.join(", ")}.`;
  const didYouMean =
    near === undefined ? "nixgen rules lists all of them." : `Did you mean "${near}"?`;
  throw new InputError(
    `there is no rule ${JSON.stringify(name)}`,
    longer.length > 0 ? choice : didYouMean,
  );
}

function explanation(entry: Entry, doc: RuleDoc, bold: (text: string) => string): string {
  const parts = [
    [bold(entry.id), ...traits(entry)].join("\n"),
    // An item of a list is a paragraph of its own.
    ...doc.text.split(/\n\n|\n(?=- )/).map(wrap),
    ...example(bold("Wrong"), doc.bad),
    ...example(bold("Right"), doc.good),
    entry.url,
  ];
  return `${parts.join("\n\n")}\n`;
}

function traits({ severity, group, audit, fixable, suppressible }: Entry): string[] {
  const runBy = { also: "lint, nixgen audit", only: "audit" };
  return [
    `  severity  ${severity}${suppressible ? "" : ", and it cannot be suppressed"}`,
    `  group     ${group}`,
    `  fix       ${fixable ? "nixgen lint --fix" : "by hand"}`,
    `  run by    nixgen ${audit === undefined ? "lint" : runBy[audit]}`,
  ];
}

/** A paragraph in lines that can be read. Words keep their Markdown, of which there is only code. */
function wrap(paragraph: string): string {
  const lines: string[] = [];
  for (const word of paragraph.split(/\s+/)) {
    const longer = `${lines.at(-1) ?? ""} ${word}`;
    if (lines.length > 0 && longer.length <= WIDTH) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.join("\n");
}

/** The files of an example, as they would stand in an editor. */
function example(title: string, files: RuleDoc["bad"]): string[] {
  return Object.entries(files).map(
    ([name, text]) => `${title}: ${name}\n\n${text.trimEnd().replaceAll(/^(?=.)/gm, "    ")}`,
  );
}
