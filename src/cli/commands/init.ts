import { basename, join, resolve } from "node:path";
import { homepage, version } from "../../../package.json";
import { InputError } from "../../text/input-error.ts";
import { INVENTORY_FILE } from "../../fleet/load.ts";
import { isSafeName } from "../../fleet/names.ts";
import { isThere } from "../../files/boundary.ts";
import { writeNewFiles } from "../../files/write-file.ts";
import { starter } from "../../generated/starter.js";
import { printable } from "../../text/printable.ts";
import { type Command, parseOptions } from "../command.ts";
import { EXIT } from "../io.ts";
import { display } from "../output.ts";

const help = `Write a fleet to begin with: an inventory with one host, and one service.

Comments in both files say what is yours to fill in. Nothing is written where one of the files is
there already.

Usage: nixgen init [OPTIONS] [FOLDER]

  FOLDER      where to write (default: here); it is made where it is missing

Options:
  -h, --help  this text

Exit status: 0 written, 2 bad usage, or a file is there already, 3 a bug.

Example:
  nixgen init fleet && cd fleet && nixgen lint
`;

/** `nixgen init` */
export const initCommand: Command = {
  help,
  run(argv, io) {
    const { positionals } = parseOptions("init", argv, {});
    const [name = ".", ...others] = positionals;
    if (others.length > 0) {
      throw new InputError("nixgen init writes one fleet", "Name one folder.");
    }
    const folder = resolve(io.cwd, name);
    const inventory = join(folder, INVENTORY_FILE);
    if (isThere(inventory)) {
      throw new InputError(
        `${display(io.cwd, inventory)} is there already; nothing was written`,
        "Run nixgen lint there, or name another folder.",
      );
    }
    const files = Object.entries(starter).map(([file, text]): [string, string] => [
      join(folder, file),
      named(withPublicSchema(text), basename(folder)),
    ]);
    writeNewFiles(new Map(files));
    const written = files.map(([path]) => display(io.cwd, path));
    const enter = folder === io.cwd ? "" : ` in ${display(io.cwd, folder)}`;
    io.stdout.write(
      `${printable(`Wrote ${written.join(" and ")}.`)}

Next, put your host's name, release and addresses into ${INVENTORY_FILE}, and your services into
services/. Then${printable(enter)}:
  nixgen lint     what would take the fleet down
  nixgen build    write out/ and nixgen.lock, which belong into the repository
  nixgen explain  what a finding means, by its name
`,
    );
    return Promise.resolve(EXIT.ok);
  },
};

/** The example has the path of a schema in this repository; everybody else needs its address. */
function withPublicSchema(text: string): string {
  return text.replace(
    /^#:schema .*\/(\S+)$/m,
    (_, file: string) => `#:schema ${homepage}/raw/v${version}/schemas/${file}`,
  );
}

/** Named after its folder, where that may be the name of a fleet without a thought. */
function named(text: string, folder: string): string {
  if (!isSafeName("service", folder)) return text;
  return text.replace('name = "starter"', `name = "${folder}"`);
}
