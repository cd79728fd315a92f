/** Files that take the place of others: links, permissions, and what must not happen on failure. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { InputError } from "../../src/text/input-error.ts";
import { replaceFiles, writeFile } from "../../src/files/write-file.ts";
import { temporaryFolder, writeFiles } from "../support/fleet.ts";

/** Names of files that cannot be replaced, as on a failing disk. */
const broken = new Set<string>();

vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  return {
    ...fs,
    renameSync: (from: string, to: string) => {
      if (![...broken].some((name) => to.endsWith(name))) {
        fs.renameSync(from, to);
        return;
      }
      throw Object.assign(new Error(`EIO: i/o error, rename '${from}' -> '${to}'`), {
        code: "EIO",
      });
    },
  };
});

function textOf(folder: string, name: string): string {
  return readFileSync(join(folder, name), "utf8");
}

describe("one file", () => {
  it("is written anew, with nothing beside it", () => {
    const folder = temporaryFolder();
    writeFile(join(folder, "a.toml"), "a = 1\n");
    expect(textOf(folder, "a.toml")).toBe("a = 1\n");
    expect(readdirSync(folder)).toEqual(["a.toml"]);
  });

  it("keeps its permissions", () => {
    const folder = writeFiles({ "a.toml": "" });
    for (const mode of [0o600, 0o755]) {
      chmodSync(join(folder, "a.toml"), mode);
      writeFile(join(folder, "a.toml"), `# ${mode}\n`);
      expect(statSync(join(folder, "a.toml")).mode & 0o7777).toBe(mode);
    }
  });

  it("is written where a link leads to", () => {
    const folder = writeFiles({ "real/a.toml": "old" });
    symlinkSync("real/a.toml", join(folder, "link.toml"));
    symlinkSync("real/b.toml", join(folder, "dangling.toml"));
    writeFile(join(folder, "link.toml"), "new");
    writeFile(join(folder, "dangling.toml"), "new");
    expect(textOf(folder, "real/a.toml")).toBe("new");
    expect(textOf(folder, "real/b.toml")).toBe("new");
    expect(lstatSync(join(folder, "link.toml")).isSymbolicLink()).toBe(true);
  });

  it("takes away what killed runs left, also where another process has their number now", () => {
    const folder = writeFiles({
      ".a.toml.nixgen-4194999": "killed",
      ".a.toml.nixgen-1": "killed long ago",
      [`.a.toml.nixgen-${process.pid}`]: "killed",
      ".a.toml.nixgen-notes": "somebody's",
    });
    utimesSync(join(folder, ".a.toml.nixgen-1"), 0, Date.now() / 1000 - 60);
    writeFile(join(folder, "a.toml"), "new");
    expect(readdirSync(folder).sort()).toEqual([".a.toml.nixgen-notes", "a.toml"]);
  });

  it("waits for another process that is about to write it, and takes nothing of its away", async () => {
    const folder = writeFiles({ ".a.toml.nixgen-1": "alive", "a.toml": "old" });
    const script =
      'setTimeout(() => require("fs").renameSync(process.argv[1], process.argv[2]), 300)';
    const other = spawn(process.execPath, [
      "--eval",
      script,
      join(folder, ".a.toml.nixgen-1"),
      join(folder, "a.toml"),
    ]);
    expect(() => {
      replaceFiles([{ path: join(folder, "a.toml"), before: "old", after: "new" }]);
    }).toThrow(/a\.toml was changed by somebody else/);
    await once(other, "exit");
    expect(readdirSync(folder)).toEqual(["a.toml"]);
    expect(textOf(folder, "a.toml")).toBe("alive");
  });

  it("is passed over where it has its new text already", () => {
    const folder = writeFiles({ "a.toml": "new", "b.toml": "other" });
    const { ino } = statSync(join(folder, "a.toml"));
    replaceFiles([{ path: join(folder, "a.toml"), before: false, after: "new" }]);
    expect(statSync(join(folder, "a.toml")).ino).toBe(ino);
    expect(() => {
      replaceFiles([{ path: join(folder, "b.toml"), before: false, after: "new" }]);
    }).toThrow(/b\.toml is there already/);
  });

  it("is unchanged although what was read of it is without its byte order mark", () => {
    const folder = writeFiles({ "a.toml": "\uFEFFold" });
    replaceFiles([{ path: join(folder, "a.toml"), before: "old", after: "new" }]);
    expect(textOf(folder, "a.toml")).toBe("new");
  });

  it("that cannot be written is the user's to see to", () => {
    const folder = writeFiles({ "folder/x": "", file: "" });
    for (const name of ["folder", "file/a.toml", "missing/a.toml"]) {
      expect(() => {
        writeFile(join(folder, name), "");
      }).toThrow(InputError);
    }
    expect(readdirSync(folder)).toEqual(["file", "folder"]);
  });
});

describe("several files", () => {
  const files = { "a.toml": "a = 1\n", "b.toml": "b = 1\n", "c.toml": "c = 1\n" };
  const replacements = (folder: string) =>
    Object.entries(files).map(([name, before]) => ({
      path: join(folder, name),
      before,
      after: `${before}# more\n`,
    }));
  const texts = (folder: string): unknown =>
    Object.fromEntries(readdirSync(folder).map((name) => [name, textOf(folder, name)]));

  it("are all written", () => {
    const folder = writeFiles(files);
    replaceFiles(replacements(folder));
    expect(texts(folder)).toEqual({
      "a.toml": "a = 1\n# more\n",
      "b.toml": "b = 1\n# more\n",
      "c.toml": "c = 1\n# more\n",
    });
  });

  it("are all left alone where one has changed, or is gone", () => {
    const folder = writeFiles({ ...files, "c.toml": "c = 2\n" });
    expect(() => {
      replaceFiles(replacements(folder));
    }).toThrow(/c\.toml was changed by somebody else/);
    expect(texts(folder)).toEqual({ ...files, "c.toml": "c = 2\n" });

    const gone = writeFiles({ "a.toml": files["a.toml"], "b.toml": files["b.toml"] });
    expect(() => {
      replaceFiles(replacements(gone));
    }).toThrow(/c\.toml was changed by somebody else/);
    expect(texts(gone)).toEqual({ "a.toml": "a = 1\n", "b.toml": "b = 1\n" });
  });

  it("get their old text and permissions back where a later one cannot be replaced", () => {
    const folder = writeFiles(files);
    chmodSync(join(folder, "a.toml"), 0o640);
    broken.add("c.toml");
    try {
      expect(() => {
        replaceFiles([{ path: join(folder, "new.toml"), after: "" }, ...replacements(folder)]);
      }).toThrow(/c\.toml cannot be written: i\/o error/);
    } finally {
      broken.clear();
    }
    expect(texts(folder)).toEqual(files);
    expect(statSync(join(folder, "a.toml")).mode & 0o7777).toBe(0o640);
  });
});
