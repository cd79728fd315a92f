/** `nixgen diff`: what it says of changes, where it takes the old files from, and what it leaves alone. */
import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import MarkdownIt from "markdown-it";
import { describe, expect, it } from "vitest";
import { EXIT } from "../../src/cli/io.ts";
import { runCli } from "../support/cli.ts";
import {
  type Files,
  inventory,
  referenceFleet,
  temporaryFolder,
  writeFiles,
} from "../support/fleet.ts";
import { HOSTILE } from "../support/hostile.ts";

const FIXTURES = join(import.meta.dirname, "../fixtures/diff");

/** Git without anybody's configuration. */
function git(folder: string, ...argv: string[]): string {
  const identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"];
  return execFileSync("git", ["-C", folder, ...identity, ...argv], {
    encoding: "utf8",
    env: {
      PATH: process.env["PATH"],
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_SYSTEM: "/dev/null",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** A repository with one commit of files. */
function repository(files: Files, folder = temporaryFolder()): string {
  writeFiles(files, folder);
  git(folder, "init", "--quiet", "--initial-branch", "main");
  git(folder, "add", "--all");
  git(folder, "commit", "--quiet", "--message", "first");
  return folder;
}

const ENV = { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent" };

function diff(folder: string, ...argv: string[]) {
  return runCli(folder, ["diff", ...argv], ENV);
}

/** A service of one container. */
function service(name: string, more = ""): string {
  return `name = "${name}"\nnode = "alpha"\n[[components]]\nname = "${name}"\nimage = "example/${name}:1"\n${more}`;
}

const FILES = {
  "nixgen.toml": inventory(),
  "services/db.toml": service("db"),
  "services/web.toml": service("web", 'depends_on = ["db"]\n'),
};

/** What an edit of the reference fleet means, with one file changed after the other. */
type Edits = Readonly<Record<string, (text: string) => string>>;

const replaced =
  (from: string | RegExp, to: string) =>
  (text: string): string => {
    expect(text).toMatch(from);
    return text.replace(from, to);
  };

const CASES: Readonly<Record<string, Edits>> = {
  "an image and a port": {
    "services/mcns.toml": replaced("mcns:v1.2.0", "mcns:v1.3.0"),
    "services/mcr.toml": replaced('"127.0.0.1:28080:8080"', '"127.0.0.1:28080:8080", "127.0.0.1:28081:8081"'),
  },
  "a uid": { "nixgen.toml": replaced(/\nuid .*= 850/, "\nuid = 995") },
  "a uid that was accepted": {
    "nixgen.toml": replaced(/\nuid .*= 850/, "\nuid = 995"),
    "nixgen.lock": (text) =>
      `${text.replaceAll(/"(mcp@\w+)" = 850(?=\n[^]*\[gids\])/g, '"$1" = 995')}${["rift", "orion"].map((host) => `\n[[accepted]]\nkind = "uid"\nkey = "mcp@${host}"\nfrom = "850"\nto = "995"\nreason = "moved"\n`).join("")}`,
  },
  "services that move, come and go": {
    "services/mcq.toml": replaced('tier   = "worker"', 'node = "rift"'),
    "services/mcdoc.toml": replaced('node = "rift"', 'node = "rift"\nactive = false'),
    "services/mcr.toml": (text) => `${text}\n[[components]]\nname = "cache"\nimage = "example/cache:1"\n`,
  },
  "the boot order, resolvers and the release": {
    "nixgen.toml": (text) =>
      text
        .replace('timeout    = "60s"', 'timeout = "5m"')
        .replace('public   = ["1.1.1.1", "8.8.8.8"]', 'public = ["9.9.9.9", "1.1.1.1"]')
        .replaceAll('"25.11"', '"26.05"')
        .replace('"mcns"]', '"mcns", "mc-proxy"]')
        .replace('["mc-proxy", "mcr"', '["mcr"'),
  },
}; // prettier-ignore

function edited(edits: Edits): Record<string, string> {
  const files = referenceFleet();
  for (const [path, change] of Object.entries(edits)) files[path] = change(files[path] ?? "");
  return files;
}

describe("what a change of the reference fleet means", () => {
  it.each(Object.keys(CASES))("%s", async (name) => {
    const [before, after] = [writeFiles(referenceFleet()), writeFiles(edited(CASES[name] ?? {}))];
    renameSync(before, join(after, "before"));
    const file = name.replaceAll(/[ ,]+/g, "-");
    for (const [format, extension] of [["pretty", "txt"], ["markdown", "md"], ["json", "json"]] as const) {
      const run = await diff(after, "--against", "before", "--format", format);
      expect(run.status).toBe(EXIT.ok);
      await expect(run.stdout).toMatchFileSnapshot(join(FIXTURES, `${file}.${extension}`));
    }
  }); // prettier-ignore

  it("is nothing where nothing changed", async () => {
    const folder = repository(FILES);
    for (const argv of [[], ["--exit-code"], ["HEAD"], ["--against", "."]]) {
      const run = await diff(folder, ...argv);
      expect(run).toEqual({
        status: EXIT.ok,
        stdout: "Nothing changes on any host.\n",
        stderr: "",
      });
    }
  });

  it("is shown with status 0, and with 1 under --exit-code", async () => {
    const folder = repository(FILES);
    writeFiles({ "services/db.toml": service("db", 'user = "1"\n') }, folder);
    const expected = `1 container restarts on alpha`;
    expect((await diff(folder)).status).toBe(EXIT.ok);
    const run = await diff(folder, "--exit-code");
    expect(run.status).toBe(EXIT.findings);
    expect(run.stdout).toContain("restarts db: user: none -> 1");
    expect(run.stdout).toContain("restarts web: with db, by depends_on");
    expect(run.stdout.startsWith(expected.replace("1 container restarts", "2 containers restart"))).toBe(true);
  }); // prettier-ignore

  it("names variables, and shows none of their values", async () => {
    const folder = repository({ ...FILES, "services/db.toml": service("db", 'env = ["TOKEN=old-secret", "A=1"]\n') });
    writeFiles({ "services/db.toml": service("db", 'env = ["TOKEN=new-secret", "B=2"]\n') }, folder);
    for (const format of ["pretty", "markdown", "json"]) {
      const { stdout } = await diff(folder, "--format", format);
      expect(stdout).toContain("TOKEN");
      expect(stdout).not.toMatch(/secret/);
    }
    expect((await diff(folder)).stdout).toContain("env: B added, A removed, TOKEN changed");
  }); // prettier-ignore

  it("is of the hosts that were asked for", async () => {
    const folder = repository(FILES);
    writeFiles({ "services/db.toml": service("db").replace("alpha", "beta") }, folder);
    expect((await diff(folder)).stdout).toMatch(/\nalpha\n[^]*\nbeta\n/);
    const run = await diff(folder, "--host", "beta");
    expect(run.stdout).not.toMatch(/^alpha$/m);
    for (const host of ["alpha", "beta"]) {
      const { stdout } = await diff(folder, "--host", host);
      expect(stdout).toMatch(/, 1 moves to another host( on \w+)?; no ids change\.\n/);
    }
    expect(run.stdout).toContain("new db: moves here from alpha");
    expect(await diff(folder, "--host", "betta")).toMatchObject({
      status: EXIT.usage,
      stderr: expect.stringContaining(
        'no host "betta" on either side\nDid you mean "beta"?\n',
      ) as string,
    });
  });

  it("is told of hosts without modules as what is to be done by hand", async () => {
    const edge = inventory('[[nodes]]\nname = "edge"\nos = "debian"\nrole = "edge"\naddresses = { lan = "192.168.1.12" }\n');
    const relay = service("relay").replace("alpha", "edge");
    const folder = repository({ "nixgen.toml": edge, "services/relay.toml": relay });
    writeFiles({ "services/relay.toml": relay.replace(":1", ":2") }, folder);
    const { stdout } = await diff(folder);
    expect(stdout).toBe(
      "No container restarts, 1 is to be replaced by hand on edge; no ids change.\n\n" +
        "edge\n  to be replaced by hand relay: image: example/relay:1 -> example/relay:2\n",
    );
  }); // prettier-ignore
});

describe("what is compared with", () => {
  it("is any revision, from any folder below, of a fleet anywhere in the repository", async () => {
    const folder = repository(Object.fromEntries(Object.entries(FILES).map(([path, text]) => [`a b/fleet/${path}`, text])));
    git(folder, "tag", "one");
    writeFiles({ "a b/fleet/services/db.toml": service("db", 'user = "1"\n') }, folder);
    git(folder, "commit", "--all", "--quiet", "--message", "second");
    const services = join(folder, "a b/fleet/services");
    expect((await diff(services)).stdout).toBe("Nothing changes on any host.\n");
    for (const revision of ["one", "HEAD~1", "main^", git(folder, "rev-parse", "one").trim()]) {
      expect((await diff(services, revision)).stdout).toContain("restarts db: user: none -> 1");
    }
    const config = ["--config", join(folder, "a b/fleet/nixgen.toml")];
    expect((await diff(temporaryFolder(), ...config, "one")).stdout).toContain("restarts db");
  }); // prettier-ignore

  it("is the whole fleet: links in the repository, patterns, names of any kind, the lock", async () => {
    const odd = "services/a\nb\t\"ü'.toml";
    const folder = temporaryFolder();
    mkdirSync(join(folder, "fleet"));
    mkdirSync(join(folder, "fleet/services"));
    symlinkSync("../shared", join(folder, "fleet/more"));
    symlinkSync("nowhere", join(folder, "fleet/services/nowhere.txt"));
    symlinkSync("../../shared/linked.txt", join(folder, "fleet/services/linked.toml"));
    const patterns = 'services = ["services/*.toml", "more/*.toml", "shared/**/n?m[a-z]d.toml"]';
    repository(
      {
        "fleet/nixgen.toml": inventory().replace('name = "test"', `name = "test"\n${patterns}`),
        "fleet/nixgen.lock": 'version = 1\n[uids]\n"pod@alpha" = 850\n[gids]\n[placement]\nplaced = "beta"\n[ports]\n',
        [`fleet/${odd}`]: service("odd"),
        "fleet/services/placed.toml": service("placed").replace('node = "alpha"', 'tier = "worker"'),
        "shared/linked.txt": service("linked"),
        "shared/behind.toml": service("behind"),
        "fleet/shared/deep/named.toml": service("named"),
        "shared/other.bin": new Uint8Array(1000),
      },
      folder,
    );
    const run = await diff(join(folder, "fleet"));
    expect(run).toEqual({ status: EXIT.ok, stdout: "Nothing changes on any host.\n", stderr: "" });
    for (const path of readdirSync(join(folder, "fleet/services"))) rmSync(join(folder, "fleet/services", path));
    writeFiles({ "fleet/services/new.toml": service("new") }, folder);
    const { stdout } = await diff(join(folder, "fleet"));
    expect(stdout).toMatch(/gone linked, odd:/);
    expect(stdout).toMatch(/beta\n {2}gone placed:/);
  }); // prettier-ignore

  it("is a folder under --against", async () => {
    const folder = writeFiles({ ...FILES, "old/nixgen.toml": inventory() });
    expect((await diff(folder, "--against", "old")).stdout).toContain("2 are new");
    expect(await diff(folder, "--against", "services")).toMatchObject({
      status: EXIT.usage,
      stderr: "nixgen: there is no nixgen.toml in services\nName the folder of a fleet with --against.\n",
    });
    expect((await diff(folder, "main", "--against", "old")).stderr).toContain("do not go together");
  }); // prettier-ignore

  it.each([
    [["nowhere"], 'git knows no revision "nowhere" here', "fetch-depth: 0"],
    [["HEAD..HEAD"], 'git knows no revision "HEAD..HEAD" here', "git log --all"],
    [["--", "--output=x"], '"--output=x" cannot be a revision', "refs/heads/"],
    [["--", "-h"], '"-h" cannot be a revision', "refs/heads/"],
    [["before"], "there is no nixgen.toml at before", "--against FOLDER"],
    [["HEAD:nixgen.toml"], 'git knows no revision "HEAD:nixgen.toml" here', "git log"],
  ])("cannot be %j, which is said", async (argv, message, hint) => {
    const folder = repository({ "README.md": "" });
    git(folder, "tag", "before");
    writeFiles(FILES, folder);
    git(folder, "add", "--all");
    git(folder, "commit", "--quiet", "--message", "second");
    const run = await diff(folder, ...argv);
    expect(run).toMatchObject({ status: EXIT.usage, stdout: "" });
    expect(run.stderr).toContain(`nixgen: ${message}`);
    expect(run.stderr).toContain(hint);
    expect(readdirSync(folder)).not.toContain("x");
  });

  it("needs git, a repository and a commit", async () => {
    const folder = writeFiles(FILES);
    expect((await diff(folder)).stderr).toContain("is in no git repository\nName what to compare with");
    git(folder, "init", "--quiet");
    expect((await diff(folder)).stderr).toContain('git knows no revision "HEAD" here');
    const run = await runCli(folder, ["diff"], { PATH: "/nonexistent" });
    expect(run.stderr).toMatch(/^nixgen: git cannot be run: .*\nInstall it, or compare with a folder/);
    expect(run.status).toBe(EXIT.usage);
  }); // prettier-ignore

  it("says of which side it is that cannot be read or planned, and counts errors of lint", async () => {
    const folder = repository({ ...FILES, "nixgen.toml": "[fleet]\n" });
    const old = await diff(folder);
    expect(old).toMatchObject({ status: EXIT.usage, stdout: "" });
    expect(old.stderr).toMatch(/^the fleet at HEAD cannot be read:\n\nerror\[schema\]/);
    expect(old.stderr).toContain("--> nixgen.toml:1:1");

    writeFiles(FILES, folder);
    git(folder, "commit", "--all", "--quiet", "--message", "second");
    writeFiles({ "services/db.toml": "name = 1" }, folder);
    expect((await diff(folder)).stderr).toMatch(/^the fleet as it is now cannot be read:\n\nerror/);

    writeFiles({ ...FILES, "nixgen.toml": inventory().replace(/\nuid = 850\ngid = 850/, "") }, folder);
    const { status, stderr } = await diff(folder);
    expect(stderr).toMatch(/^nixgen lint finds \d+ errors? in the fleet as it is now\nnixgen: the fleet as it is now cannot be planned: user pod has no uid/);
    expect(status).toBe(EXIT.usage);
  }); // prettier-ignore
});

describe("a repository that is not to be trusted", () => {
  it("has nothing of it run, changed, or fetched", async () => {
    const folder = repository({ ...FILES, ".gitattributes": "* filter=evil diff=evil\n" });
    const canary = join(temporaryFolder(), "canary");
    const evil = join(temporaryFolder(), "evil");
    writeFileSync(evil, `#!/bin/sh\necho "$0 $*" >>${canary}\nexec cat\n`);
    chmodSync(evil, 0o755);
    for (const [key, value] of [
      ["core.fsmonitor", evil],
      ["core.pager", evil],
      ["pager.ls-tree", "true"],
      ["core.sshCommand", evil],
      ["core.editor", evil],
      ["core.hooksPath", join(folder, "hooks")],
      ["diff.external", evil],
      ["diff.evil.textconv", evil],
      ["filter.evil.clean", evil],
      ["filter.evil.smudge", evil],
      ["filter.evil.process", evil],
      ["filter.evil.required", "true"],
      ["credential.helper", evil],
      ["gpg.program", evil],
      ["log.showSignature", "true"],
      ["alias.rev-parse", `!${evil}`],
      ["alias.cat-file", `!${evil}`],
      ["uploadpack.packObjectsHook", evil],
    ] as const) git(folder, "config", key, value);
    mkdirSync(join(folder, "hooks"));
    for (const hook of ["post-index-change", "reference-transaction", "post-checkout", "pre-auto-gc"]) {
      cpSync(evil, join(folder, "hooks", hook));
    }
    cpSync(evil, join(folder, "git"));
    const seen = (): [string, number][] =>
      readdirSync(join(folder, ".git"), { recursive: true, encoding: "utf8" })
        .sort()
        .map((path) => [path, statSync(join(folder, ".git", path)).mtimeMs]);
    const before = seen();
    writeFiles({ "services/db.toml": service("db", 'user = "1"\n') }, folder);
    const run = await runProgram(folder, temporaryFolder(), `.:${ENV.PATH}`);
    expect(run.stdout).toContain("restarts db");
    expect(existsSync(canary) ? readFileSync(canary, "utf8") : "").toBe("");
    expect(seen()).toEqual(before);
  }); // prettier-ignore

  it("is not completed from elsewhere where the clone is a partial one", async () => {
    const folder = repository(FILES);
    const canary = join(temporaryFolder(), "canary");
    const object = git(folder, "rev-parse", "HEAD:services/db.toml").trim();
    for (const [key, value] of [
      ["core.repositoryFormatVersion", "1"],
      ["extensions.partialClone", "origin"],
      ["remote.origin.url", `ext::sh -c touch% ${canary}`],
      ["remote.origin.promisor", "true"],
      ["protocol.ext.allow", "always"],
    ] as const) git(folder, "config", key, value);
    rmSync(join(folder, ".git/objects", object.slice(0, 2), object.slice(2)));
    // That it would be asked for is so.
    expect(() => git(folder, "cat-file", "-p", object)).toThrow();
    expect(existsSync(canary)).toBe(true);
    rmSync(canary);
    const run = await diff(folder);
    expect(run.stderr).toContain("git does not have all files of that revision here");
    expect(run.status).toBe(EXIT.usage);
    expect(existsSync(canary)).toBe(false);
  }); // prettier-ignore

  it("cannot lead out of it by links", async () => {
    const secret = writeFiles({ "secret.toml": service("secret"), "services/x.toml": service("x") });
    for (const target of [join(secret, "secret.toml"), "../../../../../../etc/passwd", "../../services/db.toml", "/db.toml", "circle.toml"]) {
      const folder = writeFiles(FILES);
      symlinkSync(target, join(folder, "services/circle.toml"));
      repository({}, folder);
      rmSync(join(folder, "services/circle.toml"));
      const run = await diff(folder);
      expect(run.stderr).toContain("services/circle.toml is a link at HEAD, which leads to nothing that git has");
      expect(run.status).toBe(EXIT.usage);
    }
    const folder = writeFiles({ "nixgen.toml": inventory() });
    symlinkSync(join(secret, "services"), join(folder, "services"));
    repository({}, folder);
    const { stderr } = await diff(folder);
    expect(stderr).toContain("services leads out of the fleet's folder and its repository, so it is not read");
  }); // prettier-ignore

  it("has a link whose target has 300,000 steps", async () => {
    const folder = repository(FILES);
    const link = (target: string): string =>
      execFileSync("git", ["-C", folder, "hash-object", "-w", "--stdin"], { input: target, encoding: "utf8" }).trim();
    const add = (path: string, target: string): void => {
      git(folder, "update-index", "--add", "--cacheinfo", `120000,${link(target)},${path}`);
    };
    add("services/long.toml", "a/".repeat(300_000) + "x");
    git(folder, "commit", "-q", "-m", "long");
    const long = await diff(folder);
    expect(long.stderr).toContain("services/long.toml is a link at HEAD, which leads to nothing");
    expect(long.status).toBe(EXIT.usage);
  }); // prettier-ignore

  it("has trees that git itself would not make", async () => {
    const deep = inventory().replace('name = "test"', 'name = "test"\nservices = ["services/**/*.toml"]');
    const folder = repository({ ...FILES, "nixgen.toml": deep });
    const object = execFileSync("git", ["-C", folder, "hash-object", "-w", "--stdin"], { input: service("out"), encoding: "utf8" }).trim();
    const list = git(folder, "ls-tree", "HEAD:services").trim();
    const entry = (name: string, id: string, mode: string): Buffer =>
      Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(id, "hex")]);
    const tree = (entries: Buffer[]): string =>
      execFileSync("git", ["-C", folder, "hash-object", "-t", "tree", "-w", "--stdin", "--literally"], { input: Buffer.concat(entries), encoding: "utf8" }).trim();
    const inner = tree([entry("evil.toml", object, "100644")]);
    const up = tree([entry("..", inner, "40000"), ...list.split("\n").map((line) => {
      const [mode = "", , id = "", name = ""] = line.split(/[ \t]/);
      return entry(name, id, mode);
    })]);
    const top = tree([
      entry("nixgen.toml", git(folder, "rev-parse", "HEAD:nixgen.toml").trim(), "100644"),
      entry("services", up, "40000"),
    ]);
    const commit = git(folder, "commit-tree", "-m", "evil", top).trim();
    const run = await diff(folder, commit);
    expect(run).toEqual({ status: EXIT.ok, stdout: "Nothing changes on any host.\n", stderr: "" });
  }); // prettier-ignore

  it("may have a file that is too large for a definition", async () => {
    const folder = writeFiles(FILES);
    writeFileSync(join(folder, "services/large.toml"), "");
    truncateSync(join(folder, "services/large.toml"), 20 * 1024 * 1024);
    repository({}, folder);
    rmSync(join(folder, "services/large.toml"));
    const run = await diff(folder);
    expect(run.stderr).toMatch(/^the fleet at HEAD cannot be read:\n[^]*services\/large.toml/);
    expect(run.stderr).toContain("16 MiB");
  });
});

describe("what is shown", () => {
  it("gives nothing of the input to Markdown or a terminal", async () => {
    const texts = [
      ...HOSTILE,
      "`", "``", "` `", "@everyone", "#1", "<img src=x onerror=alert(1)>", "<!--", "|", "\\|", "[a](b)", "**", "~~",
      "\u202e", "\u001b[31m", "\u200b", "\u2028", "https://example.org",
    ].filter((text) => !text.includes("\0")); // prettier-ignore
    const services = texts.map((text, n): [string, string] => [
      `services/s${n}.toml`,
      service(`s${n}`, `cmd = [${JSON.stringify(text).replaceAll("\u007f", "\\u007f")}]\n`),
    ]);
    const old = "old `<b>` @everyone";
    const before = services.map(([path], n): [string, string] => [`${old}/${path}`, service(`s${n}`)]);
    const files = [...services, ...before, [`${old}/nixgen.toml`, inventory()]] as const;
    const folder = writeFiles({ "nixgen.toml": inventory(), ...Object.fromEntries(files) });

    const run = await diff(folder, "--against", old, "--format", "markdown");
    expect(run.stdout.split("**restarts**")).toHaveLength(texts.length + 1);
    expect(run.stdout).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}]/u);
    const tokens = new MarkdownIt({ html: true, linkify: true })
      .parse(run.stdout, {})
      .flatMap(({ children }) => children ?? [])
      .filter(({ type }) => type !== "code_inline");
    expect([...new Set(tokens.map(({ type }) => type))].sort()).toEqual(["strong_close", "strong_open", "text"]);
    expect(tokens.map(({ content }) => content).join("")).not.toMatch(/[<@#[`\\]/);
    const pretty = await diff(folder, "--against", old);
    expect(pretty.stdout).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}]/u);
  }); // prettier-ignore

  it("says of hosts that are new or gone what becomes of their containers", async () => {
    const folder = repository({ ...FILES, "services/far.toml": service("far").replace("alpha", "beta") });
    writeFiles({ "nixgen.toml": inventory().replaceAll("beta", "gamma"), "services/far.toml": service("far").replace("alpha", "gamma") }, folder);
    const { stdout } = await diff(folder);
    expect(stdout).toBe(
      "No container restarts, 1 moves to another host on gamma; no ids change.\n\n" +
        "beta\n  gone no modules are emitted for it any more; what runs there goes on until it gets another configuration\n" +
        "  gone far: moves to gamma\n\n" +
        "gamma\n  new host modules are emitted for it from now on\n  new far: moves here from beta\n",
    );
  }); // prettier-ignore

  it("names what else is set up on the host", async () => {
    const folder = repository(FILES);
    const files = {
      "nixgen.toml": inventory().replace("gid = 850", 'gid = 850\nextra_groups = ["video"]'),
      "services/db.toml": service("db", 'ports = ["192.168.1.10:80:80"]\nnetwork = "inner"\n'),
    };
    writeFiles(files, folder);
    expect((await diff(folder)).stdout).toContain(
      "system networks: inner added; sysctl net.ipv4.ip_nonlocal_bind: none -> 1; " +
        "sysctl net.ipv4.ip_unprivileged_port_start: none -> 80; groups: video added\n",
    );
  });

  it("says which containers restart when a network gets other options", async () => {
    const files = (options: string): Files => ({
      "nixgen.toml": inventory(),
      "services/db.toml": `${service("db", 'network = "inner"\n')}[[networks]]\nname = "inner"\n${options}`,
      "services/web.toml": service("web", 'network = "other"\n'),
    });
    const folder = repository(files("internal = true\n"));
    writeFiles(files('internal = true\noptions = { mtu = "1400" }\n'), folder);
    const { stdout } = await diff(folder);
    expect(stdout).toContain("1 container restarts");
    expect(stdout).toContain('db: network inner: --internal -> "--internal --opt=mtu=1400"');
    expect(stdout).not.toContain("web");
  });

  it("fits into a comment, and says what is left out", async () => {
    const many = (image: number): Files =>
      Object.fromEntries(
        Array.from({ length: 500 }, (_, n) => [
          `services/s${n}.toml`,
          service(`s${n}`, `user = "${"x".repeat(180)}${image}${n}"\n`),
        ]),
      );
    const folder = writeFiles({ "nixgen.toml": inventory(), ...many(1) });
    const old = writeFiles({ "nixgen.toml": inventory(), ...many(2) });
    const { stdout } = await diff(folder, "--against", old, "--format", "markdown");
    expect(stdout.length).toBeLessThan(65_536);
    expect(stdout.length).toBeGreaterThan(50_000);
    expect(stdout).toMatch(/\n… and \d+ more lines, for which a comment has no room: `nixgen diff` has them\.\n$/);
    const json = await diff(folder, "--against", old, "--format", "json");
    expect((JSON.parse(json.stdout) as { hosts: { containers: unknown[] }[] }).hosts[0]?.containers).toHaveLength(500);
  }); // prettier-ignore
});

it("leaves nothing in the folder of temporary files", async () => {
  const folder = repository({ ...FILES, "services/bad.toml": "=" });
  const tmp = temporaryFolder();
  const run = await runProgram(folder, tmp, ENV.PATH);
  expect(run.stderr).toContain("the fleet at HEAD cannot be read");
  // What else is there is of whoever runs TypeScript.
  expect(readdirSync(tmp).filter((name) => name.includes("nixgen"))).toEqual([]);
});

it("comes to an end where git does not answer", async () => {
  const folder = repository(FILES);
  const bin = temporaryFolder();
  const real = execFileSync("which", ["git"], { encoding: "utf8" }).trim();
  writeFileSync(
    join(bin, "git"),
    `#!/bin/sh\ncase "$*" in *"cat-file --batch") exit 1;; esac\nexec ${real} "$@"\n`,
  );
  chmodSync(join(bin, "git"), 0o755);
  const run = await runProgram(folder, temporaryFolder(), `${bin}:${ENV.PATH}`);
  expect(run.stderr).toContain("git does not say what is in its repository");
});

/** Runs the program in a process of its own. */
function runProgram(
  cwd: string,
  tmp: string,
  path: string,
): Promise<{ stdout: string; stderr: string }> {
  const program = join(import.meta.dirname, "../../src/cli/bin.ts");
  const tsx = join(import.meta.dirname, "../../node_modules/tsx/dist/loader.mjs");
  const child = spawn(process.execPath, ["--import", tsx, program, "diff"], {
    cwd,
    env: { PATH: path, TMPDIR: tmp },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (data: Buffer) => (stdout += data.toString()));
  child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
  return new Promise((done) => {
    child.on("close", () => {
      done({ stdout, stderr });
    });
  });
}
