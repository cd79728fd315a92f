/** `nixgen lint --format`: which reports go where. */
import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EXIT } from "../../src/cli/io.ts";
import { runCli } from "../support/cli.ts";
import { inventory, writeFiles } from "../support/fleet.ts";

/** A repository with a fleet in a folder, which has a warning. */
function repository(): string {
  return writeFiles({ "infra/nixgen.toml": inventory().replace(', "8.8.8.8"', "") });
}

function lint(folder: string, ...argv: readonly string[]) {
  return runCli(folder, ["lint", "--config", "infra/nixgen.toml", ...argv]);
}

describe("--format", () => {
  it("may be given several times, with files for all but one", async () => {
    const folder = repository();
    const run = await lint(
      folder,
      ...["--format", "pretty", "--format", "sarif=nixgen.sarif", "--format=junit=infra/a=b.xml"],
    );
    expect(run).toEqual(await lint(folder));
    const sarif = JSON.parse(readFileSync(join(folder, "nixgen.sarif"), "utf8")) as object;
    expect(sarif).toMatchObject({ version: "2.1.0" });
    expect(readFileSync(join(folder, "infra/a=b.xml"), "utf8")).toMatch(/^<\?xml /);
  });

  it("takes - for standard output", async () => {
    const folder = repository();
    expect(await lint(folder, "--format", "json=-")).toEqual(
      await lint(folder, "--format", "json"),
    );
    expect(existsSync(join(folder, "-"))).toBe(false);
  });

  it.each(["/dev/stdout", "/dev/fd/1"])("takes %s for standard output", async (name) => {
    const folder = repository();
    expect(await lint(folder, "--format", `json=${name}`)).toEqual(
      await lint(folder, "--format", "json"),
    );
  });

  it.each(["/dev/stderr", "/dev/fd/2"])("takes %s for standard error", async (name) => {
    const folder = repository();
    const { stdout, ...rest } = await lint(folder, "--format", "json");
    expect(await lint(folder, "--format", `json=${name}`)).toEqual({
      ...rest,
      stdout: "",
      stderr: stdout,
    });
  });

  it("writes to no device that a link in the fleet's folder leads to", async () => {
    const folder = repository();
    symlinkSync("/dev/null", join(folder, "infra/report"));
    const run = await lint(folder, "--format", "json=infra/report");
    expect(run.status).toBe(EXIT.usage);
    expect(run.stderr).toContain("a link leads to /dev/null");
  });

  it("prints nothing where all reports go to files, and the exit status stays", async () => {
    const folder = repository();
    const run = await lint(folder, "--format", "compact=lint.txt", "--fail-on", "warning");
    expect(run).toEqual({ status: EXIT.findings, stdout: "", stderr: "" });
    expect(readFileSync(join(folder, "lint.txt"), "utf8")).toMatch(/^infra\/nixgen\.toml:\d+:/);
  });

  it("colours no file", async () => {
    const folder = repository();
    const argv = ["lint", "--config", "infra/nixgen.toml", "--format", "pretty=lint.txt"];
    await runCli(folder, argv, { FORCE_COLOR: "1" });
    expect(readFileSync(join(folder, "lint.txt"), "utf8")).toBe((await lint(folder)).stdout);
  });

  it("reports what keeps the fleet from being read in every format", async () => {
    const folder = writeFiles({ "infra/nixgen.toml": inventory("[flet]\nx = 1") });
    for (const format of ["compact", "sarif", "github", "junit"]) {
      const { status, stdout } = await lint(folder, "--format", format);
      expect(status).toBe(EXIT.usage);
      expect(stdout).toContain("unknown-key");
      expect(stdout).toContain("infra/nixgen.toml");
    }
  });

  it.each<[readonly string[], string]>([
    [
      ["json", "compact"],
      "two reports cannot go to standard output\nName a file for each of them: --format FORMAT=FILE.\n",
    ],
    [
      ["json", "compact=-"],
      "two reports cannot go to standard output\nName a file for each of them: --format FORMAT=FILE.\n",
    ],
    [
      ["json", "compact=/dev/stdout"],
      "two reports cannot go to standard output\nName a file for each of them: --format FORMAT=FILE.\n",
    ],
    [
      ["json=a", "sarif=a"],
      "two reports cannot go to a\nName a file for each of them: --format FORMAT=FILE.\n",
    ],
    [
      ["json="],
      "--format json= names no file\nUse --format json=FILE, or --format json for standard output.\n",
    ],
    [
      ["xml=a"],
      '--format cannot be "xml"\nUse one of pretty, compact, json, sarif, github, junit.\n',
    ],
  ])("cannot be %j", async (formats, message) => {
    const folder = repository();
    const run = await lint(folder, ...formats.flatMap((format) => ["--format", format]));
    expect(run).toEqual({ status: EXIT.usage, stdout: "", stderr: `nixgen: ${message}` });
    expect(existsSync(join(folder, "a"))).toBe(false);
  });

  it.each(["no/such/folder.json", "folder"])("says that %s cannot be written", async (file) => {
    const folder = repository();
    mkdirSync(join(folder, "folder"));
    const { status, stderr } = await lint(folder, "--format", `json=${file}`);
    expect(status).toBe(EXIT.usage);
    expect(stderr).toContain(join(folder, file));
  });
});

describe("names of files in formats for programs", () => {
  const argv = ["--format", "compact"];

  it("are relative to the working directory", async () => {
    const folder = repository();
    expect((await lint(folder, ...argv)).stdout).toMatch(/^infra\/nixgen\.toml:/);
    const inside = await runCli(join(folder, "infra"), ["lint", ...argv]);
    expect(inside.stdout).toMatch(/^nixgen\.toml:/);
  });

  it("are relative to the repository on GitHub, wherever the step runs", async () => {
    const folder = repository();
    const env = { GITHUB_WORKSPACE: folder };
    const run = await runCli(join(folder, "infra"), ["lint", ...argv], env);
    expect(run.stdout).toMatch(/^infra\/nixgen\.toml:/);
    const elsewhere = { GITHUB_WORKSPACE: join(folder, "other") };
    const outside = await runCli(join(folder, "infra"), ["lint", ...argv], elsewhere);
    expect(outside.stdout).toMatch(/^nixgen\.toml:/);
  });
});
