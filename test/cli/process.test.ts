/** The real program: dist/nixgen.cjs in processes and pipes of its own. */
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { FORMATS } from "../../src/lint/reporters/reporter.ts";
import { runCli } from "../support/cli.ts";
import { inventory, writeFiles } from "../support/fleet.ts";

const ROOT = process.cwd();
const PROGRAM = join(ROOT, "dist/nixgen.cjs");
const SERVICES = 10_000;

beforeAll(() => {
  const { status, stderr } = spawnSync("npx", ["tsx", "scripts/build.ts"], { encoding: "utf8" });
  expect(status, stderr).toBe(0);
});

/** A script of bash, in which $0 is the program and node is this node. */
function bash(script: string, cwd: string): SpawnSyncReturns<string> {
  // Without --norc, a bash whose input is a socket reads ~/.bashrc.
  return spawnSync(
    "bash",
    ["--norc", "-c", `node() { '${process.execPath}' "$@"; }; ${script}`, PROGRAM],
    {
      cwd,
      encoding: "utf8",
      env: { PATH: process.env["PATH"] ?? "" },
      maxBuffer: 64 * 1024 * 1024,
    },
  );
}

/** A fleet whose report in JSON is larger than 5 MB. */
function large(): string {
  const stages = Array.from(
    { length: SERVICES },
    (_, n) => `"unknown-${"x".repeat(150)}-${n}"`,
  ).join(", ");
  return writeFiles({
    "nixgen.toml": inventory(`[[boot.sequence]]\nname = "core"\nservices = [${stages}]`),
  });
}

it("has the schemas that are in schemas/", () => {
  const { stdout } = bash('node "$0" schema service', "/");
  const file: unknown = JSON.parse(readFileSync("schemas/service.schema.json", "utf8"));
  expect(JSON.parse(stdout)).toEqual(file);
});

describe("the exit status of the program", () => {
  it("is 0 for a clean fleet", () => {
    const folder = writeFiles({ "nixgen.toml": inventory() });
    const { status, stdout, stderr } = bash('node "$0" lint', folder);
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "no findings\n", stderr: "" });
  });

  it("is 1 for the incident, from a folder below, without colours", () => {
    const folder = join(ROOT, "examples/incident/services");
    const { status, stdout, stderr } = bash('node "$0" lint', folder);
    expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
    expect(stdout).toContain("error[uid-collision]: uid 995 on orion belongs to sshd");
    expect(stdout).not.toContain("\u001B");
  });

  it("is 1, with colours, under FORCE_COLOR", () => {
    const { status, stdout } = bash(
      'FORCE_COLOR=1 node "$0" lint',
      join(ROOT, "examples/incident"),
    );
    expect(status).toBe(1);
    expect(stdout).toContain("\u001B[31merror[uid-collision]");
  });

  it("is 2 for a wrong call", () => {
    const { status, stdout, stderr } = bash('node "$0" lint --fromat json', ROOT);
    expect({ status, stdout, stderr }).toEqual({
      status: 2,
      stdout: "",
      stderr: "nixgen: unknown option --fromat\nDid you mean --format?\n",
    });
  });

  it.skipIf(!existsSync("/dev/full"))("is 2 where the output cannot be written", () => {
    const folder = join(ROOT, "examples/incident");
    const { status, stderr } = bash('node "$0" lint >/dev/full', folder);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^nixgen: cannot write the output: .*no space left on device/);
  });

  it("is 2 in a folder that was removed", () => {
    const script = 'mkdir gone && cd gone && rmdir ../gone && node "$0" lint';
    const { status, stdout, stderr } = bash(script, writeFiles({ "nixgen.toml": inventory() }));
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/^nixgen: this folder is not there any more[^\n]*\nChange to another/);
  });

  it("is 3 for a bug", () => {
    const bug = "Buffer.from = () => { throw new Error('made by a test') }";
    const script = `node -e "process.argv.splice(1, 0, '$0'); ${bug}; require('$0')" lint`;
    const { status, stdout } = bash(script, join(ROOT, "examples/incident"));
    expect({ status, stdout }).toEqual({ status: 3, stdout: "" });
  });
});

describe("the bundle", () => {
  it.each([
    "explain uid-collision",
    "rules",
    "audit --host orion",
    "facts script",
    "facts check facts/orion.json",
    "import compose --project-directory /srv ../../test/fixtures/compose/gitea/compose.yml",
    "import podman ../../test/fixtures/inspect/5.4.2.json",
    "podman mcns",
    "recover --host rift",
    "lock accept uid mcp@rift --reason test",
    "build --out /dev/null/out",
    "build --check --config ../metacircular/nixgen.toml --out /dev/null/out",
    "lint --fix --dry-run",
    ...FORMATS.map((format) => `lint --format ${format}`),
    "lit",
  ])("does what the sources do, in whatever part of it that is: nixgen %s", async (call) => {
    const folder = join(ROOT, "examples/incident");
    const argv = call.split(" ");
    const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...argv], {
      cwd: folder,
      encoding: "utf8",
      env: {},
    });
    expect({ status, stdout, stderr }).toEqual(await runCli(folder, argv));
    expect(status).not.toBe(3);
  });
});

describe("a report", () => {
  it("may go to a pipe or a device, and is added to what is open", () => {
    const folder = writeFiles({ "nixgen.toml": inventory(), log: "before\n" });
    const report = bash('node "$0" lint --format json', folder).stdout;
    expect(report).toMatch(/^\{\n {2}"version": 1,/);
    const silent = { status: 0, stdout: "", stderr: "" };
    expect(bash('node "$0" lint --format json=/dev/null', folder)).toMatchObject(silent);
    for (const script of [
      'node "$0" lint --format json=/dev/stdout | cat',
      'node "$0" lint --format json=/dev/fd/3 3>&1 | cat',
      'mkfifo pipe; cat pipe & node "$0" lint --format json=pipe; wait',
    ]) {
      expect(bash(script, folder)).toMatchObject({ ...silent, stdout: report });
    }
    expect(bash('node "$0" lint --format json=/dev/fd/3 3>>log', folder)).toMatchObject(silent);
    expect(readFileSync(join(folder, "log"), "utf8")).toBe(`before\n${report}`);
  });

  it("may not be wanted to the end, and may not fit", () => {
    const folder = writeFiles({ "nixgen.toml": inventory() });
    const closed = bash(
      'exec 3> >(exit); sleep 0.3; node "$0" lint --format json=/dev/fd/3',
      folder,
    );
    expect(closed).toMatchObject({ status: 0, stderr: "" });
    const full = bash('node "$0" lint --format json=/dev/full', folder);
    expect(full.status).toBe(2);
    expect(full.stderr).toContain("/dev/full cannot be written: no space left on device\n");
  });
});

describe("pipes", () => {
  it("may have no end", () => {
    const { stdout, stderr } = bash('yes | node "$0" facts check -; echo "$?"', ROOT);
    expect(stderr).toBe("nixgen: standard input is larger than 16 MiB\n");
    expect(stdout).toBe("2\n");
  });

  it("may be slow to say anything", () => {
    const facts = `{ sleep 0.2; echo '{ "schema": 1,'; sleep 0.2; echo '"host": "alpha" }'; }`;
    const { stdout, stderr } = bash(`${facts} | node "$0" facts check -`, writeFiles({ x: "" }));
    expect(stderr).toBe("");
    expect(stdout).toContain("standard input: the facts of alpha");
  });

  it("may be closed by the reader, without a stack trace", () => {
    const folder = join(ROOT, "examples/incident");
    const { stdout, stderr } = bash('node "$0" lint | head -1; echo "${PIPESTATUS[0]}"', folder);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^error\[uid-collision\]: .*\n1\n$/);
  });

  it("may be closed before the end of a report that no pipe holds", () => {
    const script = 'node "$0" lint --format json | head -c 1; echo ":${PIPESTATUS[0]}"';
    const { stdout, stderr } = bash(script, large());
    expect(stderr).toBe("");
    expect(stdout).toBe("{:1\n");
  });

  const WAYS = [
    ["slow", 'node "$0"'],
    // What uses process.stdout, or shares the pipe, makes it one that does not wait for its reader.
    [
      "slow and non-blocking",
      `node -e "process.argv.splice(1, 0, '$0'); process.stdout; require('$0')"`,
    ],
  ] as const;

  it.each(WAYS)("may be %s: 5 MB arrive whole", (_, program) => {
    // The reader takes nothing for a while, so that the pipe is full, and then pauses in between.
    const reader = "sleep 0.3; for pause in 1 2 3; do head -c 1000000; sleep 0.1; done; cat";
    const { stdout, stderr } = bash(`${program} lint --format json | { ${reader}; }`, large());
    expect(stderr).toBe("");
    expect(stdout.length).toBeGreaterThan(5_000_000);
    const report = JSON.parse(stdout) as { findings: unknown[]; summary: { errors: number } };
    expect(report.summary.errors).toBe(SERVICES);
    expect(report.findings).toHaveLength(SERVICES);
  });
});
