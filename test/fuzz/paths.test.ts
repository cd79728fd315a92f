/**
 * Hostile paths and large files, through the real program: it neither hangs nor writes anything but its
 * output folder and the lock, and says what it does not take.
 */
import { spawnSync } from "node:child_process";
import {
  closeSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Files, inventory, temporaryFolder, writeFiles } from "../support/fleet.ts";
import { HOSTILE } from "../support/hostile.ts";

const PROGRAM = join(process.cwd(), "dist/nixgen.cjs");

beforeAll(() => {
  const { status, stderr } = spawnSync("npx", ["tsx", "scripts/build.ts"], { encoding: "utf8" });
  expect(status, stderr).toBe(0);
});

function run(cwd: string, ...argv: readonly string[]) {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...argv], {
    cwd,
    encoding: "utf8",
    env: { PATH: process.env["PATH"] ?? "" },
    timeout: 30_000,
    maxBuffer: 1 << 30,
  });
  expect(signal).toBe(null);
  expect(stdout + stderr).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
  return { status, stdout, stderr };
}

const SERVICE = `name = "web"
node = "alpha"

[[components]]
name = "web"
image = "registry.example/web:v1.0.0"
`;

function withOut(out: string): string {
  return inventory('[[boot.sequence]]\nname = "all"\nservices = ["web"]').replace(
    'name = "test"',
    `name = "test"\nout = ${JSON.stringify(out)}`,
  );
}

/** Everything below a folder: what it is, when it was changed, and what is in it. */
function snapshot(folder: string, besides: readonly string[] = []): Record<string, string> {
  const found: Record<string, string> = {};
  const visit = (path: string): void => {
    if (besides.includes(path)) return;
    const full = join(folder, path);
    const stat = lstatSync(full);
    const content = stat.isSymbolicLink()
      ? readlinkSync(full)
      : stat.isFile()
        ? readFileSync(full, "latin1")
        : "";
    // A folder is changed by what is made in it, and that is seen by itself.
    const times = stat.isDirectory() ? "" : `${stat.ino} ${stat.mtimeMs}`;
    found[path] = `${stat.mode} ${times} ${content}`;
    if (stat.isDirectory()) for (const name of readdirSync(full)) visit(join(path, name));
  };
  visit(".");
  return found;
}

/** A fleet below a folder with other things in it. */
function surrounded(files: Files): { top: string; root: string } {
  const top = writeFiles({
    "precious/a.txt": "mine",
    "b.txt": "mine",
    "fleet/other/c.nix": "mine",
  });
  writeFiles({ "services/web.toml": SERVICE, ...files }, join(top, "fleet"));
  return { top, root: join(top, "fleet") };
}

describe("a build writes nothing but its output folder and the lock", () => {
  it.each([
    "out",
    "a/b/c",
    "./out/",
    "services/out",
    "other",
    "-rf",
    "o ut\u202e$(id)",
    "~",
    "...",
  ])("with out = %j", (out) => {
    const { top, root } = surrounded({ "nixgen.toml": withOut(out) });
    const mine = [
      join("fleet", out).replace(/\/$/, ""),
      "fleet/nixgen.lock",
      ...(out === "a/b/c" ? ["fleet/a"] : []),
    ];
    const before = snapshot(top, mine);
    expect(run(root, "build").status).toBe(0);
    expect(snapshot(top, mine)).toEqual(before);
    expect(readdirSync(join(root, out))).toContain("manifest.json");
    expect(run(root, "build", "--check").status).toBe(0);
  });

  it("with an absolute path, and through a link, where the call names it", () => {
    const elsewhere = temporaryFolder();
    const { top, root } = surrounded({ "nixgen.toml": withOut("out") });
    symlinkSync(elsewhere, join(root, "out"));
    writeFileSync(join(elsewhere, "mine.txt"), "mine");
    const before = snapshot(top, ["fleet/nixgen.lock"]);
    expect(run(root, "build").status).toBe(2);
    expect(readdirSync(elsewhere)).toEqual(["mine.txt"]);
    expect(run(root, "build", "--out", "out").status).toBe(0);
    expect(run(root, "build", "--out", join(elsewhere, "deeper")).status).toBe(0);
    expect(snapshot(top, ["fleet/nixgen.lock"])).toEqual(before);
    expect(readFileSync(join(elsewhere, "mine.txt"), "utf8")).toBe("mine");
    expect(readdirSync(join(elsewhere, "deeper"))).toContain("manifest.json");
  });

  it.each([".", "services/..", "b/../."])(
    "and nothing at all where the fleet is in it: out = %j",
    (out) => {
      const { top, root } = surrounded({ "nixgen.toml": withOut(out) });
      const before = snapshot(top);
      const { status, stderr } = run(root, "build");
      expect(status).toBe(2);
      expect(stderr).toContain("the fleet itself is in it");
      expect(snapshot(top)).toEqual(before);
    },
  );

  it.each(["..", "/", "../..", "../evil", "/tmp/evil", "b/../../evil"])(
    "and nothing at all where it is not in the fleet's folder: out = %j",
    (out) => {
      const { top, root } = surrounded({ "nixgen.toml": withOut(out) });
      const before = snapshot(top);
      const { status, stderr } = run(root, "build");
      expect(status).toBe(2);
      expect(stderr).toMatch(/fleet\.out leads to \S+, which is not below /);
      expect(snapshot(top)).toEqual(before);
    },
  );

  it.each([
    "nixgen.toml",
    "services/web.toml",
    "/dev/null",
    "/dev/zero",
    "/proc/self/x",
    "loop",
    "",
  ])("and nothing at all where that is no folder: out = %j", (out) => {
    const { top, root } = surrounded({ "nixgen.toml": withOut(out) });
    symlinkSync("loop", join(root, "loop"));
    const before = snapshot(top, ["fleet/nixgen.lock"]);
    const { status, stderr } = run(root, "build");
    expect(status).toBe(2);
    expect(stderr).toMatch(/^nixgen: |--> nixgen\.toml/m);
    expect(snapshot(top, ["fleet/nixgen.lock"])).toEqual(before);
  });

  it.each(["alpha", "default.nix", "manifest.json", "alpha/users.nix"])(
    "where a link was put in the place of %s",
    (name) => {
      const { top, root } = surrounded({ "nixgen.toml": withOut("out") });
      expect(run(root, "build").status).toBe(0);
      const place = join(root, "out", name);
      spawnSync("rm", ["-r", place]);
      const target = name === "alpha" ? "precious" : "b.txt";
      symlinkSync(join(top, target), place);
      const before = snapshot(top, ["fleet/out"]);
      for (const force of [[], ["--force"]]) run(root, "build", ...force);
      expect(snapshot(top, ["fleet/out"])).toEqual(before);
    },
  );
});

describe("a link in the fleet's folder", () => {
  it.each([
    ["nixgen.baseline.json", "b.txt", "lint --write-baseline"],
    ["x.json", "nowhere.txt", "lint --write-baseline --baseline x.json"],
    ["x.sarif", "b.txt", "lint --format sarif=x.sarif"],
    ["reports", "precious", "lint --format sarif=reports/x.sarif"],
  ])("does not lead outside of it: %s -> %s, nixgen %s", (name, target, call) => {
    const { top, root } = surrounded({ "nixgen.toml": withOut("out") });
    symlinkSync(join("..", target), join(root, name));
    const before = snapshot(top);
    const { status, stderr } = run(root, ...call.split(" "));
    expect(status).toBe(2);
    expect(stderr).toContain(`a link leads to ${join(top, target)}`);
    expect(snapshot(top)).toEqual(before);
  });

  it("is followed to what is in there, and where the call itself names what is outside", () => {
    const { top, root } = surrounded({ "nixgen.toml": withOut("out"), "real/b.json": "" });
    symlinkSync("real/b.json", join(root, "nixgen.baseline.json"));
    symlinkSync("b.txt", join(top, "link.txt"));
    expect(run(root, "lint", "--write-baseline").status).toBe(0);
    expect(readFileSync(join(root, "real/b.json"), "utf8")).toContain("findings");
    expect(run(root, "lint", "--format", "json=../link.txt").status).toBe(0);
    expect(readFileSync(join(top, "b.txt"), "utf8")).toContain("findings");
  });
});

describe("names of files", () => {
  const names = HOSTILE.filter(
    (name) => !/[/\0]/.test(name) && !/^\.{0,2}$/.test(name) && Buffer.byteLength(name) < 200,
  );

  it("may be anything, and are shown without what a terminal takes for commands", () => {
    const bad = Object.fromEntries(names.map((name) => [`services/${name}.toml`, "name = 1\n"]));
    const { top, root } = surrounded({ "nixgen.toml": withOut("out"), ...bad });
    const before = snapshot(top);
    expect(run(root, "lint").status).toBe(2);
    const { stdout } = run(root, "lint", "--format", "json");
    const found = JSON.parse(stdout) as { findings: { location: { file: string } }[] };
    const files = found.findings.map(({ location }) => location.file);
    // The names that begin with a dot are no service's.
    for (const name of names) expect(files).toContain(`services/${name}.toml`);
    for (const format of ["compact", "sarif", "github", "junit"])
      run(root, "lint", "--format", format);
    expect(run(root, "build").status).toBe(2);
    expect(snapshot(top)).toEqual(before);
  });

  it("in arguments are taken as they are", () => {
    const root = temporaryFolder();
    for (const name of names.slice(0, 10)) {
      const { status, stderr } = run(root, "lint", `--config=${name}`);
      expect(status).toBe(2);
      expect(stderr).toContain("does not exist");
    }
    expect(readdirSync(root)).toEqual([]);
  });
});

describe("what is no file", () => {
  it.each(["/dev/zero", "/dev/stdin", "/dev/full", "/proc/kmsg", "/proc/self/mem"])(
    "is not waited for: %s",
    (device) => {
      const { root } = surrounded({ "nixgen.toml": withOut("out") });
      symlinkSync(device, join(root, "services/x.toml"));
      expect(run(root, "lint").status).toBe(2);
      expect(run(root, "lint", "--config", device).status).toBe(2);
      expect(run(root, "import", "compose", device).status).toBe(2);
      expect(run(root, "facts", "check", device).status).toBe(2);
    },
  );

  it("is not waited for: a pipe", () => {
    const { root } = surrounded({ "nixgen.toml": withOut("out") });
    spawnSync("mkfifo", [join(root, "pipe")]);
    expect(run(root, "lint", "--config", "pipe").status).toBe(2);
    expect(run(root, "lint", "--baseline", "pipe").status).toBe(2);
    expect(run(root, "import", "podman", "pipe").status).toBe(2);
  });
});

describe("a file of 100 MB", () => {
  it.each([
    "nixgen.toml",
    "nixgen.lock",
    "services/web.toml",
    "facts/alpha.json",
    "nixgen.baseline.json",
  ])("is refused by its size: %s", (name) => {
    const { root } = surrounded({ "nixgen.toml": withOut("out"), "facts/alpha.json": "{}" });
    const file = openSync(join(root, name), "w");
    ftruncateSync(file, 100_000_000);
    closeSync(file);
    const { status, stdout } = run(root, "lint", "--format", "compact");
    expect(status).toBe(2);
    expect(stdout).toContain(`${name}:1:1: error[unreadable]: ${name} is larger than 16 MiB`);
  });

  it("is refused by its size where it is imported", () => {
    const root = temporaryFolder();
    mkdirSync(join(root, "x"));
    const file = openSync(join(root, "x/compose.yml"), "w");
    ftruncateSync(file, 100_000_000);
    closeSync(file);
    expect(run(root, "import", "compose", "x/compose.yml")).toMatchObject({
      status: 2,
      stdout: "",
    });
  });
});
