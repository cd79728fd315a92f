import { InputError } from "../../text/input-error.ts";
import { suggestion } from "../../text/suggest.ts";
import { FILE_KINDS, loadSchema } from "../../fleet/validate.ts";
import { type Command, parseOptions } from "../command.ts";
import { EXIT } from "../io.ts";

const help = `Print the JSON Schema of a file that nixgen reads, for editors.

An editor that knows TOML (Even Better TOML, taplo) completes and checks a file that begins with
  #:schema PATH

Usage: nixgen schema [OPTIONS] KIND

  KIND        nixgen (nixgen.toml), service (services/*.toml), facts (facts/<host>.json), lock
              (nixgen.lock) or baseline (nixgen.baseline.json)

Options:
  -h, --help  this text

Exit status: 0 printed, 2 bad usage, 3 a bug.

Example:
  nixgen schema service > service.schema.json
`;

/** `nixgen schema` */
export const schemaCommand: Command = {
  help,
  async run(argv, io) {
    const { positionals } = parseOptions("schema", argv, {});
    const [name = "", ...others] = positionals;
    if (name === "" || others.length > 0) {
      throw new InputError(
        "nixgen schema needs the kind of one file",
        `Use one of ${FILE_KINDS.join(", ")}.`,
      );
    }
    const kind = FILE_KINDS.find((known) => known === name);
    if (kind === undefined) {
      throw new InputError(
        `there is no schema ${JSON.stringify(name)}`,
        suggestion(name, FILE_KINDS),
      );
    }
    const schema = await loadSchema(kind);
    io.stdout.write(`${JSON.stringify(schema, null, 2)}\n`);
    return EXIT.ok;
  },
};
