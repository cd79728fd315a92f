/** What a start of the program reads, compiles and has Node load: less of it is all that makes it fast. */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compiledSuffix } from "../src/files/program-parts.ts";

/** Loaded before the program: says on stderr, when it ends, what was loaded. */
const SPY = `
const vm = require("node:vm");
const { basename } = require("node:path");
const before = new Set(process.moduleLoadList);
const parts = [];
vm.Script = class extends vm.Script {
  constructor(code, options) {
    super(code, options);
    const part = basename(options.filename).replace(/-[0-9a-f]{16}\\.cjs$/, "");
    parts.push({ part, bytes: code.length, rejected: this.cachedDataRejected });
  }
};
process.on("exit", () => {
  const modules = process.moduleLoadList.filter((name) => !before.has(name));
  require("node:fs").writeSync(2, JSON.stringify({ parts, modules }));
});
`;

interface Start {
  readonly status: number | null;
  readonly stdout: string;
  readonly parts: readonly {
    readonly part: string;
    readonly bytes: number;
    /** whether V8 refused the code cache; undefined where there was none. */
    readonly rejected?: boolean;
  }[];
  /** What Node loaded of its own. */
  readonly modules: readonly string[];
}

describe("a start", () => {
  let folder: string;
  let dist: string;
  let fleet: string;

  /** Runs the program on a copy of the reference fleet, which is built. */
  function start(...argv: string[]): Start {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["--require", join(folder, "spy.cjs"), join(dist, "nixgen.cjs"), ...argv],
      { cwd: fleet, encoding: "utf8", env: {} },
    );
    const said = JSON.parse(/\{"parts":.*\}$/.exec(stderr)?.[0] ?? "") as Start;
    return { ...said, status, stdout };
  }

  const names = (started: Start): string[] => started.parts.map(({ part }) => part);

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "nixgen-startup-"));
    dist = join(folder, "dist");
    fleet = join(folder, "fleet");
    const { status, stderr } = spawnSync("npx", ["tsx", "scripts/build.ts", "--compile", dist], {
      encoding: "utf8",
    });
    expect(status, stderr).toBe(0);
    cpSync("examples/metacircular", fleet, { recursive: true });
    writeFileSync(join(folder, "spy.cjs"), SPY);
    expect(start("build").status).toBe(0);
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it("with --version takes the program's small file alone", () => {
    expect(start("--version")).toMatchObject({ status: 0, parts: [], modules: [] });
    expect(statSync(join(dist, "nixgen.cjs")).size).toBeLessThan(5_000);
  });

  it("with --help takes one small part", () => {
    const started = start("--help");
    expect(started).toMatchObject({ status: 0, parts: [{ part: "bin" }], modules: [] });
    expect(started.parts[0]?.bytes).toBeLessThan(10_000);
  });

  it("of lint takes its own part, and of Node what reads arguments", () => {
    const started = start("lint");
    expect(started.status).toBe(0);
    expect(names(started)).toEqual(["bin", "lint"]);
    // Of all the code, half is in other parts. What is new here: does a right fleet need it?
    expect(started.parts[1]?.bytes).toBeLessThan(340_000);
    expect(started.modules.filter((name) => !name.includes("parse_args"))).toEqual([]);
  });

  it("of build --check takes one part more, and what digests", () => {
    const started = start("build", "--check");
    expect(started.status).toBe(0);
    expect(names(started)).toEqual(["bin", "build", "lint"]);
    expect(started.parts.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(580_000);
    expect(started.modules).toContain("NativeModule crypto");
    expect(started.modules).not.toContain("NativeModule child_process");
  });

  describe("with a code cache", () => {
    const parts = () => join(dist, "parts");
    const compiledPath = (): string => {
      const compiled = readdirSync(parts()).filter((name) => name.endsWith(compiledSuffix()));
      return join(parts(), compiled.find((name) => name.startsWith("lint-")) ?? "");
    };
    let plain: string;
    let good: Buffer;

    beforeAll(() => {
      plain = start("lint").stdout;
      good = readFileSync(compiledPath());
    });

    function startWith(compiled: Uint8Array): Start {
      const path = compiledPath();
      writeFileSync(path, compiled);
      const started = start("lint");
      writeFileSync(path, good);
      return started;
    }

    it("uses it", () => {
      expect(start("lint").parts).toMatchObject([
        { rejected: false },
        { part: "lint", rejected: false },
      ]);
    });

    it("does without where there is none, or another Node's alone", () => {
      const path = compiledPath();
      renameSync(path, path.replace(process.version, "v20.0.0"));
      const started = start("lint");
      renameSync(path.replace(process.version, "v20.0.0"), path);
      expect(started).toMatchObject({ status: 0, stdout: plain });
      expect(started.parts[1]).not.toHaveProperty("rejected");
    });

    const DAMAGES: readonly [string, (compiled: Buffer) => Buffer][] = [
      ["is empty", () => Buffer.alloc(0)],
      ["is something else", () => Buffer.from("what is this? ".repeat(40_000))],
      ["is all zeros", (compiled) => Buffer.alloc(compiled.length)],
      ["ends after 10 bytes", (compiled) => compiled.subarray(0, 10)],
      ["ends in the middle", (compiled) => compiled.subarray(0, compiled.length / 2)],
      ["lacks its last byte", (compiled) => compiled.subarray(0, -1)],
      [
        "is of another V8",
        (compiled) => Buffer.from(compiled).fill(compiled.readUInt8(4) ^ 0xff, 4, 5),
      ],
    ];

    it.each(DAMAGES)("does without where it %s", (_, damage) => {
      const started = startWith(damage(good));
      expect(started).toMatchObject({ status: 0, stdout: plain });
      expect(started.parts).toMatchObject([{ rejected: false }, { part: "lint", rejected: true }]);
    });

    it("writes nothing", () => {
      const before = readdirSync(parts());
      rmSync(compiledPath());
      start("lint");
      const after = readdirSync(parts());
      writeFileSync(join(parts(), before.find((name) => !after.includes(name)) ?? ""), good);
      expect(after).toHaveLength(before.length - 1);
    });
  });
});
