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
import { shellCommand, shellQuote } from "../../src/text/shell.ts";
import { quotePath } from "../../src/systemd/quote-path.ts";
import { directoryLine } from "../../src/systemd/tmpfiles.ts";
import { temporaryFolder } from "../support/fleet.ts";
import { holdsForAll } from "../support/fuzz.ts";
import { lacks } from "../support/tools.ts";
import { workflowCommands } from "../support/workflow-commands.ts";
import { text } from "./arbitrary.ts";

/** Commands to GitHub's runner. */
const RUNNER = [
  "::error::x",
  "a\n \t::stop-commands::x",
  "\n::x",
  "a ##[error]x",
  "###[x",
  "\n\n:\u200b:x",
];

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
        const texts = [...SPECIAL, ...RUNNER, ...random];
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
  it("shows nothing that a terminal or GitHub's runner would act on", async () => {
    await holdsForAll(text, 3000, (random) => {
      for (const word of [...SPECIAL, ...RUNNER, ...random]) {
        // As it stands in a list, with a word in each line.
        const shown = `podman \\\n  ${shellQuote(word)}\n`;
        expect(shown).not.toMatch(/(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(workflowCommands(shown)).toEqual([]);
      }
    });
  });

  it("leaves plain words as they are", () => {
    const plain = ["a", "/srv/x:/y", "v1.2.3", "a=b", "--x", "@1", "10%"];
    expect(plain.map(shellQuote)).toEqual(plain);
  });

  it("refuses NUL, which no argument can hold", () => {
    expect(() => shellQuote("a\0")).toThrow(RangeError);
  });
});

/** Names that systemd could read otherwise. */
const NAMES = [
  "plain", "a b", " lead", "trail ", "tab\there", "100%", "%h", "%%", 'q"uote', "a'b", "back\\slash", "end\\", "\\x20", "é 漢 😀",
  "$HOME", "${x}", "*", "[a]", "~", "#", "-", ";", "a=b", "!", "nb\u00a0sp", "zw\u200b", "bom\ufeff", "ls\u2028", "ctl\u0001\u007f", "nel\u0085",
]; // prettier-ignore

/** Texts as names of files that a plan may have: no line breaks, and a volume's source has no colon. */
function fileNames(texts: readonly string[]): string[] {
  const names = texts
    .map((name) => name.replaceAll("/", "_"))
    .filter((name) => Buffer.byteLength(name) <= 255 && !/^\.{0,2}$/.test(name))
    .filter((name) => !/[\n\r:]/.test(name));
  return [...new Set(names)];
}

describe.skipIf(lacks("systemd-analyze"))("a unit file", () => {
  /** The paths whose mounts a unit requires, as systemd has read them. */
  function mountsOf(words: readonly string[]): string[] {
    const unit = join(temporaryFolder(), "test.service");
    const lines = words.map((word) => `RequiresMountsFor=${word}\n`);
    writeFileSync(unit, `[Unit]\n${lines.join("")}\n[Service]\nExecStart=/bin/true\n`);
    // To be asked for debugging, it prints the units that it has loaded.
    const { stdout } = spawnSync("systemd-analyze", ["verify", "--man=no", unit], {
      encoding: "utf8",
      env: { ...process.env, SYSTEMD_LOG_LEVEL: "debug" },
      maxBuffer: 1 << 30,
    });
    const [, own = ""] = /^\t-> Unit test\.service:\n((?:\t\t[^\n]*\n)*)/m.exec(stdout) ?? [];
    return [...own.matchAll(/^\t\tRequiresMountsFor: ([^\n]*) \(origin-file\)$/gm)].map(
      ([, path = ""]) => path,
    );
  }

  it("requires the mounts of exactly the paths that are named", () => {
    const paths = NAMES.map((name) => `/srv/${name}`);
    expect(mountsOf(paths.map(quotePath)).sort()).toEqual([...paths].sort());
  });

  it("requires those of any path", async () => {
    await holdsForAll(text, 1000, (texts) => {
      const paths = fileNames(texts)
        // Nor has a plan one with what is no character: systemd would not read the unit.
        .filter((name) => !/\p{Noncharacter_Code_Point}/u.test(name))
        .map((name) => `/srv/${name}`);
      expect(mountsOf(paths.map(quotePath)).sort()).toEqual([...paths].sort());
    });
  });
});

const POD = { name: "pod", group: "pod" };

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
    create(
      folder,
      NAMES.map((name) => directoryLine(`/srv/${name}`, POD)),
    );
    expect(readdirSync(join(folder, "srv")).sort()).toEqual([...NAMES].sort());
    const made = statSync(join(folder, "srv/100%"));
    expect(made.mode & 0o7777).toBe(0o750);
    if (root) expect([made.uid, made.gid]).toEqual([1234, 1235]);
  });

  it("makes the directory of any text", async () => {
    await holdsForAll(text, 1000, (texts) => {
      const folder = temporaryFolder();
      const names = fileNames(texts);
      create(
        folder,
        names.map((name) => directoryLine(`/srv/${name}`, POD)),
      );
      expect(readdirSync(join(folder, "srv")).sort()).toEqual([...names].sort());
    });
  });

  it.each(["\n", "\r", "\0"])("is not given a line break or NUL: %j", (char) => {
    expect(() => directoryLine(`/srv/a${char}b`, POD)).toThrow(RangeError);
  });

  it("leaves owner and mode of a directory that is there", () => {
    const folder = temporaryFolder();
    const existing = join(folder, "srv/data");
    mkdirSync(existing, { recursive: true });
    chmodSync(existing, 0o701);
    if (root) chownSync(existing, 100999, 100999);
    const before = statSync(existing);
    create(folder, [directoryLine("/srv/data", POD)]);
    const after = statSync(existing);
    expect([after.mode, after.uid, after.gid]).toEqual([before.mode, before.uid, before.gid]);
    expect(existsSync(join(folder, "srv/data/."))).toBe(true);
  });
});
