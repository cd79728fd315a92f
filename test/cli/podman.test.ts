/** `nixgen podman`: what it prints, and that every shell reads it as it was meant. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FLEETS } from "../generate/support.ts";
import { runCli } from "../support/cli.ts";
import { inventory, temporaryFolder, writeFiles } from "../support/fleet.ts";
import { main } from "../../src/cli/main.ts";
import type { Io, Output } from "../../src/cli/io.ts";

interface Entry {
  readonly name: string;
  readonly host: string;
  readonly service: string;
  readonly component: string;
  readonly stage: string | null;
  readonly argv: readonly string[];
}

async function entries(folder: string, ...argv: string[]): Promise<Entry[]> {
  const run = await runCli(folder, ["podman", "--json", ...argv]);
  expect(run.status).toBe(0);
  return JSON.parse(run.stdout) as Entry[];
}

const BOOT = `
[[boot.sequence]]
name = "first"
services = ["db"]

[[boot.sequence]]
name = "second"
services = ["web"]

[[nodes]]
name = "edge"
os = "debian"
role = "edge"
addresses = { lan = "192.168.1.12", vpn = "100.64.0.12" }
`;

const SMALL = {
  "nixgen.toml": inventory(BOOT),
  "services/db.toml": `
name = "db"
node = "alpha"
[[components]]
name = "web"
image = "example/web:1"
depends_on = ["db"]
[[components]]
name = "db"
image = "example/db@sha256:${"0".repeat(64)}"
restart = "on-failure:3"
pull = "never"
user = "70:70"
network = "inner"
ports = ["[2001:DB8:0::1]:5432:5432", "127.0.0.1:8000-8002:9000-9002/udp"]
volumes = ["/srv/db:/data:ro", "cache:/cache"]
env = ["A=b c", "EMPTY="]
env_files = ["/srv/db/secret.env"]
cmd = ["--flag", "two words"]
`,
  "services/web.toml": `
name = "web"
node = "beta"
[[components]]
name = "web"
image = "example/web:1"
routes = [{ port = 443 }]
`,
  "services/old.toml": `
name = "old"
node = "alpha"
active = false
[[components]]
name = "old"
image = "example/old:1"
`,
  "services/relay.toml": `
name = "relay"
node = "edge"
[[components]]
name = "relay"
image = "example/relay:1"
`,
};

describe("nixgen podman", () => {
  it("has all of a definition in its command", async () => {
    expect(await entries(writeFiles(SMALL), "db/db")).toEqual([
      {
        name: "db",
        host: "alpha",
        service: "db",
        component: "db",
        stage: "first",
        argv: [
          ...["podman", "run", "--detach", "--name", "db", "--restart", "on-failure:3"],
          ...["--pull", "never", "--network", "inner", "--dns", "169.254.1.1"],
          ...["--user", "70:70"],
          ...["--env-file", "/srv/db/secret.env", "--env", "A=b c", "--env", "EMPTY="],
          ...["--publish", "[2001:db8::1]:5432:5432"],
          ...["--publish", "127.0.0.1:8000-8002:9000-9002/udp"],
          ...["--volume", "/srv/db:/data:ro", "--volume", "cache:/cache"],
          ...[`example/db@sha256:${"0".repeat(64)}`, "--flag", "two words"],
        ],
      },
    ]);
  });

  it("prints it in boot order, after what a component depends on, for every host", async () => {
    const all = await entries(writeFiles(SMALL));
    expect(all.map(({ name, host, stage }) => [name, host, stage])).toEqual([
      ["db", "alpha", "first"],
      ["db-web", "alpha", "first"],
      ["web", "beta", "second"],
      ["relay", "edge", null],
    ]);
    expect(all[2]?.argv).toContain("127.0.0.1:10000:10000");
    expect(all[2]?.argv).toContain("PORT=10000");
    expect(all[3]?.argv).toEqual([
      ...["podman", "run", "--detach", "--name", "relay", "--restart", "unless-stopped"],
      ...["--pull", "missing", "example/relay:1"],
    ]);
  });

  it("prints what is asked for, also a service that is not active", async () => {
    const folder = writeFiles(SMALL);
    const names = async (...argv: string[]): Promise<string[]> =>
      (await entries(folder, ...argv)).map(({ name }) => name);
    expect(await names("--host", "alpha")).toEqual(["db", "db-web"]);
    expect(await names("db")).toEqual(["db", "db-web"]);
    expect(await names("web", "db/web")).toEqual(["db-web", "web"]);
    expect(await names("old")).toEqual(["old"]);
    expect(await names("--host", "beta")).toEqual(["web"]);
  });

  it.each([
    [["dbb"], 'there is no service "dbb"', 'Did you mean "db"?'],
    [["db/dbb"], 'service db has no component "dbb"', 'Did you mean "db"?'],
    [["db/db/db"], 'service db has no component "db/db"', "Known are db, web."],
    [["--host", "alpa"], 'there is no host "alpa"', 'Did you mean "alpha"?'],
    [["web", "--host", "alpha"], "service web does not run on alpha", "It runs on beta."],
  ])("refuses %j", async (argv, message, help) => {
    const run = await runCli(writeFiles(SMALL), ["podman", ...argv]);
    expect(run).toMatchObject({ status: 2, stdout: "" });
    expect(run.stderr.endsWith(`nixgen: ${message}\n${help}\n`)).toBe(true);
  });

  it("is there when it is needed most: errors of lint do not stop it", async () => {
    const files = { ...SMALL, "nixgen.toml": SMALL["nixgen.toml"].replaceAll("uid = 850", "") };
    const run = await runCli(writeFiles(files), ["podman", "db/db"]);
    expect(run.stderr).toMatch(/^nixgen lint finds \d+ errors? in this fleet\n$/);
    expect(run.stdout).toMatch(/^# alpha, stage first: db\npodman network exists inner \|\| /);
    expect(run.status).toBe(0);
  });

  it("says what keeps a fleet from being read", async () => {
    const run = await runCli(writeFiles({ "nixgen.toml": "[fleet]\n" }), ["podman"]);
    expect(run.stderr).toContain("error[schema]");
    expect(run.status).toBe(2);
  });

  it.each([["podman"], ["podman", "--json"], ["recover", "--host", "one"]])(
    "%j gives a terminal nothing that it would act on",
    async (...argv) => {
      let text = "";
      const output: Output = { isTerminal: true, write: (more) => void (text += more) };
      const folder = writeFiles(FLEETS.everything);
      const readInput = (): Uint8Array => new Uint8Array();
      const io: Io = { cwd: folder, env: {}, stdout: output, stderr: output, readInput };
      expect(await main(argv, io)).toBe(0);
      expect(text).not.toMatch(/(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    },
  );

  it.each(["bash", "dash"])("is read by %s as it was meant", async (shell) => {
    const folder = writeFiles(FLEETS.everything);
    const expected = (await entries(folder)).map(({ argv }) => argv.slice(1));
    const { stdout } = await runCli(folder, ["podman"]);
    const bin = temporaryFolder();
    const log = join(bin, "log");
    const script = `podman() { [ "$1" = network ] || printf '%s\\0' "$#" "$@" >>'${log}'; }\n${stdout}`;
    writeFiles({ script }, bin);
    expect(spawnSync(shell, [join(bin, "script")], { encoding: "utf8" }).stderr).toBe("");
    const words = spawnSync("cat", [log], { encoding: "utf8" }).stdout.split("\0");
    const seen: string[][] = [];
    for (let at = 0; at < words.length - 1; at += Number(words[at]) + 1) {
      seen.push(words.slice(at + 1, at + 1 + Number(words[at])));
    }
    expect(seen).toEqual(expected);
    expect(seen.length).toBeGreaterThan(8);
  });
});
