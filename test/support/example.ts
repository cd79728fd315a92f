/** Makes whole fleets of the examples in the rules' doc comments. */
import { parseToml } from "../../src/document/source.ts";
import type { ExampleFiles } from "../../scripts/rule-docs.ts";
import { inventory } from "./fleet.ts";

/**
 * An example with all that it leaves out: every table of the inventory that lints clean and that the
 * example's own does not have, and one boot stage with all of its services.
 */
export function wholeFleet(files: ExampleFiles): Record<string, string> {
  const own = files["nixgen.toml"] ?? "";
  const given = new Set(Object.keys(parseToml("nixgen.toml", own).value as object));
  const rest = tables(inventory()).filter(({ name }) => !given.has(name));
  const services = Object.entries(files)
    .filter(([path]) => path.startsWith("services/"))
    .map(([path, text]) => (parseToml(path, text).value as { name?: string }).name);
  const boot =
    services.length === 0 || given.has("boot")
      ? ""
      : `[[boot.sequence]]\nname = "all"\nservices = ${JSON.stringify(services)}\n\n`;
  return {
    ...files,
    "nixgen.toml": rest.map(({ text }) => `${text}\n`).join("") + boot + own,
  };
}

/** A TOML document's tables, with the first part of their names. */
function tables(text: string): { name: string; text: string }[] {
  return text
    .trim()
    .split(/\n(?=\[)/)
    .map((table) => ({ name: /^\[+([a-z]+)/.exec(table)?.[1] ?? "", text: table.trim() + "\n" }));
}
