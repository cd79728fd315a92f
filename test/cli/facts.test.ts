/** `nixgen facts check`; the script itself is run in test/facts/. */
import { describe, expect, it } from "vitest";
import { runCli } from "../support/cli.ts";
import { inventory, writeFiles } from "../support/fleet.ts";

const FULL = {
  schema: 2,
  host: "alpha",
  collected: "2026-04-02T20:00:00Z",
  system: { id: "nixos", version: "25.11" },
  passwd: [{ name: "root", uid: 0, gid: 0 }],
  group: [{ name: "root", gid: 0 }],
  sub_ids: { read_by: "getsubids" },
  nixos_uid_map: { sshd: 998 },
  addresses: [],
  linger: [],
  runtime_dirs: [],
  srv: [],
  resolver: {},
  listeners: [],
  firewall: { enable: false, open: {} },
  podman: [{ user: "pod", containers: [] }],
};

describe("nixgen facts check", () => {
  it("says which host they are of, and no more where all is there", async () => {
    const folder = writeFiles({
      "nixgen.toml": inventory(),
      "facts/alpha.json": JSON.stringify(FULL),
    });
    expect(await runCli(folder, ["facts", "check", "facts/alpha.json"])).toEqual({
      status: 0,
      stdout:
        "facts/alpha.json: the facts of alpha (master, nixos), collected 2026-04-02T20:00:00Z\n",
      stderr: "",
    });
  });

  it("asks for facts of today's format", async () => {
    const text = JSON.stringify({ ...FULL, schema: 1, sub_ids: undefined });
    const { status, stdout } = await runCli("/", ["facts", "check", "-"], {}, text);
    expect(status).toBe(0);
    expect(stdout.split("\n").slice(1)).toEqual([
      "  format 1, of an older script. The script collects more now: collect them again.",
      "",
    ]);
  });

  it("says what was not collected, and what podman said", async () => {
    const { linger, ...most } = FULL;
    expect(linger).toEqual([]);
    const facts = {
      ...most,
      incomplete: ["srv"],
      podman: [{ user: "pod", error: "newuidmap: \u001B[31mno\n" }],
    };
    const { status, stdout } = await runCli(
      "/",
      ["facts", "check", "-"],
      {},
      JSON.stringify(facts),
    );
    expect(status).toBe(0);
    expect(stdout.split("\n")).toEqual([
      "standard input: the facts of alpha, collected 2026-04-02T20:00:00Z",
      "  without linger. Whether the containers stop when the last login of their user ends is not known.",
      "  without a part of srv. It was too much, or could not be read: run the script as root to see all of it.",
      "  without the containers of pod. Podman: newuidmap: \\u{1b}[31mno",
      "",
    ]);
  });

  it("exits 1 for a host that the inventory does not have", async () => {
    const folder = writeFiles({ "nixgen.toml": inventory() });
    const text = JSON.stringify({ ...FULL, host: "alpa" });
    const { status, stdout } = await runCli(folder, ["facts", "check", "-"], {}, text);
    expect(status).toBe(1);
    expect(stdout).toContain('  nixgen.toml has no host alpa. Did you mean "alpha"?\n');
  });

  it("sends nothing of the inventory to a terminal that would control it", async () => {
    const hostile = 'name = "a\\u001b[31m\\n::error::x\\u202e"';
    const folder = writeFiles({ "nixgen.toml": inventory().replace('name = "alpha"', hostile) });
    const text = JSON.stringify({ ...FULL, host: "somebody" });
    const { stdout } = await runCli(folder, ["facts", "check", "-"], {}, text);
    expect(stdout).toContain("Known are a\\u{1b}[31m\\u{a}::error::x\\u{202e}, beta.\n");
  });

  it("shows where facts are wrong, in every file", async () => {
    const folder = writeFiles({
      "a.json": '{ "schema": 1, "host": "a", "passwd": [{ "name": "x", "uid": "0" }] }',
      "b.json": '{ "schema": 1, "host": "c" }',
      "c.json": '{ "schema": 1, ',
    });
    const { status, stdout } = await runCli(folder, [
      "facts",
      "check",
      "a.json",
      "b.json",
      "c.json",
    ]);
    expect(status).toBe(2);
    expect(stdout).toMatch(/passwd\[0\]\.uid must be [^\n]*\n *--> a\.json:1:62/);
    expect(stdout).toMatch(/named otherwise\n *--> b\.json:1:24/);
    expect(stdout).toMatch(
      /text ends[^\n]*\n *--> c\.json:1:15\n1 \| \{ "schema": 1,\n {2}\| {15}\^/,
    );
  });

  it("reads JSON whatever the file is called, and standard input that is no text", async () => {
    const folder = writeFiles({ alpha: JSON.stringify(FULL) });
    expect((await runCli(folder, ["facts", "check", "alpha"])).status).toBe(0);
    const { status, stdout } = await runCli("/", ["facts", "check", "-"], {}, "");
    expect(status).toBe(2);
    expect(stdout).toContain("--> standard input:1:1");
  });

  it.each([
    [["facts"], "nixgen facts needs to know what to do"],
    [["facts", "chekc"], 'Did you mean "check"?'],
    [["facts", "check"], "nixgen facts check needs a file"],
    [["facts", "script", "x"], "takes no argument"],
    [["facts", "check", "-", "--config", "none.toml"], "none.toml does not exist"],
  ])("%j cannot be used", async (argv, message) => {
    const { status, stderr } = await runCli("/", argv);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });
});
