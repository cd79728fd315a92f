/**
 * What linting is compared with: a process that reads a fleet's files and parses them, with the
 * libraries that nixgen uses, and does nothing else. `node parse.cjs FOLDER [facts]`
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";

const [folder = "", withFacts] = process.argv.slice(2);

function filesIn(name: string): string[] {
  return readdirSync(join(folder, name)).map((file) => join(folder, name, file));
}

for (const file of [
  join(folder, "nixgen.toml"),
  join(folder, "nixgen.lock"),
  ...filesIn("services"),
]) {
  parse(readFileSync(file, "utf8"));
}
if (withFacts !== undefined) {
  for (const file of filesIn("facts")) JSON.parse(readFileSync(file, "utf8"));
}
