/** action.yml: its steps, run as GitHub runs them. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { inventory, temporaryFolder, writeFiles } from "./support/fleet.ts";
import { GIT_ENVIRONMENT, publish, succeed } from "./support/repository.ts";

interface Step {
  readonly name: string;
  readonly if?: string;
  readonly shell: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly run: string;
}

interface Action {
  readonly inputs: Readonly<
    Record<string, { readonly description: string; readonly default: string }>
  >;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

const action = parse(readFileSync("action.yml", "utf8")) as Action;

interface Result {
  readonly status: number;
  readonly stdout: string;
}

/** Runs a step in a workspace, with inputs of which those that are left out have their defaults. */
async function runStep(
  name: string,
  workspace: string,
  inputs: Readonly<Record<string, string>> = {},
  environment: NodeJS.ProcessEnv = {},
): Promise<Result> {
  const step = action.runs.steps.find((each) => each.name === name);
  if (step === undefined) throw new Error(`no step ${name}`);
  expect(step.shell).toBe("bash");
  const valueOf = (_: string, input: string): string => {
    const value = inputs[input] ?? action.inputs[input]?.default;
    if (value === undefined) throw new Error(`no input ${input}`);
    return value;
  };
  const env = Object.entries(step.env ?? {}).map(([key, value]): [string, string] => [
    key,
    value
      .replaceAll(/\$\{\{ inputs\.([\w-]+) \}\}/g, valueOf)
      .replaceAll("${{ steps.install.outputs.program }}", resolve("dist/nixgen.cjs")),
  ]);
  const script = join(temporaryFolder(), "step.sh");
  writeFileSync(script, step.run);
  return new Promise((done) => {
    execFile(
      "bash",
      ["--noprofile", "--norc", "-e", "-o", "pipefail", script],
      {
        cwd: workspace,
        env: {
          PATH: process.env["PATH"],
          GITHUB_ACTION_PATH: resolve("."),
          ...Object.fromEntries(env),
          ...environment,
        },
      },
      (error, stdout) => {
        done({ status: error === null ? 0 : Number(error.code), stdout });
      },
    );
  });
}

const LINT = "Lint";
const CHECK = "Check that out/ is up to date";

describe("the action", () => {
  it("describes each input, and uses it", () => {
    const used = JSON.stringify(action.runs.steps);
    for (const [name, { description, default: value }] of Object.entries(action.inputs)) {
      expect(description).toMatch(/\.$/);
      expect(typeof value).toBe("string");
      expect(used).toContain(`inputs.${name}`);
    }
  });

  it("puts nothing of its inputs into the text of a script", () => {
    for (const { run } of action.runs.steps) expect(run).not.toContain("${{");
  });

  it("installs the package that its repository makes, and leaves the checkout as it is", async () => {
    const folder = temporaryFolder();
    const checkout = join(folder, "checkout");
    mkdirSync(checkout);
    await publish(checkout);
    const output = join(folder, "output");
    const environment = {
      ...GIT_ENVIRONMENT,
      RUNNER_TEMP: folder,
      GITHUB_ACTION_PATH: checkout,
      GITHUB_OUTPUT: output,
      npm_config_prefer_offline: "true",
    };
    const { status } = await runStep("Install nixgen", temporaryFolder(), {}, environment);
    expect(status).toBe(0);
    const program = /^program=(.*)\n$/.exec(readFileSync(output, "utf8"))?.[1] ?? "";
    expect(program.startsWith(checkout)).toBe(false);
    expect(await succeed("examples/starter", {}, process.execPath, program, "lint")).toBe(
      "no findings\n",
    );
    expect(await succeed(checkout, GIT_ENVIRONMENT, "git", "status", "--short", "--ignored")).toBe(
      "",
    );
  }, 300_000);

  it("annotates findings, and fails for errors", async () => {
    const workspace = writeFiles({
      "fleet/nixgen.toml": inventory().replace("uid = 850", "uid = 0"),
    });
    const { status, stdout } = await runStep(LINT, workspace, { config: "fleet/nixgen.toml" });
    expect(status).toBe(1);
    expect(stdout).toMatch(/^::error file=fleet\/nixgen\.toml,line=\d+,/m);
  });

  it("fails for what it is told to, and writes a report in SARIF where it is told to", async () => {
    const workspace = writeFiles({
      "nixgen.toml": inventory().replace('["1.1.1.1", "8.8.8.8"]', '["1.1.1.1"]'),
    });
    expect((await runStep(LINT, workspace)).status).toBe(0);
    const sarif = "a report.sarif";
    expect(await runStep(LINT, workspace, { "fail-on": "warning", sarif })).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/^::warning file=nixgen\.toml,/m) as unknown,
    });
    expect(JSON.parse(readFileSync(join(workspace, sarif), "utf8"))).toMatchObject({
      version: "2.1.0",
    });
  });

  it("takes its inputs as they are", async () => {
    const workspace = temporaryFolder();
    mkdirSync(join(workspace, "sub"));
    for (const value of [
      "$(touch executed)",
      "`touch executed`",
      "x; touch executed",
      "-h",
      '" x',
    ]) {
      for (const step of [LINT, CHECK]) {
        expect((await runStep(step, workspace, { config: value })).status).toBe(2);
      }
    }
    expect(existsSync(join(workspace, "executed"))).toBe(false);
  });

  it("fails where out/ is not what the inputs say", async () => {
    const workspace = writeFiles({ "nixgen.toml": inventory() });
    expect(await runStep(CHECK, workspace)).toMatchObject({
      status: 1,
      stdout: expect.stringContaining("+++ ") as unknown,
    });
  });
});
