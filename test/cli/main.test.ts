/** The CLI as a function: options, exit status, and what is written where. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EXIT, type Io, type Output, wantsColour } from "../../src/cli/io.ts";
import { main } from "../../src/cli/main.ts";
import { runCli } from "../support/cli.ts";
import { inventory, temporaryFolder, writeFiles } from "../support/fleet.ts";

/** A fleet without findings. */
function clean(): string {
  return writeFiles({ "nixgen.toml": inventory() });
}

/** A fleet with a warning and nothing worse. */
function warned(): string {
  return writeFiles({
    "nixgen.toml": inventory().replace('["1.1.1.1", "8.8.8.8"]', '["1.1.1.1"]'),
  });
}

/** A fleet with an error. */
function broken(): string {
  return writeFiles({ "nixgen.toml": inventory().replace("uid = 850", "uid = 0") });
}

/** A fleet with an info and nothing worse. */
function informed(): string {
  return writeFiles({
    "nixgen.toml": inventory('[[boot.sequence]]\nname = "core"\nservices = []'),
    "services/web.toml":
      'name = "web"\nnode = "alpha"\n[[components]]\nname = "web"\nimage = "web:v1"\nports = ["80:80"]\n',
  });
}

/** The commands, as --help lists them. */
const COMMANDS = [
  ...(await runCli("/", ["--help"])).stdout.matchAll(/^ {2}([a-z]+) {2,}[a-z]/gm),
].map(([, name = ""]) => name);

const KNOWN = `Known are ${[...COMMANDS].sort().join(", ")}.\n`;

describe("help", () => {
  it.each(COMMANDS)(
    "of %s has an example and the exit status, however it is asked for",
    async (command) => {
      const { status, stdout, stderr } = await runCli("/", [command, "--help"]);
      expect({ status, stderr }).toEqual({ status: EXIT.ok, stderr: "" });
      expect(stdout).toMatch(new RegExp(`^Usage: nixgen ${command} `, "m"));
      expect(stdout).toMatch(/^Exit status: 0 /m);
      expect(stdout).toMatch(new RegExp(`^Examples?:\\n +nixgen ${command}`, "m"));
      expect(stdout.endsWith("\n")).toBe(true);
      for (const argv of [
        [command, "-h"],
        ["help", command],
        ["--help", command],
      ]) {
        expect(await runCli("/", argv)).toEqual({ status: EXIT.ok, stdout, stderr: "" });
      }
    },
  );

  it("names every option that the command takes", async () => {
    const { stdout } = await runCli("/", ["lint", "--help"]);
    for (const option of ["--config", "--format", "--fail-on", "--help"]) {
      expect(stdout).toContain(option);
    }
  });

  it.each([["--help"], ["-h"], ["help"]])("of nixgen: %s", async (argument) => {
    const { status, stdout, stderr } = await runCli("/", [argument]);
    expect({ status, stderr }).toEqual({ status: EXIT.ok, stderr: "" });
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command} +\\w`, "m"));
    expect(stdout).toMatch(/^Exit status: /m);
    expect(stdout).toMatch(/^Example:\n {2}nixgen /m);
  });

  it("lists every command", () => {
    expect(COMMANDS).toEqual(expect.arrayContaining(["lint", "build", "rules", "explain"]));
  });

  it("goes to standard error, as a usage error, where there is no command", async () => {
    const { status, stdout, stderr } = await runCli("/", []);
    expect({ status, stdout }).toEqual({ status: EXIT.usage, stdout: "" });
    expect(stderr).toMatch(/^Usage: nixgen COMMAND/m);
  });

  it("is no option behind --", async () => {
    const { status, stderr } = await runCli("/", ["lint", "--", "--help"]);
    expect(status).toBe(EXIT.usage);
    expect(stderr).toContain('takes no argument "--help"');
  });

  it("has no lines that a terminal of 100 columns would break", async () => {
    for (const argv of [["--help"], ...COMMANDS.map((command) => [command, "--help"])]) {
      const { stdout } = await runCli("/", argv);
      for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
    }
  });
});

describe("--version", () => {
  it.each(["-V", "-v", "version"])("may be written as %s", async (word) => {
    expect(await runCli("/", [word])).toEqual(await runCli("/", ["--version"]));
  });

  it("is the package's", async () => {
    const { status, stdout } = await runCli("/", ["--version"]);
    expect(status).toBe(EXIT.ok);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe("a call that cannot be used", () => {
  const CALLS: readonly [string, readonly string[], string][] = [
    ["an unknown command", ["deploy"], `nixgen: there is no command "deploy"\n${KNOWN}`],
    ["a near command", ["lintt"], 'nixgen: there is no command "lintt"\nDid you mean "lint"?\n'],
    [
      "help of an unknown command",
      ["help", "buid"],
      'nixgen: there is no command "buid"\nDid you mean "build"?\n',
    ],
    [
      "a name of Object.prototype",
      ["constructor"],
      `nixgen: there is no command "constructor"\n${KNOWN}`,
    ],
    [
      "an unknown option of nixgen",
      ["--hepl"],
      "nixgen: unknown option --hepl\nDid you mean --help?\n",
    ],
    ["another", ["-x"], "nixgen: unknown option -x\nSee nixgen --help.\n"],
    [
      "an unknown option",
      ["lint", "--formt=json"],
      "nixgen: unknown option --formt\nDid you mean --format?\n",
    ],
    [
      "one in camelCase",
      ["lint", "--failOn", "info"],
      "nixgen: unknown option --failOn\nDid you mean --fail-on?\n",
    ],
    [
      "one that is like none",
      ["lint", "--xyzzy"],
      "nixgen: unknown option --xyzzy\nSee nixgen lint --help.\n",
    ],
    ["a short one", ["lint", "-q"], "nixgen: unknown option -q\nSee nixgen lint --help.\n"],
    [
      "a missing value",
      ["lint", "--format"],
      "nixgen: --format needs a value\nSee nixgen lint --help.\n",
    ],
    [
      "an option in the place of a value",
      ["lint", "--config", "--format", "json"],
      "nixgen: --config needs a value\nSee nixgen lint --help.\n",
    ],
    [
      "a value that is not wanted",
      ["lint", "--fix=yes"],
      "nixgen: --fix takes no value\nSee nixgen lint --help.\n",
    ],
    [
      "an empty value, as of a variable of the shell that is not set",
      ["lint", "--config", ""],
      "nixgen: --config has an empty value\nName one; is a variable of the shell unset? See nixgen lint --help.\n",
    ],
    [
      "one of several that is empty",
      ["build", "--host", "alpha", "--host="],
      "nixgen: --host has an empty value\nName one; is a variable of the shell unset? See nixgen build --help.\n",
    ],
    [
      "a wrong format",
      ["lint", "--format", "xml"],
      'nixgen: --format cannot be "xml"\nUse one of pretty, compact, json, sarif, github, junit.\n',
    ],
    [
      "a wrong severity",
      ["lint", "--fail-on", "Error"],
      'nixgen: --fail-on cannot be "Error"\nUse one of error, warning, info.\n',
    ],
    [
      "an argument",
      ["lint", "nixgen.toml"],
      'nixgen: nixgen lint takes no argument "nixgen.toml"\nSee nixgen lint --help.\n',
    ],
  ];

  it.each(CALLS)("%s", async (_, argv, stderr) => {
    expect(await runCli(clean(), argv)).toEqual({ status: EXIT.usage, stdout: "", stderr });
  });

  it("never reaches the terminal raw", async () => {
    for (const argv of [
      ["\u001B[31m"],
      ["--\u001B[31m"],
      ["lint", "--\u202E"],
      ["lint", "\u0007"],
      ["lint", "--config", "\n::error::x\u001B"],
    ]) {
      const { status, stderr } = await runCli("/", argv);
      expect(status).toBe(EXIT.usage);
      expect(stderr).not.toMatch(/[\u001B\u202E\u0007]|^::/m);
      expect(stderr).toContain("\\u");
    }
  });
});

describe("the inventory", () => {
  it("is found in a folder above", async () => {
    const folder = broken();
    const below = join(folder, "a/b");
    mkdirSync(below, { recursive: true });
    const { status, stdout } = await runCli(below, ["lint"]);
    expect(status).toBe(EXIT.findings);
    expect(stdout).toContain("--> nixgen.toml:");
    expect(stdout).toBe((await runCli(folder, ["lint"])).stdout);
  });

  it("is named by --config, relative to the working directory", async () => {
    const folder = broken();
    const elsewhere = join(folder, "a");
    mkdirSync(elsewhere);
    const there = await runCli(elsewhere, ["lint", "--config", "../nixgen.toml"]);
    expect(there).toEqual(await runCli(folder, ["lint"]));
    const absolute = await runCli("/", ["lint", "--config", join(folder, "nixgen.toml")]);
    expect(absolute).toEqual(there);
  });

  it("may be missing: --config", async () => {
    expect(await runCli(clean(), ["lint", "--config", "no/such.toml"])).toEqual({
      status: EXIT.usage,
      stdout: "",
      stderr: "nixgen: no/such.toml does not exist\nName a nixgen.toml with --config.\n",
    });
  });

  it("may be missing: nowhere", async () => {
    const folder = temporaryFolder();
    const { status, stdout, stderr } = await runCli(folder, ["lint"]);
    expect({ status, stdout }).toEqual({ status: EXIT.usage, stdout: "" });
    expect(stderr).toBe(
      `nixgen: no nixgen.toml in ${folder} or any folder above it\nRun this in the fleet's folder, or name the file with --config.\n`,
    );
  });

  it("may be no inventory: the problems are reported like findings, with status 2", async () => {
    const folder = writeFiles({ "nixgen.toml": inventory("[flet]\nx = 1") });
    const pretty = await runCli(folder, ["lint"]);
    expect(pretty.status).toBe(EXIT.usage);
    expect(pretty.stdout).toMatch(/^error\[unknown-key\]: unknown key flet\n/);
    expect(pretty.stderr).toBe("");
    const json = await runCli(folder, ["lint", "--format", "json"]);
    expect(json.status).toBe(EXIT.usage);
    expect(JSON.parse(json.stdout)).toMatchObject({
      version: 1,
      findings: [{ rule: "unknown-key", location: { file: "nixgen.toml", line: 27, column: 2 } }],
      summary: { errors: 1, warnings: 0, infos: 0 },
    });
  });

  it("may be no TOML at all", async () => {
    const folder = writeFiles({ "nixgen.toml": "[fleet\n" });
    const { status, stdout } = await runCli(folder, ["lint"]);
    expect(status).toBe(EXIT.usage);
    expect(stdout).toMatch(/^error\[syntax\]: nixgen\.toml: /);
  });
});

describe("the exit status of lint", () => {
  const STATUS: readonly [string, () => string, string, number][] = [
    ["clean", clean, "info", EXIT.ok],
    ["an info", informed, "error", EXIT.ok],
    ["an info", informed, "warning", EXIT.ok],
    ["an info", informed, "info", EXIT.findings],
    ["a warning", warned, "error", EXIT.ok],
    ["a warning", warned, "warning", EXIT.findings],
    ["a warning", warned, "info", EXIT.findings],
    ["an error", broken, "error", EXIT.findings],
    ["an error", broken, "info", EXIT.findings],
  ];

  it.each(STATUS)("with %s, --fail-on", async (_, fleet, failOn, status) => {
    const folder = fleet();
    expect((await runCli(folder, ["lint", "--fail-on", failOn])).status).toBe(status);
    if (failOn === "error") expect((await runCli(folder, ["lint"])).status).toBe(status);
  });

  it("says that there is nothing to say", async () => {
    expect(await runCli(clean(), ["lint"])).toEqual({
      status: EXIT.ok,
      stdout: "no findings\n",
      stderr: "",
    });
  });

  it("reports in JSON what it reports to people", async () => {
    const folder = broken();
    const { status, stdout, stderr } = await runCli(folder, ["lint", "--format", "json"]);
    expect({ status, stderr }).toEqual({ status: EXIT.findings, stderr: "" });
    const { findings, summary } = JSON.parse(stdout) as {
      findings: { message: string }[];
      summary: unknown;
    };
    expect(summary).toEqual({ errors: 1, warnings: 0, infos: 0 });
    const pretty = await runCli(folder, ["lint", "--format", "pretty"]);
    for (const { message } of findings) expect(pretty.stdout).toContain(message);
  });
});

describe("a bug", () => {
  const failing: Output = {
    isTerminal: false,
    write: () => {
      throw new TypeError("write is not\u001B[31m itself");
    },
  };

  function io(change: Partial<Io>): Io {
    const output: Output = { isTerminal: false, write: () => undefined };
    return {
      cwd: clean(),
      env: {},
      stdout: output,
      stderr: output,
      readInput: () => new Uint8Array(),
      ...change,
    };
  }

  it("is called one, with what is needed to report it, and status 3", async () => {
    let stderr = "";
    const status = await main(
      ["lint"],
      io({
        stdout: failing,
        stderr: { isTerminal: false, write: (text) => void (stderr += text) },
      }),
    );
    expect(status).toBe(EXIT.bug);
    expect(stderr).toMatch(
      /^nixgen: this is a bug of nixgen \d+\.\d+\.\d+, not a fault of yours\.\n/,
    );
    expect(stderr).toContain("TypeError: write is not\\u{1b}[31m itself");
    expect(stderr).toContain("main.test.ts");
  });

  it("is told by the exit status where nothing can be written at all", async () => {
    expect(await main(["lint"], io({ stdout: failing, stderr: failing }))).toBe(EXIT.bug);
    expect(await main(["no"], io({ stdout: failing, stderr: failing }))).toBe(EXIT.usage);
  });
});

describe("colour", () => {
  const CASES: readonly [boolean, Record<string, string>, boolean][] = [
    [false, {}, false],
    [true, {}, true],
    [true, { TERM: "dumb" }, false],
    [true, { TERM: "xterm" }, true],
    [true, { NO_COLOR: "1" }, false],
    [true, { NO_COLOR: "" }, true],
    [false, { FORCE_COLOR: "1" }, true],
    [false, { FORCE_COLOR: "" }, false],
    [true, { FORCE_COLOR: "0" }, false],
    [true, { FORCE_COLOR: "false" }, false],
    [false, { FORCE_COLOR: "1", NO_COLOR: "1" }, true],
    [false, { FORCE_COLOR: "1", TERM: "dumb" }, true],
  ];

  it.each(CASES)("on a terminal: %s, with %o: %s", async (isTerminal, env, colour) => {
    let stdout = "";
    const output: Output = { isTerminal, write: (text) => void (stdout += text) };
    const readInput = (): Uint8Array => new Uint8Array();
    const io: Io = { cwd: broken(), env, stdout: output, stderr: output, readInput };
    expect(wantsColour(io, output)).toBe(colour);
    expect(await main(["lint"], io)).toBe(EXIT.findings);
    expect(stdout.includes("\u001B[")).toBe(colour);
  });

  it("is never in JSON", async () => {
    const env = { FORCE_COLOR: "1" };
    const { stdout } = await runCli(broken(), ["lint", "--format", "json"], env);
    expect(stdout).not.toContain("\u001B");
  });
});
