import { InputError } from "../../text/input-error.ts";
import { nixosHosts } from "../../fleet/model.ts";
import { suggestion } from "../../text/suggest.ts";
import { planHost } from "../../plan/plan.ts";
import { recoverScript } from "../../generate/recover.ts";
import { type Command, noPositionals, parseOptions } from "../command.ts";
import { loadDespiteErrors } from "../load-fleet.ts";
import { EXIT } from "../io.ts";
import { writeCommands } from "../output.ts";

const help = `Print the script that brings the containers of a host up again.

It is what nixgen build writes to out/<host>/recover.sh. The host needs bash and podman for it, and
nothing of nixgen. Errors of lint do not stop this command.

Usage: nixgen recover [OPTIONS]

Options:
  --config FILE  the inventory (default: nixgen.toml here or in a folder above)
  --host NAME    the host; may be left out where there is only one with NixOS
  -h, --help     this text

Exit status: 0 printed, 2 bad usage or unreadable input, 3 a bug.

Example:
  nixgen recover --host rift | ssh root@192.168.88.181 'cat >recover.sh; bash recover.sh --dry-run'
`;

/** `nixgen recover` */
export const recoverCommand: Command = {
  help,
  async run(argv, io) {
    const { values, positionals } = parseOptions("recover", argv, {
      config: { type: "string" },
      host: { type: "string" },
    });
    noPositionals("recover", positionals);
    const fleet = await loadDespiteErrors(io, values.config);
    if (fleet === undefined) return EXIT.usage;

    const hosts = nixosHosts(fleet);
    const known = hosts.map(({ name }) => name);
    const name = values.host ?? (known.length === 1 ? known[0] : undefined);
    if (known.length === 0) {
      throw new InputError(
        "no host of this fleet has NixOS, and nixgen recover is for those",
        "nixgen podman prints the commands for hosts of any kind.",
      );
    }
    if (name === undefined) {
      throw new InputError(
        "nixgen recover needs a host",
        `Name it with --host: ${known.join(", ")}.`,
      );
    }
    const host = hosts.find((candidate) => candidate.name === name);
    if (host === undefined) {
      throw new InputError(
        `there is no NixOS host ${JSON.stringify(name)}`,
        suggestion(name, known),
      );
    }
    writeCommands(io, [...recoverScript(planHost(fleet, host))].join(""));
    return EXIT.ok;
  },
};
