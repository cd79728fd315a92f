/** The hooks of .pre-commit-hooks.yaml, installed and run by the real pre-commit in a real repository. */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { compiledSuffix } from "../src/files/program-parts.ts";
import { runCli } from "./support/cli.ts";
import { GIT_ENVIRONMENT, publish, run, succeed } from "./support/repository.ts";
import { lacks, REQUIRED } from "./support/tools.ts";

/** Installing the hooks is an npm install: 15 s alone, more beside other tests. */
const INSTALL_TIMEOUT = 300_000;

/**
 * In CI the hooks are installed without any network: npm takes from its cache what `npm ci` has put there.
 * Elsewhere that may have been swept away.
 */
const WITHOUT_NETWORK = REQUIRED ? ["--net", "env", "npm_config_offline=true"] : [];

describe.skipIf(lacks("pre-commit") || lacks("git") || lacks("npm"))("the pre-commit hooks", () => {
  let top: string;
  let home: string;
  let fleet: string;
  let scratch: string;
  let environment: NodeJS.ProcessEnv;

  const commit = () =>
    run(scratch, environment, "git", "commit", "--quiet", "--all", "--message=a change");

  const commits = () => succeed(scratch, environment, "git", "rev-list", "--count", "HEAD");

  function edit(path: string, from: string | RegExp, to: string): void {
    const text = readFileSync(join(scratch, path), "utf8");
    expect(text).toMatch(from);
    writeFileSync(join(scratch, path), text.replace(from, to));
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
      ...GIT_ENVIRONMENT,
      PRE_COMMIT_HOME: home,
      npm_config_prefer_offline: "true",
      npm_config_audit: "false",
    };

    cpSync("examples/metacircular", fleet, { recursive: true });
    rmSync(join(fleet, "out"), { recursive: true, force: true });
    expect(await runCli(fleet, ["build"])).toMatchObject({ status: 0 });

    const rev = await publish(clone);
    await succeed(scratch, environment, "git", "init", "--quiet");
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
    await succeed(scratch, environment, "git", "add", "--all");
    await succeed(scratch, environment, "git", "commit", "--quiet", "--message=start");
    await succeed(scratch, environment, "git", "tag", "start");
    await succeed(
      scratch,
      environment,
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
    await succeed(scratch, environment, "git", "reset", "--quiet", "--hard", "start");
    await succeed(scratch, environment, "git", "clean", "--quiet", "-dx", "--force");
    cpSync(fleet, scratch, { recursive: true });
    await succeed(scratch, environment, "git", "add", "--all");
  });

  it("are installed as one package without dependencies", () => {
    const modules = readdirSync(home, { recursive: true, encoding: "utf8" }).filter((name) =>
      /^[^/]+\/node_env-[^/]+\/lib\/node_modules\/(?:.*\/)?package\.json$/.test(name),
    );
    expect(modules).toHaveLength(1);
    expect(modules[0]).toMatch(/\/lib\/node_modules\/nixgen\/package\.json$/);
  });

  it("have a code cache, for the Node that runs them", () => {
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
    await succeed(scratch, environment, "git", "rm", "--quiet", "services/mcns.toml");
    const { status, output } = await commit();
    expect(output).toMatch(/^nixgen lint\.+Failed$/m);
    expect(output).toContain("error[boot-unknown-service]");
    expect(status).toBe(1);
  });
});
