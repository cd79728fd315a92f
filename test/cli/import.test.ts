/** `nixgen import`: where it reads from and writes to, and what it refuses. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { runCli } from "../support/cli.ts";
import { inventory, temporaryFolder, writeFiles } from "../support/fleet.ts";
import { container } from "../support/inspected.ts";

const FIXTURE = resolve("test/fixtures/inspect/5.4.2.json");

/** What `podman inspect` prints of one container. */
function inspect(...names: string[]): string {
  return JSON.stringify(names.map((name) => container("5.4.2", name)));
}

/** The same container under another name. */
function named(name: string, more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ ...container("5.4.2", "mcns"), Name: name, Id: name, ...more });
}

const MCNS = `# mcns.toml
name = "mcns"
node = "rift"

[[components]]
name = "mcns"
image = "localhost/busybox:v1.0.0"
restart = "unless-stopped"
ports = ["127.0.0.1:5353:53/tcp", "127.0.0.1:5353:53/udp", "127.0.0.1:38443:8443"]
volumes = ["/srv/data/data:/srv/mcns"]
cmd = ["sleep", "1000"]
`;

describe("nixgen import podman", () => {
  it("reads standard input and prints the definition", async () => {
    const argv = ["import", "podman", "--node", "rift", "-"];
    const run = await runCli(temporaryFolder(), argv, {}, inspect("mcns"));
    expect(run).toEqual({ status: 0, stdout: MCNS, stderr: "" });
  });

  it("reads several files, with arrays and objects one after the other", async () => {
    const folder = writeFiles({
      "a.json": `${inspect("mcr-web")}\n${inspect("mcns")}${named("lone", { Args: ["}]", '"]'] })}\n`,
      "b.json": inspect("mcr-api", "mcns"),
    });
    const run = await runCli(folder, ["import", "podman", "--out", "new", "b.json", "a.json"]);
    expect(run).toEqual({
      status: 0,
      stdout: "new/lone.toml\nnew/mcns.toml\nnew/mcr.toml\n",
      stderr: "",
    });
    const text = readFileSync(join(folder, "new/mcr.toml"), "utf8");
    expect(text.match(/^name = .*/gm)).toEqual(['name = "mcr"', 'name = "api"', 'name = "web"']);
  });

  it("counts what is not carried over, and fails for it only when asked", async () => {
    const run = async (...argv: string[]) =>
      runCli(temporaryFolder(), ["import", "podman", ...argv]);
    const { status, stderr } = await run(FIXTURE);
    expect(status).toBe(0);
    expect(stderr)
      .toBe(`kube-web: podman does not say how it was made; cmd, env and user may be those of its image
not carried over: d1e22ede0029-infra: it holds a pod together, and there are no pods in definitions
not carried over: 5595eefc9a6e-infra: it holds a pod together, and there are no pods in definitions
not carried over: 9 settings of 4 containers; comments in the definitions name them
`);
    expect(await run(FIXTURE, "--strict")).toMatchObject({ status: 1, stderr });
    const clean = await runCli(
      temporaryFolder(),
      ["import", "podman", "--strict", "-"],
      {},
      inspect("mcns"),
    );
    expect(clean.status).toBe(0);
  });

  it("replaces no file", async () => {
    const folder = writeFiles({
      "services/mcns.toml": "mine\n",
      "all.json": inspect("mcr-api", "mcns"),
    });
    const run = await runCli(folder, ["import", "podman", "--out", "services", "all.json"]);
    expect(run.status).toBe(2);
    expect(run.stderr).toContain("mcns.toml is there already; nothing was written");
    expect(readdirSync(join(folder, "services"))).toEqual(["mcns.toml"]);
    expect(readFileSync(join(folder, "services/mcns.toml"), "utf8")).toBe("mine\n");
  });

  it("takes up the services of the fleet at hand", async () => {
    const folder = writeFiles({
      "nixgen.toml": inventory(),
      "services/mcr.toml": 'name = "mcr"\nnode = "alpha"\n',
      "deep/x.json": inspect("mcr-web"),
    });
    const inside = await runCli(join(folder, "deep"), ["import", "podman", "x.json"]);
    expect(inside.stdout).toMatch(
      /^# mcr\.toml\nname = "mcr"\n\n\[\[components\]\]\nname = "web"\n/,
    );
    const argv = ["import", "podman", "--config", join(folder, "nixgen.toml"), "-"];
    const outside = await runCli(temporaryFolder(), argv, {}, inspect("mcr-web"));
    expect(outside.stdout).toBe(inside.stdout);
    const alone = await runCli(
      temporaryFolder(),
      ["import", "podman", "-"],
      {},
      inspect("mcr-web"),
    );
    expect(alone.stdout).toMatch(/^# mcr-web\.toml\n/);
  });

  it("works beside a fleet that cannot be loaded", async () => {
    const folder = writeFiles({ "nixgen.toml": "broken" });
    const run = await runCli(
      folder,
      ["import", "podman", "--node", "rift", "-"],
      {},
      inspect("mcns"),
    );
    expect(run).toMatchObject({ status: 0, stdout: MCNS });
    expect(run.stderr).toBe(
      "nixgen.toml cannot be used, see nixgen lint: services are named anew\n",
    );
  });

  it.each([
    ["nothing, as of a call that failed", "", 2, "there is no container in standard input\n"],
    ["an empty list", "[]", 2, "there is no container in standard input\n"],
    [
      "no JSON",
      "Error: no such container x\n",
      2,
      "--> standard input:1:1\n1 | Error: no such container x\n  | ^^^^^\n",
    ],
    [
      "half of it",
      `${inspect("mcns")}\n[{"Name":`,
      2,
      '--> standard input:2:10\n2 | [{"Name":\n  |          ^\n',
    ],
    [
      "a comma",
      '\n\n [{"Name": "x",}]',
      2,
      '--> standard input:3:16\n3 |  [{"Name": "x",}]\n  |                ^\n',
    ],
    ["too many brackets", "[".repeat(100_000), 2, "nested more than 100 levels deep"],
    ["something else", '[{"Names": ["x"]}]', 2, "number 1 in it is no container"],
    [
      "an image",
      `[${named("x")}, {"Id": "x", "RepoTags": []}]`,
      2,
      "number 2 in it is no container",
    ],
    ["a number", "7", 2, "number 1 in it is no container"],
    ["two of a name", named("x") + named("x", { Id: "y" }), 2, 'two containers named "x"'],
    ["a path for a name", named("../../x"), 2, 'a container named "../../x"'],
    ["a dot in a name", named("x.1") + named("y.1"), 2, 'containers named "x.1", "y.1"'],
    ["a line in a name", named("x\n[user]"), 2, String.raw`a container named "x\n[user]"`],
    ["a long name", named("x".repeat(64)), 2, "at most 63 of them"],
    ["an escape in a name", named("x\u001b[31m"), 2, String.raw`named "x\u001b[31m"`],
    [
      "no image",
      named("x", { ImageName: "", Config: {} }),
      2,
      "x cannot be defined: components[0].image",
    ],
    [
      "a strange image",
      named("x", { ImageName: "a b", Config: {} }),
      2,
      "components[0].image must be",
    ],
    [
      "half a character",
      named("x", { Config: { Cmd: ["\ud800"] } }),
      2,
      "x has a text that is not Unicode",
    ],
    ["a NUL", named("x", { Config: { Cmd: ["a\0b"] } }), 2, "components[0].cmd[0] must be"],
  ])("answers to %s", async (_, input, status, said) => {
    const folder = temporaryFolder();
    const run = await runCli(folder, ["import", "podman", "--out", "new", "-"], {}, input);
    expect(run.stderr).toContain(said);
    expect(run.stderr).not.toMatch(/bug of nixgen|^ +at /m);
    expect(run.status).toBe(status);
    expect(run.stdout).toBe("");
  });

  it.each([
    [[], "nixgen import needs to know what to import"],
    [["podmann", "-"], 'Did you mean "podman"?'],
    [["podman"], "nixgen import podman needs a file"],
    [["podman", "gone.json"], "gone.json cannot be read: no such file or directory"],
    [["podman", "--node", "a b", "-"], '--node cannot be "a b"'],
    [["podman", "--config", "gone.toml", "-"], "gone.toml does not exist"],
  ])("refuses %j", async (argv, said) => {
    const run = await runCli(temporaryFolder(), ["import", ...argv], {}, inspect("mcns"));
    expect(run.status).toBe(2);
    expect(run.stderr).toContain(said);
  });
});
