/** A power cut after each command that writes: what it said it has written is there, and not empty. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { shellQuote } from "../../src/text/shell.ts";
import { sharedFolder } from "../generate/support.ts";
import { runCli } from "../support/cli.ts";
import { bundleKillable } from "../support/killed.ts";
import { lacks } from "../support/tools.ts";
import { COMMANDS, prepare, type Prepared, snapshot, temporaries } from "./commands.ts";

/** Whether a file can be mounted as a disk: not in every container. */
function lacksDisks(): boolean {
  if (["unshare", "mkfs.ext4", "losetup"].some(lacks)) return true;
  return spawnSync("unshare", ["--mount", "losetup", "--find"]).status !== 0;
}

const folder = sharedFolder();
const fleets = new Map<string, Prepared>();

describe.skipIf(lacksDisks())("after a power cut", () => {
  beforeAll(async () => {
    await bundleKillable(folder);
    for (const command of COMMANDS) {
      const name = command.name.replaceAll(/\W+/g, "-");
      const fleet = join(folder, "fleets", name);
      fleets.set(name, await prepare(command, fleet));
      writeFileSync(join(fleet, "argv"), command.argv.map(shellQuote).join(" "));
    }
    const { status, stderr } = spawnSync(
      "unshare",
      ["--mount", resolve("test/crash/power-cut.sh"), folder, join(folder, "nixgen.cjs")],
      { encoding: "utf8", timeout: 50_000 },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  it.each(["at-once", "later"])(
    "(%s) all is new and whole, and the next run works",
    async (when) => {
      for (const [name, { argv, again, after }] of fleets) {
        const root = join(folder, when, name);
        const found = snapshot(root);
        const rubbish = temporaries(found);
        const own = Object.entries(found).filter(([path]) => !rubbish.includes(path));
        expect(Object.fromEntries(own), name).toEqual(after);
        expect(await runCli(root, again ?? argv), name).toMatchObject({ status: 0 });
        expect(snapshot(root), name).toEqual(after);
      }
    },
  );
});
