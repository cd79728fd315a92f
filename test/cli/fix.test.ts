/** `nixgen lint --fix` on files: what is written, what is not, and what is said. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  lstatSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { bundleKillable } from "../support/killed.ts";
import { sharedFolder } from "../generate/support.ts";
import { runCli } from "../support/cli.ts";
import { inventory, temporaryFolder, writeFiles } from "../support/fleet.ts";

/** An inventory with a fault that can be fixed. */
const WITHOUT_PUBLIC = inventory().replace('"1.1.1.1", "8.8.8.8"', "");
const FIXED_LINE = 'public = ["1.1.1.1", "8.8.8.8"]';

function incident(): string {
  const folder = temporaryFolder();
  cpSync("examples/incident", folder, { recursive: true });
  return folder;
}

/** Every file below a folder, with its text. */
function textsIn(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const files = names.filter((name) => lstatSync(join(folder, name)).isFile()).sort();
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

describe("--fix", () => {
  it("fixes the incident's resolvers, and leaves the rest of the file as it was", async () => {
    const folder = incident();
    const before = textsIn(folder);
    const { status, stdout, stderr } = await runCli(folder, ["lint", "--fix"]);
    expect(stderr).toContain("fixed nixgen.toml:21: add 1.1.1.1 and 8.8.8.8 to dns.public\n");
    expect(stdout).not.toContain("dns-no-fallback");
    // The collision of the uids is still there, and nobody's to decide but the user's.
    expect(stdout).toContain("error[uid-collision]");
    expect(status).toBe(1);
    expect(textsIn(folder)).toEqual({
      ...before,
      "nixgen.toml": before["nixgen.toml"]
        // Nothing says yet which range the user has on these hosts.
        ?.replace("start = 100000", "start = 2130706432")
        .replace("public   = []", 'public   = ["1.1.1.1", "8.8.8.8"]')
        .replace('["100.95.252.120:9444"]', '["100.95.252.120:9444", "192.168.88.181:9444"]')
        .replace('["100.64.0.12:9444"]', '["100.64.0.12:9444", "192.168.88.182:9444"]'),
    });
  });

  it("finds nothing to fix the second time", async () => {
    const folder = incident();
    await runCli(folder, ["lint", "--fix"]);
    const [texts, report] = [textsIn(folder), await runCli(folder, ["lint"])];
    expect(await runCli(folder, ["lint", "--fix"])).toEqual(report);
    expect(textsIn(folder)).toEqual(texts);
  });

  it("fixes mistyped keys, so that the fleet can be loaded, and then what is wrong with it", async () => {
    const folder = writeFiles({
      "nixgen.toml": `\uFEFF${WITHOUT_PUBLIC.replace("[dns]\npublic", "[dns]\npublc").replace("[[nodes]]", "[[noodes]]").replace("[[nodes]]", "[[noodes]]")}`,
    });
    expect(await runCli(folder, ["lint"])).toMatchObject({ status: 2 });
    const { status, stdout, stderr } = await runCli(folder, ["lint", "--fix"]);
    expect(stderr.split("\n")).toEqual([
      "fixed nixgen.toml:11: rename dns.publc to public",
      "fixed nixgen.toml:13: rename noodes to nodes",
      "fixed nixgen.toml:11: add 1.1.1.1 and 8.8.8.8 to dns.public",
      "",
    ]);
    expect({ status, stdout }).toEqual({ status: 0, stdout: "no findings\n" });
    expect(textsIn(folder)).toEqual({
      "nixgen.toml": `\uFEFF${WITHOUT_PUBLIC.replace("public = []", FIXED_LINE)}`,
    });
  });

  it("leaves a key alone where two could be meant, or the right one is there", async () => {
    const files = {
      "nixgen.toml": inventory().replace('name = "pod"', 'name = "pod"\nnaame = "pad"'),
      "services/a.toml": 'name = "a"\nactve = true\nactiv = false\n',
    };
    const folder = writeFiles(files);
    const { status, stdout, stderr } = await runCli(folder, ["lint", "--fix"]);
    expect(status).toBe(2);
    expect(stdout).toContain("unknown key user.naame");
    expect(stdout).toContain("unknown key activ");
    // The first of two for one name wins.
    expect(stderr).toBe("fixed services/a.toml:2: rename actve to active\n");
    expect(textsIn(folder)).toEqual({
      ...files,
      "services/a.toml": 'name = "a"\nactive = true\nactiv = false\n',
    });
  });

  it("leaves alone what is suppressed", async () => {
    const text = WITHOUT_PUBLIC.replace(
      "public = []",
      "public = [] # nixgen: ignore[dns-no-fallback] an island",
    );
    const folder = writeFiles({ "nixgen.toml": text });
    expect(await runCli(folder, ["lint", "--fix"])).toMatchObject({ status: 0, stderr: "" });
    expect(textsIn(folder)).toEqual({ "nixgen.toml": text });
  });

  it("keeps stdout for the report, whatever its format", async () => {
    const folder = writeFiles({ "nixgen.toml": WITHOUT_PUBLIC });
    const { stdout } = await runCli(folder, ["lint", "--fix", "--format", "json"]);
    expect(JSON.parse(stdout)).toMatchObject({ findings: [] });
  });

  it("writes where a link leads to, in the fleet's folder", async () => {
    const folder = writeFiles({
      "nixgen.toml": inventory(),
      "real/a.toml": 'name = "a"\nactve = false\n',
      "services/x": "",
    });
    symlinkSync("../real/a.toml", join(folder, "services/a.toml"));
    const { stderr } = await runCli(folder, ["lint", "--fix"]);
    expect(stderr).toBe("fixed services/a.toml:2: rename actve to active\n");
    expect(readFileSync(join(folder, "real/a.toml"), "utf8")).toBe('name = "a"\nactive = false\n');
    expect(lstatSync(join(folder, "services/a.toml")).isSymbolicLink()).toBe(true);
  });

  it("writes nothing that is in the repository, but outside of the fleet's folder", async () => {
    const top = writeFiles({
      ".git/HEAD": "",
      "b.toml": 'name = "b"\nnode = "alpa"\n',
      "fleet/nixgen.toml": inventory(),
      "fleet/services/x": "",
    });
    symlinkSync("../../b.toml", join(top, "fleet/services/b.toml"));
    const { stderr } = await runCli(join(top, "fleet"), ["lint", "--fix"]);
    expect(stderr).toBe('to be fixed by hand: services/b.toml:2: write "alpha"\n');
    expect(readFileSync(join(top, "b.toml"), "utf8")).toContain("alpa");
  });

  it("edits neither facts nor the lock", async () => {
    const files = {
      "nixgen.toml": inventory(),
      "facts/alpha.json": '{ "schema": 1, "host": "alpha", "collectd": "x" }',
      "nixgen.lock": "version = 1\n[placemnt]\n",
    };
    const folder = writeFiles(files);
    const { status, stderr } = await runCli(folder, ["lint", "--fix"]);
    expect(status).toBe(2);
    expect(stderr).toBe("");
    expect(textsIn(folder)).toEqual(files);
  });
});

describe("--fix --dry-run", () => {
  it.each(["git apply", "patch -p1"])(
    "prints what %s makes of it, and writes nothing",
    async (tool) => {
      const folder = incident();
      const before = textsIn(folder);
      const { status, stdout, stderr } = await runCli(folder, ["lint", "--fix", "--dry-run"]);
      expect(status).toBe(1);
      expect(stderr).toContain("would fix nixgen.toml:21: add 1.1.1.1 and 8.8.8.8 to dns.public\n");
      expect(textsIn(folder)).toEqual(before);
      execFileSync("sh", ["-c", tool], {
        cwd: folder,
        input: stdout,
        stdio: ["pipe", "ignore", "inherit"],
      });
      const other = incident();
      await runCli(other, ["lint", "--fix"]);
      expect(textsIn(folder)).toEqual(textsIn(other));
    },
  );

  it("prints a diff that can be applied from a folder above, to a file with carriage returns", async () => {
    const text = `\uFEFF${WITHOUT_PUBLIC.replaceAll("\n", "\r\n").trimEnd()}`;
    const folder = writeFiles({ "fleet/nixgen.toml": text });
    const { stdout } = await runCli(folder, [
      "lint",
      "--config",
      "fleet/nixgen.toml",
      "--fix",
      "--dry-run",
    ]);
    execFileSync("git", ["apply"], { cwd: folder, input: stdout });
    expect(textsIn(folder)).toEqual({
      "fleet/nixgen.toml": text.replace("public = []", FIXED_LINE),
    });
  });

  it("prints a diff for the fleet's folder where it runs below that, and says so", async () => {
    const folder = writeFiles({ "nixgen.toml": WITHOUT_PUBLIC, "services/readme": "" });
    const below = join(folder, "services");
    const { stdout, stderr } = await runCli(below, ["lint", "--fix", "--dry-run"]);
    expect(stderr).toContain(`1 file would change: apply the diff in ${folder}\n`);
    execFileSync("git", ["apply"], { cwd: folder, input: stdout });
    expect(textsIn(folder)["nixgen.toml"]).toBe(WITHOUT_PUBLIC.replace("public = []", FIXED_LINE));
  });

  it("is silent where there is nothing to fix", async () => {
    const folder = writeFiles({ "nixgen.toml": inventory() });
    expect(await runCli(folder, ["lint", "--fix", "--dry-run"])).toEqual({
      status: 0,
      stdout: "",
      stderr: "0 files would change\n",
    });
  });

  it("needs --fix", async () => {
    const folder = writeFiles({ "nixgen.toml": inventory() });
    expect(await runCli(folder, ["lint", "--dry-run"])).toMatchObject({
      status: 2,
      stderr: "nixgen: --dry-run goes with --fix\nSee nixgen lint --help.\n",
    });
  });
});

const shared = sharedFolder();
const program = join(shared, "nixgen.cjs");

describe("the program", () => {
  beforeAll(async () => {
    await bundleKillable(shared);
  });

  const files = {
    "nixgen.toml": WITHOUT_PUBLIC,
    "services/a.toml": 'name = "a" # first\nactve = false\n',
    "services/b.toml": 'name = "b" # second\nactve = false\n',
  };

  it("leaves a file alone that was made read-only, and all others with it", () => {
    const folder = writeFiles(files);
    copyFileSync(program, join(folder, "nixgen.cjs"));
    for (const name of [".", "services", "services/a.toml", "nixgen.toml"])
      chmodSync(join(folder, name), 0o777);
    chmodSync(join(folder, "services/b.toml"), 0o444);
    // root may write everything.
    const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
    const run = spawnSync(process.execPath, [join(folder, "nixgen.cjs"), "lint", "--fix"], {
      cwd: folder,
      encoding: "utf8",
      ...nobody,
    });
    expect(run.stderr).toMatch(/services\/b\.toml cannot be written: permission denied\n/);
    expect(run.status).toBe(2);
    rmSync(join(folder, "nixgen.cjs"));
    expect(textsIn(folder)).toEqual(files);
    expect(statSync(join(folder, "services/b.toml")).mode & 0o777).toBe(0o444);
  });
});
