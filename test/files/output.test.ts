/** What a branch may bring along to have `nixgen build` read, show, move or remove what is not its own. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { hashOf } from "../../src/generate/output/manifest.ts";
import { type Run, runCli } from "../support/cli.ts";
import { inventory, temporaryFolder, writeFiles } from "../support/fleet.ts";
import { leaveWorkFolder } from "../support/work-folder.ts";

const SECRET = "AKIASECRET";
const SERVICE = `name = "web"
node = "alpha"

[[components]]
name = "web"
image = "registry.example/web:v1.0.0"
`;

function withOut(out: string): string {
  return inventory().replace('name = "test"', `name = "test"\nout = ${JSON.stringify(out)}`);
}

/** A folder with a secret in it, and a fleet that was built below it. */
async function built(): Promise<{ top: string; root: string; out: string }> {
  const top = writeFiles({
    "home/.aws/credentials": `aws_secret=${SECRET}\n`,
    "home/.aws/users.nix": `${SECRET}\n`,
  });
  const root = join(top, "fleet");
  writeFiles({ "nixgen.toml": withOut("out"), "services/web.toml": SERVICE }, root);
  await runCli(root, ["build"]);
  return { top, root, out: join(root, "out") };
}

/** Adds a file to those that nixgen is said to have written. */
function claim(out: string, path: string, hash: string): void {
  const manifest = join(out, "manifest.json");
  const value = JSON.parse(readFileSync(manifest, "utf8")) as { files: Record<string, string> };
  value.files[path] = hash;
  writeFileSync(manifest, JSON.stringify(value));
}

/** Every call that looks into the output folder, none of which may show what is elsewhere. */
async function calls(root: string): Promise<Run[]> {
  const runs: Run[] = [];
  for (const argv of [["--check"], ["--check", "--force"], [], ["--force"]]) {
    const run = await runCli(root, ["build", ...argv]);
    expect(run.stdout + run.stderr).not.toContain(SECRET);
    runs.push(run);
  }
  return runs;
}

describe("a manifest of a branch's", () => {
  it.each(["0", hashOf(`aws_secret=${SECRET}\n`)])(
    "shows nothing that is behind a link, and removes nothing: %s",
    async (hash) => {
      const { top, root, out } = await built();
      symlinkSync("../../home/.aws", join(out, "b"));
      claim(out, "b/credentials", hash);
      for (const { status } of await calls(root)) expect(status).not.toBe(3);
      expect(readdirSync(join(top, "home/.aws"))).toHaveLength(2);
    },
  );

  it("opens no file of the kernel's", async () => {
    const { root, out } = await built();
    symlinkSync("/", join(out, "x"));
    claim(out, "x/proc/self/environ", hashOf(""));
    claim(out, "x/proc/kmsg", hashOf(""));
    const [check] = await calls(root);
    expect(check).toMatchObject({ status: 2, stdout: "" });
    expect(check?.stderr).toContain(`${join(out, "x")} is a link`);
  });

  it.each([".git/config", "b/.ssh/id", "a/b/c/d/e/f/g/h/i", "a//b", "./a", ""])(
    "has no path that nixgen does not write: %j",
    async (path) => {
      const { root, out } = await built();
      claim(out, path, hashOf("x"));
      const { status, stderr } = await runCli(root, ["build", "--check"]);
      expect(stderr).toContain("manifest.json is not as nixgen wrote it");
      expect(status).toBe(2);
    },
  );

  it("larger than any input may be is not read", async () => {
    const { root, out } = await built();
    writeFileSync(join(out, "manifest.json"), `{"files":{${" ".repeat(17 * 1024 * 1024)}}}`);
    const { status, stderr } = await runCli(root, ["build", "--check"]);
    expect(stderr).toContain("manifest.json is not as nixgen wrote it");
    expect(status).toBe(2);
  });
});

describe("a link in the place of", () => {
  it.each([
    ["the output folder", "out", "../home/.aws"],
    ["the folder of a host", "out/alpha", "../../home/.aws"],
  ])("%s is not followed", async (_, place, target) => {
    const { top, root } = await built();
    renameSync(join(root, place), join(top, "aside"));
    symlinkSync(target, join(root, place));
    for (const { status, stderr, stdout } of await calls(root)) {
      expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
      expect(stderr).toContain(`${join(root, place)} is a link`);
    }
    expect(readdirSync(join(top, "home/.aws"))).toHaveLength(2);
  });

  it("a folder above the output folder is not followed", async () => {
    const { root } = await built();
    writeFileSync(join(root, "nixgen.toml"), withOut("a/out"));
    symlinkSync("../home", join(root, "a"));
    const { status, stderr } = await runCli(root, ["build"]);
    expect(stderr).toContain(`${join(root, "a")} is a link, and fleet.out leads through it`);
    expect(status).toBe(2);
  });

  it("what is above the repository is the operator's", async () => {
    const { top } = await built();
    symlinkSync("fleet", join(top, "link"));
    const { status, stderr } = await runCli(top, ["build", "--config", "link/nixgen.toml"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});

describe("fleet.out", () => {
  it.each(["../evil", "/etc", "services/../../evil"])(
    "does not leave the fleet's folder where that is in no repository: %j",
    async (out) => {
      const { root } = await built();
      writeFileSync(join(root, "nixgen.toml"), withOut(out));
      const { status, stderr } = await runCli(root, ["build", "--check"]);
      expect(stderr).toContain(`which is not below ${root}`);
      expect(status).toBe(2);
    },
  );

  it("may leave the fleet's folder in a repository, but not the repository", async () => {
    const { top, root } = await built();
    execFileSync("git", ["init", "-q", top]);
    writeFileSync(join(root, "nixgen.toml"), withOut("../generated"));
    expect(await runCli(root, ["build"])).toMatchObject({ status: 0 });
    expect(existsSync(join(top, "generated/alpha"))).toBe(true);
    writeFileSync(join(root, "nixgen.toml"), withOut("../../generated"));
    expect(await runCli(root, ["build"])).toMatchObject({ status: 2 });
  });

  it.each([
    ["facts", "fleet.facts is in it"],
    ["services", 'fleet.services looks for "services/*.toml" in it'],
    [".git", "git's own files are in it"],
    [".git/hooks", "git's own files are in it"],
    ["sub", "git's own files are in it"],
  ])("is not %j, nor is --out", async (out, reason) => {
    const { root } = await built();
    mkdirSync(join(root, "sub/.git"), { recursive: true });
    const named = await runCli(root, ["build", "--out", out]);
    writeFileSync(join(root, "nixgen.toml"), withOut(out));
    for (const { status, stderr } of [named, await runCli(root, ["build"])]) {
      expect(stderr).toContain(`${join(root, out)} cannot be the output folder: ${reason}`);
      expect(status).toBe(2);
    }
  });

  it("is not a folder with an input in it, by whatever name", async () => {
    const { root } = await built();
    writeFiles({ "more/x.toml": SERVICE.replace('name = "web"', 'name = "x"') }, root);
    const services = 'services = ["services/*.toml", "{more,less}/*.toml"]';
    writeFileSync(
      join(root, "nixgen.toml"),
      withOut("more").replace("[fleet]", `[fleet]\n${services}`),
    );
    const { status, stderr } = await runCli(root, ["build"]);
    expect(stderr).toContain("x.toml is in it, which is an input");
    expect(status).toBe(2);
  });
});

/** Beside an output folder, with the name of what a killed build leaves. */
describe("what only has the name of a work folder", () => {
  /** The number of a process that has ended. */
  const dead = spawnSync("true").pid;

  async function expectLeftAlone(root: string, name: string): Promise<void> {
    const { status, stderr } = await runCli(root, ["build"]);
    expect(status).toBe(0);
    expect(stderr).toContain(`${name} is not nixgen's, though it has the name`);
  }

  it("is not followed where it is a link, and nothing comes out of it", async () => {
    const top = writeFiles({ "victim/old/data.txt": "mine", "victim/new/x": "mine" });
    const root = join(top, "fleet");
    writeFiles({ "nixgen.toml": withOut("out"), "services/web.toml": SERVICE }, root);
    symlinkSync("../victim", join(root, `.out.nixgen-${dead}`));
    await expectLeftAlone(root, `.out.nixgen-${dead}`);
    expect(readFileSync(join(top, "victim/old/data.txt"), "utf8")).toBe("mine");
    expect(readdirSync(join(top, "victim")).sort()).toEqual(["new", "old"]);
    expect(readdirSync(join(root, "out"))).not.toContain("data.txt");
  });

  it("is not removed where it is a folder", async () => {
    const { root } = await built();
    writeFiles(
      { "my/notes": "mine", "old/x": "x", "new/x": "x" },
      join(root, `.out.nixgen-${dead}`),
    );
    await expectLeftAlone(root, `.out.nixgen-${dead}`);
    expect(readdirSync(join(root, `.out.nixgen-${dead}`)).sort()).toEqual(["my", "new", "old"]);
  });

  it("is not removed where it is a copy of one that nixgen made", async () => {
    const { root } = await built();
    const copy = join(root, `.out.nixgen-${dead}`);
    cpSync(leaveWorkFolder(temporaryFolder(), 1), copy, { recursive: true });
    writeFiles({ "old/x": "x" }, copy);
    await expectLeftAlone(root, `.out.nixgen-${dead}`);
    expect(readdirSync(copy)).toContain("old");
  });

  it("is named where this very build would have its work there", async () => {
    const { root } = await built();
    const path = join(root, `.out.nixgen-${process.pid}`);
    writeFiles({ "my/notes": "mine" }, path);
    writeFiles({ "services/web.toml": SERVICE.replace("v1", "v2") }, root);
    const { status, stderr } = await runCli(root, ["build"]);
    expect(stderr).toContain(`${path} is in the way, and not nixgen's`);
    expect(status).toBe(2);
    expect(readFileSync(join(path, "my/notes"), "utf8")).toBe("mine");
  });
});
