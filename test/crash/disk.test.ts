/** Disks that are full or cannot be written: exit status 2, what to do about it, and the old files whole. */
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { shellQuote } from "../../src/text/shell.ts";
import { sharedFolder } from "../generate/support.ts";
import { bundleKillable } from "../support/killed.ts";
import { lacksSandbox, runInSandbox } from "../support/sandbox.ts";
import { COMMANDS, prepare } from "./commands.ts";

interface Try {
  readonly what: string;
  readonly command: string;
  readonly status: number;
  readonly files: string;
  readonly left: string;
  readonly statusAgain: number;
  readonly filesAgain: string;
  readonly messages: string;
}

const folder = sharedFolder();
let tries: readonly Try[];

function triesOf(pattern: RegExp): readonly Try[] {
  const found = tries.filter(({ what }) => pattern.test(what));
  expect(found).not.toEqual([]);
  return found;
}

describe.skipIf(lacksSandbox(["setpriv", "node"]))("on a disk", () => {
  beforeAll(async () => {
    await bundleKillable(folder);
    for (const command of COMMANDS) {
      const fleet = join(folder, "fleets", command.name.replaceAll(/\W+/g, "-"));
      await prepare(command, fleet);
      writeFileSync(join(fleet, "argv"), command.argv.map(shellQuote).join(" "));
    }
    copyFileSync("test/crash/disk.sh", join(folder, "disk.sh"));
    const { status, stdout, stderr } = runInSandbox(
      ". /sandbox/disk.sh >/sandbox/tries",
      {},
      { folder, timeoutMs: 280_000 },
    );
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "", stderr: "" });
    const lines = readFileSync(join(folder, "tries"), "utf8").trimEnd().split("\n");
    tries = lines.map((line) => {
      const [
        what = "",
        command = "",
        status,
        files = "",
        left = "",
        again,
        filesAgain = "",
        messages = "",
      ] = line.split("\t");
      return {
        what,
        command,
        status: Number(status),
        files,
        left,
        statusAgain: Number(again),
        filesAgain,
        messages,
      };
    });
  }, 300_000);

  it.each([["blocks"], ["inodes"]])(
    "without enough %s: nothing changes, nothing is left, and the message says so",
    (what) => {
      const found = triesOf(new RegExp(`free ${what}$`));
      for (const one of found) {
        const name = `${one.command}, ${one.what}: ${one.messages}`;
        expect(["old", "new"], name).toContain(one.files);
        expect(one.status, name).toBe(one.files === "new" ? 0 : 2);
        if (one.files === "old") {
          expect(one.messages, name).toMatch(
            / cannot be (?:written|made): no space left on device/,
          );
          expect(one.messages, name).toContain("Free some space (df -h shows it, df -i");
        }
      }
      // Each command was too large for some disk, and small enough for another one.
      for (const command of new Set(found.map(({ command }) => command))) {
        const states = found.filter((one) => one.command === command).map(({ files }) => files);
        expect(new Set(states), command).toEqual(new Set(["old", "new"]));
      }
    },
  );

  it.each([
    ["read-only file system", "read-only file system", "Mount its file system so that it can"],
    ["folders without write permission", "permission denied", "Check its permissions and those of"],
    ["files of somebody else", "permission denied", "Check its permissions and those of"],
    ["immutable files", "operation not permitted", "whether it was made immutable (lsattr)"],
  ])("%s: nothing changes, and the message says so", (what, reason, remedy) => {
    // Not every tmpfs has immutable files.
    if (what === "immutable files" && !tries.some((one) => one.what === what)) return;
    for (const one of triesOf(new RegExp(`^${what}$`))) {
      const name = `${one.command}: ${one.messages}`;
      expect(one.status, name).toBe(2);
      expect(one.files, name).toBe("old");
      expect(one.messages, name).toContain(`: ${reason} `);
      expect(one.messages, name).toContain(remedy);
    }
  });

  // The file that is nobody's cannot be taken along, which is seen before the folder is to be moved.
  it.each(["a mount point", "another file system"])("%s: the same", (what) => {
    for (const { status, files, messages } of triesOf(new RegExp(`^${what}$`))) {
      expect(status, messages).toBe(2);
      expect(files, messages).toBe("old");
      expect(messages).toContain("mounted on the output folder or below it Mount it elsewhere");
    }
  });

  it("leaves nothing behind, and the same call works once the disk is well", () => {
    for (const one of tries) {
      const { left, statusAgain, filesAgain } = one;
      expect({ left, statusAgain, filesAgain }, JSON.stringify(one)).toEqual({
        left: "",
        statusAgain: 0,
        filesAgain: "new",
      });
    }
  });
});
