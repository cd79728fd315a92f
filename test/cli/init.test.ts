/** `nixgen init`: what it writes is a fleet, and what is there stays. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { homepage, version } from "../../package.json";
import { EXIT } from "../../src/cli/io.ts";
import { runCli } from "../support/cli.ts";
import { temporaryFolder } from "../support/fleet.ts";

/** Every file below a folder, with its text. */
function filesBelow(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(names.map((name) => [name, readFileSync(name, "utf8")]));
}

it("writes a fleet that nothing is found in, and that is built", async () => {
  const folder = temporaryFolder();
  const { status, stdout, stderr } = await runCli(folder, ["init"]);
  expect({ status, stderr }).toEqual({ status: EXIT.ok, stderr: "" });
  expect(stdout).toMatch(/^Wrote nixgen\.toml and services\/web\.toml\.\n\nNext, /);
  expect(Object.keys(filesBelow(folder)).sort()).toEqual(
    ["nixgen.toml", "services/web.toml"].map((file) => join(folder, file)),
  );
  expect(await runCli(folder, ["lint", "--fail-on", "info"])).toMatchObject({
    status: EXIT.ok,
    stdout: "no findings\n",
  });
  expect((await runCli(folder, ["build"])).status).toBe(EXIT.ok);
});

it("names schemas by an address, of files that there are", async () => {
  const folder = temporaryFolder();
  await runCli(folder, ["init"]);
  const names = Object.values(filesBelow(folder)).map((text) => {
    const [, address = "", file = ""] = /^#:schema (\S+\/)(\S+)\n/.exec(text) ?? [];
    expect(address).toBe(`${homepage}/raw/v${version}/schemas/`);
    return file;
  });
  expect(names.sort()).toEqual(["nixgen.schema.json", "service.schema.json"]);
  for (const name of names) expect(existsSync(join("schemas", name))).toBe(true);
});

it("names the fleet after its folder, where that can be a name", async () => {
  const folder = temporaryFolder();
  const nameIn = async (name: string): Promise<string | undefined> => {
    await runCli(folder, ["init", name]);
    const text = readFileSync(join(folder, name, "nixgen.toml"), "utf8");
    return /^\[fleet\]\nname = "(.*)"$/m.exec(text)?.[1];
  };
  expect(await nameIn("deep/er/my-fleet")).toBe("my-fleet");
  expect(await nameIn(`a "quoted" \${name}`)).toBe("starter");
});

it("leaves a fleet alone", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "nixgen.toml"), "# mine\n");
  const before = filesBelow(folder);
  const { status, stdout, stderr } = await runCli(folder, ["init"]);
  expect({ status, stdout }).toEqual({ status: EXIT.usage, stdout: "" });
  expect(stderr).toBe(
    "nixgen: nixgen.toml is there already; nothing was written\nRun nixgen lint there, or name another folder.\n",
  );
  expect(filesBelow(folder)).toEqual(before);
});

it("writes nothing where one of its files is there", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "services"));
  writeFileSync(join(folder, "services/web.toml"), "# mine\n");
  const before = filesBelow(folder);
  const { status, stderr } = await runCli(folder, ["init"]);
  expect(status).toBe(EXIT.usage);
  expect(stderr).toContain("services/web.toml is there already; nothing was written\n");
  expect(filesBelow(folder)).toEqual(before);
});

it("leaves nothing behind where it cannot write", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "file"), "");
  const { status, stderr } = await runCli(folder, ["init", "file/fleet"]);
  expect(status).toBe(EXIT.usage);
  expect(stderr).toMatch(/ cannot be written: .*\nNothing was written\. /);
  expect(readdirSync(folder)).toEqual(["file"]);
});

it("takes one folder", async () => {
  const folder = temporaryFolder();
  expect((await runCli(folder, ["init", "a", "b"])).status).toBe(EXIT.usage);
  expect(readdirSync(folder)).toEqual([]);
});
