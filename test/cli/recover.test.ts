/** `nixgen recover`: which host's script it prints. What the script does is tested with real podman. */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCli } from "../support/cli.ts";
import { inventory, temporaryFolder, writeFiles } from "../support/fleet.ts";
import { lacks } from "../support/tools.ts";

const SERVICE = `
name = "web"
node = "alpha"
[[components]]
name = "web"
image = "example/web:1"
ports = ["8080:80"]
`;

const FILES = { "nixgen.toml": inventory(), "services/web.toml": SERVICE };

/** A program that goes by the name of sh. */
function asSh(program: string): string {
  const path = join(temporaryFolder(), "sh");
  symlinkSync(execFileSync("which", [program], { encoding: "utf8" }).trim(), path);
  return path;
}

describe("the script, called by sh", () => {
  const script = async (): Promise<string> => {
    const files = {
      ...FILES,
      "services/web.toml": SERVICE.replace(']]\nname = "web"', ']]\nname = "api"'),
    };
    return (await runCli(writeFiles(files), ["recover", "--host", "alpha"])).stdout;
  };

  it("runs where that is bash", async () => {
    const options = { encoding: "utf8", input: await script() } as const;
    const { status, stdout, stderr } = spawnSync(asSh("bash"), ["-s", "--", "--help"], options);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain("Brings the containers of alpha up again");
  });

  it.skipIf(lacks("dash"))("says what it is for where that is another shell", async () => {
    const options = { encoding: "utf8", input: await script() } as const;
    const { status, stderr } = spawnSync(asSh("dash"), ["-s", "--", "--help"], options);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: "recover.sh: this is for bash: bash recover.sh\n",
    });
  });
});

describe("nixgen recover", () => {
  it("prints what build writes, which can be run", async () => {
    const folder = writeFiles(FILES);
    expect((await runCli(folder, ["build"])).status).toBe(0);
    for (const host of ["alpha", "beta"]) {
      const file = join(folder, "out", host, "recover.sh");
      const run = await runCli(folder, ["recover", "--host", host]);
      expect(run).toMatchObject({ status: 0, stderr: "" });
      expect(run.stdout).toBe(readFileSync(file, "utf8"));
      expect(statSync(file).mode & 0o111).toBe(0o111);
    }
  });

  it("is there when it is needed most: neither errors of lint nor another host's stop it", async () => {
    const unpinned = inventory().replace("uid = 850\n", "").replace("gid = 850\n", "");
    const files = {
      ...FILES,
      "nixgen.toml": unpinned.replace('name = "alpha"', 'name = "alpha"\nuser = { uid = 851 }'),
    };
    const run = await runCli(writeFiles(files), ["recover", "--host", "alpha"]);
    expect(run.status).toBe(0);
    expect(run.stderr).toMatch(/^nixgen lint finds \d+ errors? in this fleet\n$/);
    expect(run.stdout).toContain("\nPOD_UID=851\n");
  });

  it("says what else there is where no host has NixOS", async () => {
    const files = { ...FILES, "nixgen.toml": inventory().replaceAll('"nixos"', '"debian"') };
    const run = await runCli(writeFiles(files), ["recover"]);
    expect(run).toMatchObject({ status: 2, stdout: "" });
    expect(run.stderr).toContain("nixgen podman prints the commands for hosts of any kind.\n");
  });

  it.each([
    [[], "nixgen recover needs a host\nName it with --host: alpha, beta.\n"],
    [["--host", "alpa"], 'there is no NixOS host "alpa"\nDid you mean "alpha"?\n'],
    [["alpha"], 'nixgen recover takes no argument "alpha"\nSee nixgen recover --help.\n'],
  ])("refuses %j", async (argv, stderr) => {
    const run = await runCli(writeFiles(FILES), ["recover", ...argv]);
    expect(run).toEqual({ status: 2, stdout: "", stderr: `nixgen: ${stderr}` });
  });
});
