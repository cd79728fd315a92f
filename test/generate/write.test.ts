/** The output folder while somebody else writes it too. */
import { once } from "node:events";
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { InputError } from "../../src/text/input-error.ts";
import { despiteOthers, snapshot, writeTree } from "../../src/files/write-tree.ts";
import { temporaryFolder, writeFiles } from "../support/fleet.ts";
import { leaveWorkFolder } from "../support/work-folder.ts";

/** Puts another tree in the place of an output folder, as a build does. */
function replace(out: string): void {
  writeFiles({ file: "theirs" }, `${out}-new`);
  renameSync(out, `${out}-old`);
  renameSync(`${out}-new`, out);
}

describe("an output folder that another build replaces", () => {
  it("is not written by who has read the one before it", async () => {
    const root = temporaryFolder();
    const out = join(root, "out");
    writeFiles({ file: "old" }, out);
    const expectSame = snapshot(out);
    replace(out);
    let isReady = false;
    const written = writeTree(out, [{ path: "file", after: "ours" }], expectSame, () => {
      isReady = true;
    });
    await expect(written).rejects.toThrow(InputError);
    expect(isReady).toBe(false);
    expect(readFileSync(join(out, "file"), "utf8")).toBe("theirs");
    expect(readdirSync(root).sort()).toEqual(["out", "out-old"]);
  });

  it("is read again, for what was wrong may be of half of each", async () => {
    const out = join(temporaryFolder(), "out");
    mkdirSync(out);
    let times = 0;
    const read = (): Promise<string> => {
      times += 1;
      if (times === 1) {
        replace(out);
        throw new InputError("half and half");
      }
      return Promise.resolve("whole");
    };
    expect(await despiteOthers(out, read)).toBe("whole");
    expect(times).toBe(2);
  });

  it("is not read again where it is still the same", async () => {
    const out = temporaryFolder();
    let times = 0;
    const failed = despiteOthers(out, () => {
      times += 1;
      return Promise.reject(new InputError("changed by hand"));
    });
    await expect(failed).rejects.toThrow("changed by hand");
    expect(times).toBe(1);
  });
});

describe("two builds at once", () => {
  it("take turns: the second one waits until the first one has its tree in place", async () => {
    const root = temporaryFolder();
    const out = join(root, "out");
    writeFiles({ file: "old" }, out);
    // Process 1 lives, and has its turn.
    const other = leaveWorkFolder(root, 1);
    mkdirSync(join(other, "lock"));
    const seen = join(root, "seen");
    // Before it ends its turn, process 1 keeps what is in the place.
    const endTurn = 'sleep 0.4; cp "$1/file" "$2"; rm -r "$3"';
    const process1 = spawn("sh", ["-c", endTurn, "sh", out, seen, other], { stdio: "ignore" });
    const ended = once(process1, "exit");
    await writeTree(out, [{ path: "file", after: "ours" }], snapshot(out), () => undefined);
    // It may still be removing its folder.
    await ended;
    expect(readFileSync(seen, "utf8")).toBe("old");
    expect(readFileSync(join(out, "file"), "utf8")).toBe("ours");
    expect(readdirSync(root)).toEqual(["out", "seen"]);
  });
});
