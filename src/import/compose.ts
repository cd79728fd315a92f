/** `nixgen import compose`: definitions of what a Compose file describes. */
import { InputError } from "../text/input-error.ts";
import { readCompose } from "./compose/project.ts";
import { type Importer, UnusableFile } from "./importer.ts";

/** Reads one Compose file; others would be merged by rules of Compose's own. */
export const importCompose: Importer = async ([input, ...more], { node, compose }) => {
  if (input === undefined || compose === undefined || more.length > 0) {
    throw new InputError(
      "nixgen import compose reads one file",
      "Where several are meant to be one, import what docker compose -f … -f … config prints.",
    );
  }
  const { file, text } = input;
  const { problems, ...imported } = await readCompose(file, text, { ...compose, node });
  if (problems.length > 0) throw new UnusableFile(file, text, problems);
  return imported;
};
