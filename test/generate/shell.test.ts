/** Quoted words are read by real shells as what was meant, and tmpfiles.d lines by systemd-tmpfiles. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { shellCommand, shellQuote } from "../../src/fleet/shell.ts";
import { directoryLine } from "../../src/generate/tmpfiles.ts";
import { temporaryFolder } from "../support/fleet.ts";
import { holdsForAll } from "../support/fuzz.ts";
import { lacks } from "../support/tools.ts";
import { text } from "./arbitrary.ts";

const SPECIAL = [
  "",
  "=",
  "a=b",
  "~",
  "~root",
  "-n",
  "\\",
  "'",
  "!!",
  "{a,b}",
  "*",
  "[a]",
  "#",
  "\n",
];

describe.each([["bash"], ["dash"], ["busybox", "sh"]])("%s", (program, ...argv) => {
  describe.skipIf(lacks(program))("gives back", () => {
    it.each(["C.UTF-8", "C"])("every quoted text as one word (LC_ALL=%s)", async (locale) => {
      const script = join(temporaryFolder(), "script");
      await holdsForAll(text, 3000, (random) => {
        const texts = [...SPECIAL, ...random];
        writeFileSync(script, `printf '%s\\0' ${shellCommand(texts)}\n`);
        const output = execFileSync(program, [...argv, script], {
          env: { PATH: process.env["PATH"], LC_ALL: locale },
          maxBuffer: 1 << 28,
        }).toString("utf8");
        expect(output.split("\0").slice(0, -1)).toEqual(texts);
      });
    });
  });
});

describe("shellQuote", () => {
  it("leaves plain words as they are", () => {
    const plain = ["a", "/srv/x:/y", "v1.2.3", "a=b", "--x", "@1", "10%"];
    expect(plain.map(shellQuote)).toEqual(plain);
  });

  it("refuses NUL, which no argument can hold", () => {
    expect(() => shellQuote("a\0")).toThrow(RangeError);
  });
});

describe.skipIf(lacks("systemd-tmpfiles"))("systemd-tmpfiles", () => {
  const root = process.getuid?.() === 0;

  /** Runs real lines below a root folder of its own, whose only user is this one. */
  function create(folder: string, lines: readonly string[]): void {
    const file = join(folder, "test.conf");
    mkdirSync(join(folder, "etc"), { recursive: true });
    mkdirSync(join(folder, "srv"), { recursive: true });
    const ids = root ? [1234, 1235] : [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
    writeFileSync(join(folder, "etc/passwd"), `pod:x:${ids.join(":")}::/:/bin/sh\n`);
    writeFileSync(join(folder, "etc/group"), `pod:x:${ids[1] ?? 0}:\n`);
    writeFileSync(file, lines.map((line) => `${line}\n`).join(""));
    const run = spawnSync("systemd-tmpfiles", ["--create", `--root=${folder}`, file], {
      encoding: "utf8",
    });
    expect(run.stderr).toBe("");
    expect(run.status).toBe(0);
  }

  it("makes exactly the directories that are named, for the user", () => {
    const folder = temporaryFolder();
    const names = [
      "plain", "a b", " lead", "trail ", "tab\there", "100%", "%h", "%%", 'q"uote', "a'b", "back\\slash", "\\x20", "é 漢 😀",
      "$HOME", "${x}", "*", "[a]", "~", "#", "-", ";", "a=b", "!", "nb\u00a0sp", "zw\u200b", "bom\ufeff", "ls\u2028", "ctl\u0001\u007f", "nel\u0085",
    ]; // prettier-ignore
    create(
      folder,
      names.map((name) => directoryLine(`/srv/${name}`, "pod")),
    );
    expect(readdirSync(join(folder, "srv")).sort()).toEqual([...names].sort());
    const made = statSync(join(folder, "srv/100%"));
    expect(made.mode & 0o7777).toBe(0o750);
    if (root) expect([made.uid, made.gid]).toEqual([1234, 1235]);
  });

  it("makes the directory of any text", async () => {
    await holdsForAll(text, 1000, (texts) => {
      const folder = temporaryFolder();
      const names = texts
        .map((name) => name.replaceAll("/", "_"))
        .filter((name) => Buffer.byteLength(name) <= 255 && !/^\.{0,2}$/.test(name))
        // A plan has no paths with line breaks, and a volume's source no colon.
        .filter((name) => !/[\n\r:]/.test(name));
      create(
        folder,
        [...new Set(names)].map((name) => directoryLine(`/srv/${name}`, "pod")),
      );
      expect(readdirSync(join(folder, "srv")).sort()).toEqual([...new Set(names)].sort());
    });
  });

  it.each(["\n", "\r", "\0"])("is not given a line break or NUL: %j", (char) => {
    expect(() => directoryLine(`/srv/a${char}b`, "pod")).toThrow(RangeError);
  });

  it("leaves owner and mode of a directory that is there", () => {
    const folder = temporaryFolder();
    const existing = join(folder, "srv/data");
    mkdirSync(existing, { recursive: true });
    chmodSync(existing, 0o701);
    if (root) chownSync(existing, 100999, 100999);
    const before = statSync(existing);
    create(folder, [directoryLine("/srv/data", "pod")]);
    const after = statSync(existing);
    expect([after.mode, after.uid, after.gid]).toEqual([before.mode, before.uid, before.gid]);
    expect(existsSync(join(folder, "srv/data/."))).toBe(true);
  });
});
