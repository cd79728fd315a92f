/** The hooks of .pre-commit-hooks.yaml, installed and run by the real pre-commit in a real repository. */
import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { devNull, tmpdir } from "node:os";
import { basename, delimiter, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { compiledSuffix } from "../src/cli/chunks.ts";
import { runCli } from "./support/cli.ts";
import { lacks, REQUIRED } from "./support/tools.ts";

/** Installing the hooks is an npm install: 15 s alone, more beside other tests. */
const INSTALL_TIMEOUT = 300_000;

/**
 * In CI the hooks are installed without any network: npm takes from its cache what `npm ci` has put there.
 * Elsewhere that may have been swept away.
 */
const WITHOUT_NETWORK = REQUIRED ? ["--net", "env", "npm_config_offline=true"] : [];

interface Result {
  readonly status: number;
  /** Standard output and error. */
  readonly output: string;
}

describe.skipIf(lacks("pre-commit") || lacks("git") || lacks("npm"))("the pre-commit hooks", () => {
  let top: string;
  let home: string;
  let fleet: string;
  let scratch: string;
  let environment: NodeJS.ProcessEnv;

  /** Not spawnSync: a worker that does not answer for a minute is an error of vitest. */
  function run(cwd: string, program: string, ...argv: string[]): Promise<Result> {
    return new Promise((done, fail) => {
      execFile(program, argv, { cwd, env: environment }, (error, stdout, stderr) => {
        const status = error === null ? 0 : error.code;
        if (typeof status === "number") done({ status, output: stdout + stderr });
        else fail(error ?? new Error(program));
      });
    });
  }

  async function succeed(cwd: string, program: string, ...argv: string[]): Promise<string> {
    const { status, output } = await run(cwd, program, ...argv);
    if (status !== 0) throw new Error(`${[program, ...argv].join(" ")}: exit ${status}\n${output}`);
    return output;
  }

  const commit = () => run(scratch, "git", "commit", "--quiet", "--all", "--message=a change");

  const commits = () => succeed(scratch, "git", "rev-list", "--count", "HEAD");

  function edit(path: string, from: string | RegExp, to: string): void {
    const text = readFileSync(join(scratch, path), "utf8");
    expect(text).toMatch(from);
    writeFileSync(join(scratch, path), text.replace(from, to));
  }

  /** A repository of this working tree as it is: what is not committed is tested too. */
  async function publish(to: string): Promise<string> {
    // The tree may belong to another user: a container's root, say.
    const listed = ["-c", "safe.directory=*", "ls-files", "-z"];
    const paths = await succeed(
      ".",
      "git",
      ...listed,
      "--cached",
      "--others",
      "--exclude-standard",
    );
    for (const path of new Set(paths.split("\0"))) {
      if (path !== "" && existsSync(path)) cpSync(path, join(to, path));
    }
    await succeed(to, "git", "init", "--quiet");
    await succeed(to, "git", "add", "--all", "--force");
    await succeed(to, "git", "commit", "--quiet", "--message=nixgen");
    return (await succeed(to, "git", "rev-parse", "HEAD")).trim();
  }

  beforeAll(async () => {
    top = mkdtempSync(join(tmpdir(), "nixgen-pre-commit-"));
    const folder = (name: string) => {
      mkdirSync(join(top, name));
      return join(top, name);
    };
    const clone = folder("nixgen");
    home = folder("home");
    fleet = folder("fleet");
    scratch = folder("scratch");
    environment = {
      // Without the variables of a git that may be running this test as a hook of its own.
      ...Object.fromEntries(
        Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_")),
      ),
      // Without the programs of this tree's node_modules, which npm test adds: the hooks must do with their own.
      PATH: (process.env["PATH"] ?? "")
        .split(delimiter)
        .filter((path) => !path.endsWith(join("node_modules", ".bin")))
        .join(delimiter),
      PRE_COMMIT_HOME: home,
      GIT_CONFIG_GLOBAL: devNull,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_AUTHOR_NAME: "test",
      GIT_AUTHOR_EMAIL: "test@example.org",
      GIT_COMMITTER_NAME: "test",
      GIT_COMMITTER_EMAIL: "test@example.org",
      npm_config_prefer_offline: "true",
      npm_config_audit: "false",
    };

    cpSync("examples/metacircular", fleet, { recursive: true });
    rmSync(join(fleet, "out"), { recursive: true, force: true });
    expect(await runCli(fleet, ["build"])).toMatchObject({ status: 0 });

    const rev = await publish(clone);
    await succeed(scratch, "git", "init", "--quiet");
    writeFileSync(
      join(scratch, ".pre-commit-config.yaml"),
      [
        "repos:",
        `  - repo: ${pathToFileURL(resolve(clone)).href}`,
        `    rev: ${rev}`,
        "    hooks:",
        "      - id: nixgen-lint",
        "      - id: nixgen-check",
        "",
      ].join("\n"),
    );
    await succeed(scratch, "git", "add", "--all");
    await succeed(scratch, "git", "commit", "--quiet", "--message=start");
    await succeed(scratch, "git", "tag", "start");
    await succeed(
      scratch,
      "unshare",
      ...WITHOUT_NETWORK,
      "pre-commit",
      "install",
      "--install-hooks",
    );
  }, INSTALL_TIMEOUT);

  afterAll(() => {
    rmSync(top, { recursive: true, force: true });
  });

  /** Each test starts with the built fleet staged on top of an empty repository. */
  beforeEach(async () => {
    await succeed(scratch, "git", "reset", "--quiet", "--hard", "start");
    await succeed(scratch, "git", "clean", "--quiet", "-dx", "--force");
    cpSync(fleet, scratch, { recursive: true });
    await succeed(scratch, "git", "add", "--all");
  });

  it("are installed as one package without dependencies", () => {
    const modules = readdirSync(home, { recursive: true, encoding: "utf8" }).filter((name) =>
      /^[^/]+\/node_env-[^/]+\/lib\/node_modules\/(?:.*\/)?package\.json$/.test(name),
    );
    expect(modules).toHaveLength(1);
    expect(modules[0]).toMatch(/\/lib\/node_modules\/nixgen\/package\.json$/);
  });

  it("have been compiled ahead, for the Node that runs them", () => {
    const installed = readdirSync(home, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.includes("/lib/node_modules/nixgen/dist/parts/"),
    );
    const compiled = installed.filter((name) => name.endsWith(compiledSuffix()));
    expect(compiled.map((name) => basename(name).split("-")[0]).sort()).toEqual([
      "bin",
      "build",
      "lint",
    ]);
  });

  it("let a built fleet through", async () => {
    const { status, output } = await commit();
    expect(output).toMatch(/^nixgen lint\.+Passed$/m);
    expect(output).toMatch(/^nixgen build --check\.+Passed$/m);
    expect(status).toBe(0);
    expect(await commits()).toBe("2\n");
  });

  it("block a uid collision and show both places", async () => {
    await commit();
    edit("nixgen.toml", /^uid .*$/m, "uid          = 995");
    const { status, output } = await commit();
    expect(output).toMatch(/^nixgen lint\.+Failed$/m);
    expect(output).toContain("error[uid-collision]: uid 995 on orion belongs to sshd");
    expect(output).toMatch(/^ *--> nixgen\.toml:12:16$/m);
    expect(output).toMatch(/^ *--> facts\/orion\.json:10:30$/m);
    expect(status).toBe(1);
    expect(await commits()).toBe("2\n");
  });

  it("block a stale out/ until it is built again", async () => {
    await commit();
    edit("nixgen.toml", '"8.8.8.8"', '"9.9.9.9"');
    const stale = await commit();
    expect(stale.output).toMatch(/^nixgen lint\.+Passed$/m);
    expect(stale.output).toMatch(/^nixgen build --check\.+Failed$/m);
    expect(stale.output).toContain('+          "9.9.9.9"');
    expect(stale.status).toBe(1);
    expect(await commits()).toBe("2\n");

    expect(await runCli(scratch, ["build"])).toMatchObject({ status: 0 });
    expect(await commit()).toMatchObject({ status: 0 });
    expect(await commits()).toBe("3\n");
  });

  it("block a commit that only deletes a service which is needed", async () => {
    await commit();
    await succeed(scratch, "git", "rm", "--quiet", "services/mcns.toml");
    const { status, output } = await commit();
    expect(output).toMatch(/^nixgen lint\.+Failed$/m);
    expect(output).toContain("error[boot-unknown-service]");
    expect(status).toBe(1);
  });
});
