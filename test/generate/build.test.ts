/** `nixgen build` on real folders: what it writes, leaves alone and refuses. */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Run, runCli } from "../support/cli.ts";
import { temporaryFolder, writeFiles } from "../support/fleet.ts";
import { lacks } from "../support/tools.ts";
import { leaveWorkFolder } from "../support/work-folder.ts";

/** Two hosts with a container each, and names of the user and an image that tests change. */
function fleetFiles({ tag = "v1", hosts = ["alpha", "beta"] } = {}): Record<string, string> {
  const nodes = hosts.map(
    (host, index) => `
[[nodes]]
name = "${host}"
os = "nixos"
nixos_release = "25.11"
role = "${index === 0 ? "master" : "worker"}"
addresses = { lan = "192.168.1.1${index}", vpn = "100.64.0.1${index}" }
`,
  );
  return {
    "nixgen.toml": `
[fleet]
name = "test"

[user]
name = "pod"
uid = 850
gid = 850

[dns]
public = ["1.1.1.1", "8.8.8.8"]
${nodes.join("")}`,
    ...Object.fromEntries(
      hosts.map((host) => [
        `services/on-${host}.toml`,
        `name = "on-${host}"\nnode = "${host}"\n\n[[components]]\nname = "web"\nimage = "docker.io/library/nginx:${tag}"\nroutes = [{ port = 80 }]\n`,
      ]),
    ),
  };
}

/** A folder with a fleet that was built. */
async function built(): Promise<string> {
  const root = writeFiles(fleetFiles());
  await build(root);
  return root;
}

async function build(root: string, ...argv: string[]): Promise<Run> {
  const run = await runCli(root, ["build", ...argv]);
  if (run.status !== 0) throw new Error(run.stderr);
  return run;
}

/** Every entry below a folder: a file's text, a link's target, "folder". */
function snapshot(folder: string): Record<string, string> {
  const entries: Record<string, string> = {};
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    entries[path.slice(folder.length + 1)] = entry.isSymbolicLink()
      ? `-> ${readlinkSync(path)}`
      : entry.isDirectory()
        ? "folder"
        : readFileSync(path, "utf8");
  }
  return entries;
}

/** What tells whether a file was touched at all. */
function traces(folder: string): Record<string, string> {
  const paths = ["", ...readdirSync(folder, { recursive: true }).map(String)];
  return Object.fromEntries(
    paths.map((path) => {
      const { ino, mtimeMs, ctimeMs, mode } = lstatSync(join(folder, path));
      return [path, [ino, mtimeMs, ctimeMs, mode].join(" ")];
    }),
  );
}

describe("a path that no file of systemd can hold", () => {
  it.each(["/data/a\\nExecStart=/bin/id", "/srv/a\\rb", "/data/\\uFFFF", "/data/\\U0001FFFE"])(
    "%s is refused",
    async (path) => {
      const files = fleetFiles();
      const service = files["services/on-alpha.toml"] ?? "";
      const root = writeFiles({
        ...files,
        "services/on-alpha.toml": `${service}volumes = ["${path}:/data"]\n`,
      });
      const { status, stderr } = await runCli(root, ["build"]);
      expect(stderr).toMatch(/ is no volume\n| has a line break in it, or what is no character\n/);
      expect(status).toBe(2);
      expect(existsSync(join(root, "out"))).toBe(false);
    },
  );
});

describe("a build", () => {
  it("writes every file, the hashes of all of them, and nothing else", async () => {
    const root = await built();
    const files = Object.keys(snapshot(join(root, "out"))).filter((path) => path.includes("."));
    const { files: hashes } = JSON.parse(readFileSync(join(root, "out/manifest.json"), "utf8")) as {
      files: Record<string, string>;
    };
    expect([...Object.keys(hashes), "manifest.json"].sort()).toEqual(files.sort());
    for (const [path, hash] of Object.entries(hashes)) {
      const bytes = readFileSync(join(root, "out", path));
      expect(hash).toBe(`sha256-${createHash("sha256").update(bytes).digest("base64")}`);
    }
    expect(readdirSync(root).sort()).toEqual(["nixgen.lock", "nixgen.toml", "out", "services"]);
  });

  it("that changes nothing touches nothing", async () => {
    const root = await built();
    const before = traces(root);
    const run = await build(root);
    expect(run.stdout).toBe("out: up to date\n");
    expect(traces(root)).toEqual(before);
  });

  it("writes only what changes, and keeps the other files", async () => {
    const root = await built();
    const inodes = (host: string): number[] =>
      ["boot.nix", "containers.nix"].map((file) => statSync(join(root, "out", host, file)).ino);
    const before = { alpha: inodes("alpha"), beta: inodes("beta") };
    const service = join(root, "services/on-alpha.toml");
    writeFileSync(service, readFileSync(service, "utf8").replace("nginx:v1", "nginx:v2"));
    // containers.nix, RUNBOOK.md, recover.sh and the manifest
    expect((await build(root)).stdout).toBe("out: 4 files written\n");
    expect(inodes("beta")).toEqual(before.beta);
    expect(inodes("alpha")[0]).toBe(before.alpha[0]);
    expect(inodes("alpha")[1]).not.toBe(before.alpha[1]);
  });

  it("is the same, byte for byte, in another folder, locale and time zone", async () => {
    const [one, two] = [await built(), writeFiles(fleetFiles())];
    const saved = { ...process.env };
    onTestFinished(() => {
      process.env = saved;
    });
    process.env = { ...saved, LC_ALL: "tr_TR.UTF-8", LANG: "tr_TR.UTF-8", TZ: "Asia/Kathmandu" };
    await build(two);
    expect(snapshot(two)).toEqual(snapshot(one));
  });

  it("keeps the lock file as it is, although its text is another one", async () => {
    const root = await built();
    const lock = join(root, "nixgen.lock");
    writeFileSync(lock, `# a comment\n${readFileSync(lock, "utf8")}\n`);
    const before = traces(root);
    await build(root);
    expect(traces(root)).toEqual(before);
  });

  it("keeps a route's port, whatever comes later", async () => {
    const root = await built();
    const port = /on-alpha.* = (\d+)/.exec(readFileSync(join(root, "nixgen.lock"), "utf8"))?.[1];
    expect(port).toBeDefined();
    writeFiles(fleetFiles({ hosts: ["alpha", "aaa", "beta"] }), root);
    await build(root);
    const lock = readFileSync(join(root, "nixgen.lock"), "utf8");
    expect(/on-alpha.* = (\d+)/.exec(lock)?.[1]).toBe(port);
  });

  it("with lint errors writes nothing", async () => {
    const root = await built();
    const inventory = join(root, "nixgen.toml");
    writeFileSync(inventory, readFileSync(inventory, "utf8").replace("uid = 850", "uid = 851"));
    const before = traces(root);
    const run = await runCli(root, ["build"]);
    expect(run.status).toBe(1);
    expect(run.stderr).toContain("uid-changed");
    expect(traces(root)).toEqual(before);
  });

  it("of files that do not load writes nothing", async () => {
    const root = await built();
    writeFileSync(join(root, "services/on-beta.toml"), "name = ");
    const before = traces(root);
    expect((await runCli(root, ["build"])).status).toBe(2);
    expect(traces(root)).toEqual(before);
  });
});

describe("a file that was changed by hand", () => {
  it("is kept, and nothing else written, without --force", async () => {
    const root = await built();
    const file = join(root, "out/alpha/users.nix");
    writeFileSync(file, "# mine\n");
    writeFiles(fleetFiles({ tag: "v2" }), root);
    // The work folder beside the output folder may have come and gone, which is a trace of the root.
    const rest = (): object => ({ ...traces(root), "": readdirSync(root) });
    const before = rest();
    const run = await runCli(root, ["build"]);
    expect(run.status).toBe(2);
    expect(run.stderr).toContain("out/alpha/users.nix was changed by hand");
    expect(rest()).toEqual(before);
  });

  it("is overwritten with --force", async () => {
    const root = await built();
    const before = snapshot(root);
    writeFileSync(join(root, "out/alpha/users.nix"), "# mine\n");
    await build(root, "--force");
    expect(snapshot(root)).toEqual(before);
  });

  it.each([0, 100])("is noticed where only %s bytes of it are left", async (length) => {
    const root = await built();
    const before = snapshot(root);
    truncateSync(join(root, "out/alpha/users.nix"), length);
    expect(await runCli(root, ["build", "--check"])).toMatchObject({ status: 1 });
    expect(await runCli(root, ["build"])).toMatchObject({ status: 2 });
    await build(root, "--force");
    expect(snapshot(root)).toEqual(before);
  });

  it("is written again where it was removed", async () => {
    const root = await built();
    const before = snapshot(root);
    unlinkSync(join(root, "out/alpha/users.nix"));
    await build(root);
    expect(snapshot(root)).toEqual(before);
  });

  it("is not removed with its host, without --force", async () => {
    const root = await built();
    const file = join(root, "out/beta/users.nix");
    writeFileSync(file, "# mine\n");
    removeBeta(root);
    expect((await runCli(root, ["build"])).status).toBe(2);
    expect(readFileSync(file, "utf8")).toBe("# mine\n");
    await build(root, "--force");
    expect(existsSync(join(root, "out/beta"))).toBe(false);
  });

  it("counts as such where nixgen never wrote it, or where it is a link or a folder", async () => {
    const root = writeFiles({ ...fleetFiles(), "out/alpha/users.nix": "# mine\n" });
    symlinkSync("../nixgen.toml", join(root, "out/default.nix"));
    const run = await runCli(root, ["build"]);
    expect(run.status).toBe(2);
    expect(run.stderr).toContain("out/alpha/users.nix, out/default.nix were changed by hand");
    await build(root, "--force");
    expect(lstatSync(join(root, "out/default.nix")).isFile()).toBe(true);
    expect(readFileSync(join(root, "nixgen.toml"), "utf8")).toContain("[fleet]");
  });
});

/** Takes the host beta out of the fleet. */
function removeBeta(root: string): void {
  rmSync(join(root, "services/on-beta.toml"));
  writeFileSync(join(root, "nixgen.toml"), fleetFiles({ hosts: ["alpha"] })["nixgen.toml"] ?? "");
}

describe("what is not nixgen's", () => {
  it("stays, as the same files, while the files of a removed host go", async () => {
    const root = await built();
    const out = join(root, "out");
    writeFiles({ "NOTES.md": "mine\n", "alpha/extra.nix": "{ }\n", "sub/deep/x": "x" }, out);
    mkdirSync(join(out, "empty"));
    symlinkSync("nowhere", join(out, "dangling"));
    symlinkSync("../services", join(out, "alpha/services"));
    chmodSync(join(out, "NOTES.md"), 0o600);
    chmodSync(join(out, "sub"), 0o700);
    chmodSync(out, 0o750);
    const inode = statSync(join(out, "NOTES.md")).ino;
    removeBeta(root);
    const run = await build(root);
    expect(run.stdout).toMatch(/^out: 2 files written, \d+ files removed/);
    const after = snapshot(out);
    expect(after).toMatchObject({
      "NOTES.md": "mine\n",
      "alpha/extra.nix": "{ }\n",
      "sub/deep/x": "x",
      empty: "folder",
      dangling: "-> nowhere",
      "alpha/services": "-> ../services",
    });
    expect(Object.keys(after).filter((path) => path.startsWith("beta"))).toEqual([]);
    expect(statSync(join(out, "NOTES.md")).ino).toBe(inode);
    expect(statSync(join(out, "NOTES.md")).mode & 0o777).toBe(0o600);
    expect(statSync(join(out, "sub")).mode & 0o777).toBe(0o700);
    expect(statSync(out).mode & 0o777).toBe(0o750);
  });

  it("stays in the folder of a removed host", async () => {
    const root = await built();
    writeFileSync(join(root, "out/beta/hardware.nix"), "{ }\n");
    removeBeta(root);
    await build(root);
    expect(readdirSync(join(root, "out/beta"))).toEqual(["hardware.nix"]);
  });

  it.each(["a file", "a link", "a folder"])("and is in the way (%s) is named", async (kind) => {
    const root = await built();
    const out = join(root, "out");
    const inTheWay = join(out, kind === "a folder" ? "default.nix" : "beta");
    rmSync(inTheWay, { recursive: true });
    if (kind === "a file") writeFileSync(inTheWay, "mine\n");
    if (kind === "a link") symlinkSync("../services", inTheWay);
    if (kind === "a folder") writeFiles({ precious: "x" }, inTheWay);
    const before = snapshot(root);
    const run = await runCli(root, ["build", "--force"]);
    expect(run.status).toBe(2);
    expect(run.stderr).toContain(inTheWay);
    expect(snapshot(root)).toEqual(before);
    rmSync(inTheWay, { recursive: true });
    await build(root);
  });
});

describe("the output folder", () => {
  it("may be a link where the call names it, also to a folder that is not there yet", async () => {
    const root = writeFiles(fleetFiles());
    symlinkSync("elsewhere", join(root, "out"));
    await build(root, "--out", "out");
    writeFiles(fleetFiles({ tag: "v2" }), root);
    await build(root, "--out", "out");
    expect(readlinkSync(join(root, "out"))).toBe("elsewhere");
    expect(readdirSync(join(root, "elsewhere")).sort()).toEqual([
      "alpha", "beta", "default.nix", "manifest.json",
    ]); // prettier-ignore
    expect(readdirSync(root).filter((name) => name.startsWith("."))).toEqual([]);
  });

  it("is made with the folders above it", async () => {
    const root = writeFiles(fleetFiles());
    await build(root, "--out", "a b/c");
    expect(existsSync(join(root, "a b/c/alpha/default.nix"))).toBe(true);
  });

  it("is not a file", async () => {
    const root = writeFiles({ ...fleetFiles(), out: "mine" });
    for (const argv of [[], ["--force"], ["--out", "out/deeper"]]) {
      const run = await runCli(root, ["build", ...argv]);
      expect(run.status, run.stderr).toBe(2);
      expect(readFileSync(join(root, "out"), "utf8")).toBe("mine");
    }
  });
});

describe("a manifest that is not as nixgen wrote it", () => {
  const broken: [string, string][] = [
    ["no JSON", "<<<<<<< HEAD"],
    ["no object", "null"],
    ["no files", "{}"],
    ["a path above the folder", '{"version":1,"files":{"../victim":"x"}}'],
    ["an absolute path", '{"version":1,"files":{"/etc/passwd":"x"}}'],
    ["a path through ..", '{"version":1,"files":{"a/../../victim":"x"}}'],
    ["NUL in a path", '{"version":1,"files":{"a\\u0000":"x"}}'],
    ["a hash that is no text", '{"version":1,"files":{"a":1}}'],
  ];

  it.each(broken)("(%s) is refused, and replaced with --force", async (_, text) => {
    const root = await built();
    const good = snapshot(root);
    writeFileSync(join(root, "victim"), "mine");
    const manifest = join(root, "out/manifest.json");
    writeFileSync(manifest, text);
    for (const argv of [[], ["--check"]]) {
      const run = await runCli(root, ["build", ...argv]);
      expect(run.status).toBe(2);
      expect(run.stderr).toContain("is not as nixgen wrote it");
      expect(readFileSync(manifest, "utf8")).toBe(text);
    }
    await build(root, "--force");
    expect(snapshot(root)).toEqual({ ...good, victim: "mine" });
  });
});

describe("--host", () => {
  it("builds one host and keeps the others as they are", async () => {
    const root = await built();
    const before = snapshot(join(root, "out"));
    writeFiles(fleetFiles({ tag: "v2" }), root);
    await build(root, "--host", "alpha");
    const after = snapshot(join(root, "out"));
    const changed = Object.keys(after).filter((path) => after[path] !== before[path]);
    expect(changed).toContain("alpha/containers.nix");
    expect(changed.filter((path) => !path.startsWith("alpha/"))).toEqual(["manifest.json"]);
    expect(await runCli(root, ["build", "--check"])).toMatchObject({ status: 1 });
    expect(await runCli(root, ["build", "--check", "--host", "alpha"])).toMatchObject({
      status: 0,
    });
  });

  it("does not name hosts that were never built", async () => {
    const root = writeFiles(fleetFiles());
    await build(root, "--host", "alpha");
    expect(readFileSync(join(root, "out/default.nix"), "utf8")).not.toContain("beta");
    await build(root, "--host", "beta");
    expect(readFileSync(join(root, "out/default.nix"), "utf8")).toContain("alpha = ./alpha;");
  });

  it.each([
    [["--host", "alpha", "beta"]],
    [["--host", "alpha", "--host", "beta"]],
    [["--host=beta", "alpha"]],
  ])("takes several: %j", async (argv) => {
    const [one, two] = [await built(), writeFiles(fleetFiles())];
    await build(two, ...argv);
    expect(snapshot(two)).toEqual(snapshot(one));
  });

  it("refuses one that is not there, with a suggestion", async () => {
    const root = await built();
    const before = traces(root);
    const run = await runCli(root, ["build", "--host", "alhpa"]);
    expect(run.status).toBe(2);
    expect(run.stderr).toContain('there is no NixOS host "alhpa"');
    expect(run.stderr).toContain("alpha");
    expect(traces(root)).toEqual(before);
  });
});

describe("--check", () => {
  it("says nothing and is 0 where all is up to date", async () => {
    const root = await built();
    const before = traces(root);
    expect(await runCli(root, ["build", "--check"])).toMatchObject({ status: 0, stdout: "" });
    expect(traces(root)).toEqual(before);
  });

  const stale: [string, (root: string) => void][] = [
    ["changed inputs", (root) => writeFiles(fleetFiles({ tag: "v2" }), root)],
    ["a removed host", removeBeta],
    ["a new host", (root) => writeFiles(fleetFiles({ hosts: ["alpha", "beta", "gamma"] }), root)],
    ["a file changed by hand", (root) => { writeFileSync(join(root, "out/alpha/users.nix"), "# mine"); }],
    ["nothing built yet", (root) => { rmSync(join(root, "out"), { recursive: true }); rmSync(join(root, "nixgen.lock")); }],
  ]; // prettier-ignore

  describe.skipIf(lacks("git"))("prints a diff that git apply takes:", () => {
    it.each(stale)("%s", async (_, change) => {
      const root = await built();
      change(root);
      const before = traces(root);
      const run = await runCli(root, ["build", "--check"]);
      expect(run.status).toBe(1);
      expect(traces(root)).toEqual(before);
      apply(root, run.stdout);
      expect(await runCli(root, ["build", "--check"])).toMatchObject({ status: 0, stdout: "" });
      await build(root);
    });

    it("an output folder with a blank in its name, below another one", async () => {
      const root = writeFiles(fleetFiles());
      const argv = ["build", "--check", "--out", "my é/out put"];
      apply(root, (await runCli(root, argv)).stdout);
      expect(await runCli(root, argv)).toMatchObject({ status: 0 });
      writeFiles(fleetFiles({ tag: "v2" }), root);
      apply(root, (await runCli(root, argv)).stdout);
      expect(await runCli(root, argv)).toMatchObject({ status: 0 });
    });
  });
});

/** Applies a diff with the real git, in a folder of no repository. */
function apply(root: string, diff: string): void {
  execFileSync("git", ["apply", "--verbose", "-"], {
    cwd: root,
    input: diff,
    env: { ...process.env, GIT_CEILING_DIRECTORIES: root, GIT_DIR: join(root, ".none") },
    stdio: ["pipe", "pipe", "pipe"],
  });
}

describe("what a killed build left", () => {
  /** The number of a process that has ended. */
  const dead = spawnSync("true").pid;

  it("is cleared up, with the old tree put back first", async () => {
    const root = await built();
    const [out, work] = [join(root, "out"), leaveWorkFolder(root, dead)];
    writeFileSync(join(out, "NOTES.md"), "mine\n");
    writeFileSync(join(out, "alpha/users.nix"), "# mine\n");
    mkdirSync(join(work, "new"));
    renameSync(out, join(work, "old"));
    // Put back before it is compared: what was changed by hand is seen.
    const run = await runCli(root, ["build"]);
    expect(run.stderr).toContain("changed by hand");
    expect(existsSync(work)).toBe(false);
    await build(root, "--force");
    expect(readFileSync(join(out, "NOTES.md"), "utf8")).toBe("mine\n");
  });

  it.each(["new", "old"])("is removed where it was killed later (%s)", async (part) => {
    const root = await built();
    const before = snapshot(root);
    writeFiles({ [`${part}/x`]: "x" }, leaveWorkFolder(root, dead));
    writeFiles({ "new/x": "x" }, leaveWorkFolder(root, process.pid));
    await build(root);
    expect(snapshot(root)).toEqual(before);
  });

  it("is removed where it was killed before it had made its mark", async () => {
    const root = await built();
    const before = snapshot(root);
    mkdirSync(join(root, `.out.nixgen-${dead}`));
    await build(root);
    expect(snapshot(root)).toEqual(before);
  });

  it("is kept where the process lives, or where the old tree is in nobody's place", async () => {
    const root = await built();
    writeFiles({ "new/x": "x" }, leaveWorkFolder(root, 1));
    writeFiles({ ".out.nixgen-notes": "mine" }, root);
    writeFiles({ "new/x": "x", "old/x": "x" }, leaveWorkFolder(root, dead));
    const before = snapshot(root);
    await build(root);
    expect(snapshot(root)).toEqual(before);
  });
});

const isRoot = process.getuid?.() === 0;

describe("a folder that cannot be written", () => {
  it.skipIf(!isRoot)("on a full disk is left as it was", async () => {
    const root = temporaryFolder();
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", root]);
    onTestFinished(() => void spawnSync("umount", ["-l", root]));
    writeFiles(fleetFiles(), root);
    await build(root);
    const before = snapshot(root);
    writeFiles(fleetFiles({ tag: "v2" }), root);
    try {
      writeFileSync(join(root, "ballast"), Buffer.alloc(1 << 22));
    } catch {
      // As full as can be.
    }
    const run = await runCli(root, ["build"]);
    expect(run.status).toBe(2);
    expect(run.stderr).toContain("no space left");
    rmSync(join(root, "ballast"));
    expect(readdirSync(root).sort()).toEqual(["nixgen.lock", "nixgen.toml", "out", "services"]);
    const after = snapshot(root);
    for (const path of Object.keys(before)) {
      if (!path.startsWith("services/")) expect(after[path], path).toBe(before[path]);
    }
    await build(root);
  });

  it.skipIf(!isRoot)("on a read-only disk is left as it was", async () => {
    const root = temporaryFolder();
    execFileSync("mount", ["-t", "tmpfs", "tmpfs", root]);
    onTestFinished(() => void spawnSync("umount", ["-l", root]));
    writeFiles(fleetFiles(), root);
    await build(root);
    writeFiles(fleetFiles({ tag: "v2" }), root);
    const before = traces(root);
    execFileSync("mount", ["-o", "remount,ro", root]);
    for (const argv of [[], ["--force"]]) {
      const run = await runCli(root, ["build", ...argv]);
      expect(run.status).toBe(2);
      expect(run.stderr).toContain("read-only file system");
    }
    expect(await runCli(root, ["build", "--check"])).toMatchObject({ status: 1 });
    expect(traces(root)).toEqual(before);
  });
});

describe.skipIf(!isRoot)("what is nobody's in the output folder", () => {
  it("keeps its owners, and the folder has the one that it had", async () => {
    const root = await built();
    writeFiles({ "out/mine/a": "mine" }, root);
    for (const path of ["out", "out/mine", "out/mine/a"]) chownSync(join(root, path), 1234, 1235);
    writeFiles(fleetFiles({ tag: "v2" }), root);
    await build(root);
    for (const path of ["out", "out/mine", "out/mine/a"]) {
      const { uid, gid } = statSync(join(root, path));
      expect({ path, uid, gid }).toEqual({ path, uid: 1234, gid: 1235 });
    }
  });

  it("is not copied from what is mounted there, of which the old tree would keep the files", async () => {
    const root = await built();
    const mounted = join(root, "out/mine");
    mkdirSync(mounted);
    execFileSync("mount", ["-t", "tmpfs", "tmpfs", mounted]);
    onTestFinished(() => void spawnSync("umount", ["-l", mounted]));
    writeFiles({ a: "precious" }, mounted);
    writeFiles(fleetFiles({ tag: "v2" }), root);
    const before = snapshot(root);
    const run = await runCli(root, ["build"]);
    expect(run.status).toBe(2);
    expect(run.stderr).toContain(
      "out/mine/a is on something that is mounted on the output folder or below it",
    );
    expect(snapshot(root)).toEqual(before);
  });
});

/** Programs that stand in for mv: one that can exchange, as that of coreutils 9.5, and one that cannot. */
const MV = {
  exchange: `#!/usr/bin/env python3
import ctypes, os, sys
a, b = sys.argv[-2:]
libc = ctypes.CDLL(None, use_errno=True)
sys.exit(0 if libc.renameat2(-100, os.fsencode(a), -100, os.fsencode(b), 2) == 0 else 1)
`,
  none: "#!/bin/sh\nexit 1\n",
} as const;

describe.skipIf(lacks("python3")).each(["exchange", "none"] as const)("with %s in mv", (kind) => {
  it("the new tree takes the old one's place, and nothing is left beside it", async () => {
    const bin = writeFiles({ mv: MV[kind] });
    chmodSync(join(bin, "mv"), 0o755);
    const saved = process.env["PATH"];
    onTestFinished(() => {
      process.env["PATH"] = saved;
    });
    process.env["PATH"] = `${bin}:${saved ?? ""}`;
    const [root, fresh] = [await built(), writeFiles(fleetFiles({ tag: "v2" }))];
    writeFileSync(join(root, "out/NOTES.md"), "mine\n");
    writeFiles(fleetFiles({ tag: "v2" }), root);
    await build(root);
    await build(fresh);
    expect(snapshot(root)).toEqual({ ...snapshot(fresh), "out/NOTES.md": "mine\n" });
  });
});
