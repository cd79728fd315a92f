/** `nixgen lock accept`: the only way to let an identity change. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EXIT } from "../../src/cli/io.ts";
import { runCli } from "../support/cli.ts";
import { type Files, inventory, writeFiles } from "../support/fleet.ts";

const LOCK = "nixgen.lock";

/** The fleet that was built with other ids. */
function changed(more: Files = {}): string {
  return writeFiles({
    "nixgen.toml": inventory().replace(
      "uid = 850",
      "uid = 850\nsub_ids = { start = 100000, count = 65536 }",
    ),
    [LOCK]:
      'version = 1\n[uids]\n"pod@alpha" = 995\n"pod@beta" = 850\n[gids]\n"pod@alpha" = 988\n[sub_ids]\n"pod@alpha" = "200000:65536"\n[placement]\nold = "beta"\n',
    ...more,
  });
}

function lockOf(folder: string): string {
  return readFileSync(join(folder, LOCK), "utf8");
}

function accept(folder: string, kind: string, key = "pod@alpha", reason = "it had to be") {
  return runCli(folder, ["lock", "accept", kind, key, "--reason", reason]);
}

describe("lock accept", () => {
  it("says once more what is to be done, for a host where nobody has done it yet", async () => {
    const folder = changed();
    const steps = async (): Promise<string> =>
      (await accept(folder, "uid")).stdout.replace(/^.*\n/, "");
    const first = await steps();
    const lock = lockOf(folder);
    expect(first).toContain("recover.sh --cure");
    expect(await steps()).toBe(first);
    expect(lockOf(folder)).toBe(lock);
  });

  it("writes what it became, what it was and why, and silences the rule", async () => {
    const folder = changed();
    for (const [kind, from, to] of [
      ["uid", "995", "850"],
      ["gid", "988", "850"],
      ["sub_ids", "200000:65536", "100000:65536"],
    ] as const) {
      const rule = `${kind.replace("sub_ids", "subid")}-changed`;
      expect((await runCli(folder, ["lint", "--rule", rule])).stdout).toContain(`[${rule}]`);
      const { status, stdout, stderr } = await accept(folder, kind);
      expect({ status, stderr }).toEqual({ status: EXIT.ok, stderr: "" });
      expect(stdout).toMatch(
        new RegExp(`^${LOCK}: the ${kind} of pod@alpha may become ${to}, which was ${from}\n`),
      );
      expect((await runCli(folder, ["lint", "--rule", rule])).stdout).toBe("no findings\n");
    }
    expect(lockOf(folder)).toBe(`\
# Written by \`nixgen build\`: what was chosen once and must stay. Commit it.
# Nothing of an identity may change: podman would lose the containers of the host.

version = 2

[identities.alpha]
name = "pod"
uid = 850
group = "pod"
gid = 850
sub_ids = "100000:65536"

[identities.beta]
name = "pod"
uid = 850

[placement]
old = "beta"

[[accepted]]
kind = "uid"
key = "pod@alpha"
from = "995"
to = "850"
reason = "it had to be"

[[accepted]]
kind = "gid"
key = "pod@alpha"
from = "988"
to = "850"
reason = "it had to be"

[[accepted]]
kind = "sub_ids"
key = "pod@alpha"
from = "200000:65536"
to = "100000:65536"
reason = "it had to be"
`);
    expect((await runCli(folder, ["build"])).status).toBe(EXIT.ok);
    expect(lockOf(folder)).toContain("[[accepted]]");
  });

  it("says what is to be done on the host, in an order that keeps the containers", async () => {
    const { stdout } = await accept(changed(), "uid");
    const steps = [
      "loginctl disable-linger pod && loginctl terminate-user pod",
      // usermod would give the files in the home to the new uid itself, without their setuid bits.
      "usermod --uid 850 --home /nonexistent pod",
      "usermod --home /srv/pod pod",
      "out/alpha/recover.sh",
      "bash recover.sh --cure",
      "No container is lost. Never run podman system\nreset",
      "find /srv -uid 995 -exec chown --no-dereference --from=995 850 {} +",
    ];
    const places = steps.map((step) => stdout.indexOf(step));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
  });

  it("stops what systemd would start again, and finds data outside of /srv", async () => {
    const folder = changed({
      "services/web.toml": `name = "web"
node = "alpha"
[[components]]
name = "web"
image = "web:v1"
volumes = ["/srv/web:/data", "/mnt/disk/web:/more", "/etc/localtime:/l:ro", "/:/host", "cache:/c"]
`,
    });
    const { stdout } = await accept(folder, "uid");
    const stop = stdout.indexOf("  systemctl stop podman-web.service\n");
    expect(stop).toBeGreaterThan(-1);
    expect(stop).toBeLessThan(stdout.indexOf("loginctl"));
    expect(stdout).toContain("find /srv /mnt/disk/web -uid 995");
  });

  it("keeps the home of a user that is renamed, and says how", async () => {
    const folder = writeFiles({
      "nixgen.toml": inventory().replace('name = "pod"', 'name = "carrier"'),
      [LOCK]: 'version = 1\n[uids]\n"pod@alpha" = 850\n[gids]\n"pod@alpha" = 850\n',
    });
    const { status, stdout } = await accept(folder, "name", "carrier@alpha");
    expect(status).toBe(EXIT.ok);
    expect(stdout).toContain("loginctl disable-linger pod && loginctl terminate-user pod\n");
    expect(stdout).toContain("  usermod --login carrier pod\n  groupmod --new-name carrier pod\n");
    expect(stdout).toContain('Write home = "/srv/pod" into nixgen.toml first');
    expect(lockOf(folder)).toContain(
      'name = "carrier"\nuid = 850\ngroup = "carrier"\ngid = 850\nhome = "/srv/pod"\n',
    );
    const rules = async () => (await runCli(folder, ["lint", "--format", "compact"])).stdout;
    expect(await rules()).toContain("home-changed");
    const text = readFileSync(join(folder, "nixgen.toml"), "utf8");
    writeFiles(
      { "nixgen.toml": text.replace("uid = 850", 'uid = 850\nhome = "/srv/pod"') },
      folder,
    );
    expect(await rules()).toBe("");
  });

  it("says how a home is moved so that podman finds everything", async () => {
    const folder = writeFiles({
      "nixgen.toml": inventory().replace("uid = 850", 'uid = 850\nhome = "/data/pod"'),
      [LOCK]: 'version = 2\n[identities.alpha]\nname = "pod"\nhome = "/srv/pod"\n',
    });
    const { status, stdout } = await accept(folder, "home");
    expect(status).toBe(EXIT.ok);
    expect(stdout).toContain("the home of pod@alpha may become /data/pod, which was /srv/pod\n");
    expect(stdout).toContain(
      "  loginctl disable-linger pod && loginctl terminate-user pod\n" +
        "  mkdir --parents /data\n" +
        "  mv --no-target-directory /srv/pod /data/pod\n" +
        "  ln --symbolic --no-target-directory /data/pod /srv/pod\n",
    );
    expect((await runCli(folder, ["lint", "--rule", "home-changed"])).stdout).toBe("no findings\n");
  });

  it("moves a user to the group that others share, and keeps the setuid bits of images", async () => {
    const folder = writeFiles({
      "nixgen.toml": inventory().replace("gid = 850", 'group = "users"'),
      [LOCK]: 'version = 2\n[identities.alpha]\nname = "pod"\ngroup = "pod"\ngid = 850\n',
    });
    const { status, stdout } = await accept(folder, "gid");
    expect(status).toBe(EXIT.ok);
    expect(stdout).toContain("  usermod --gid users pod\n");
    expect(stdout).toContain("find /srv -gid 850 ! -type l -perm /6000");
    expect(stdout).toContain("find /srv -gid 850 -exec chgrp --no-dereference 100 {} +\n");
    expect(lockOf(folder)).toContain('group = "users"\ngid = 100\n');
    expect(lockOf(folder)).toContain(
      'kind = "group"\nkey = "pod@alpha"\nfrom = "pod"\nto = "users"',
    );
    expect((await runCli(folder, ["lint"])).stdout).toBe("no findings\n");
  });

  it("quotes what would mean something else to a shell", async () => {
    const folder = writeFiles({
      "nixgen.toml": inventory().replace('name = "pod"', 'name = "a;b\\u001b"\nhome = "/home/a b"'),
      [LOCK]: 'version = 1\n[uids]\n"a;b\\u001b@alpha" = 995\n',
    });
    const { status, stdout } = await accept(folder, "uid", "a;b\u001B@alpha");
    expect(status).toBe(EXIT.ok);
    expect(stdout).toContain(`usermod --uid 850 --home /nonexistent 'a;b'"$(printf '\\033')"''\n`);
    expect(stdout).toContain("find /srv '/home/a b' -uid");
  });

  it("accepts it from what the host has, where the lock has another one", async () => {
    const passwd = [{ name: "pod", uid: 990, gid: 850 }];
    const folder = changed({
      "facts/alpha.json": JSON.stringify({ schema: 1, host: "alpha", passwd }),
    });
    const { stdout } = await accept(folder, "uid");
    expect(stdout).toContain("may become 850, which was 990\n");
    expect((await runCli(folder, ["lint", "--rule", "uid-changed"])).stdout).toBe("no findings\n");
  });

  it("makes a lock where only the facts know the old one", async () => {
    const passwd = [{ name: "pod", uid: 990, gid: 850 }];
    const folder = writeFiles({
      "nixgen.toml": inventory(),
      "facts/alpha.json": JSON.stringify({ schema: 1, host: "alpha", passwd }),
    });
    expect((await accept(folder, "uid")).status).toBe(EXIT.ok);
    expect(lockOf(folder)).toContain('[identities.alpha]\nname = "pod"\nuid = 850\n');
  });

  const REFUSED: readonly [string, readonly string[], string, string][] = [
    ["no action", [], "does nothing without a word", "nixgen lock accept"],
    ["another action", ["forget"], 'nixgen lock cannot "forget"', "nixgen lock accept"],
    ["no key", ["accept", "uid"], "needs to know what may change", "USER@HOST"],
    ["a kind", ["accept", "uids", "pod@alpha", "--reason", "r"], 'knows no "uids"', '"uid"?'],
    ["no reason", ["accept", "uid", "pod@alpha"], "accepted for a reason", "--reason"],
    ["blanks", ["accept", "uid", "pod@alpha", "--reason", "  "], "for a reason", "--reason"],
    [
      "a text without end",
      ["accept", "uid", "pod@alpha", "--reason", "x".repeat(70_000)],
      "a reason has at most 1000 characters, and this one has 70000",
      "sentence",
    ],
    ["a key", ["accept", "uid", "pod@alhpa", "--reason", "r"], '"pod@alhpa"', '"pod@alpha"?'],
    ["more", ["accept", "uid", "pod@alpha", "x", "--reason", "r"], 'no argument "x"', "--help"],
    [
      "nothing changed",
      ["accept", "uid", "pod@beta", "--reason", "r"],
      "the uid of pod@beta has not changed",
      "nixgen.toml",
    ],
  ];

  it.each(REFUSED)("refuses: %s", async (_, argv, message, hint) => {
    const folder = changed();
    const before = lockOf(folder);
    const { status, stdout, stderr } = await runCli(folder, ["lock", ...argv]);
    expect({ status, stdout }).toEqual({ status: EXIT.usage, stdout: "" });
    const [first, second] = stderr.split("\n");
    expect(first).toContain(message);
    expect(second).toContain(hint);
    expect(lockOf(folder)).toBe(before);
  });

  it("does nothing in a fleet that cannot be read", async () => {
    const folder = writeFiles({ "nixgen.toml": inventory("[x]") });
    const { status, stderr } = await accept(folder, "uid");
    expect(status).toBe(EXIT.usage);
    expect(stderr).toContain("error[unknown-key]");
    expect(existsSync(join(folder, LOCK))).toBe(false);
  });
});

describe("a lock that cannot be read", () => {
  it.each([
    ["", "the file lacks the key version"],
    ["version = 1\n[uids", "nixgen.lock: "],
  ])("is to be brought back, not to be written anew: %j", async (text, message) => {
    const { status, stdout } = await runCli(changed({ [LOCK]: text }), ["lint"]);
    expect(status).toBe(EXIT.usage);
    expect(stdout).toContain(message);
    expect(stdout).toContain("bring back the last one that was committed");
  });
});

describe("a lock with a merge conflict", () => {
  it("is shown at its first marker, with what to keep", async () => {
    const folder = changed({
      [LOCK]:
        'version = 1\n[uids]\n"pod@beta" = 850\n<<<<<<< HEAD\n"pod@alpha" = 850\n=======\n"pod@alpha" = 995\n>>>>>>> main\n',
    });
    const { status, stdout } = await runCli(folder, ["lint"]);
    expect(status).toBe(EXIT.usage);
    expect(stdout).toContain("--> nixgen.lock:4:1\n");
    expect(stdout).toContain("do not guess: the one that the host has is right");
  });
});
