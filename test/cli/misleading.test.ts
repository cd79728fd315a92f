/** No text of the input becomes a command of GitHub's runner or of a terminal, whatever prints it. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCli } from "../support/cli.ts";
import { inventory, writeFiles } from "../support/fleet.ts";
import { workflowCommands } from "../support/workflow-commands.ts";

const TEXT =
  "A=x\n::error file=README.md,line=1::pwned\n \u00a0::stop-commands::tok\r::debug::x\n\u001b[31m ##[group]x\u202e\nend";
const service = (tag: string): string => `name = "web"
node = "alpha"

[[components]]
name = "web"
image = "registry.example/web:${tag}"
cmd = ["::error::x", "##[error]x"]
env = [${JSON.stringify(`${TEXT} ${tag}`)}]
volumes = ["/srv/##[x]:/x"]
`;
const COMPOSE = `name: x
services:
  web:
    image: registry.example/web:v1
    command: ["::error::x", ${JSON.stringify(TEXT)}]
    environment: { A: ${JSON.stringify(TEXT)} }
    labels: { "::warning::x": "##[error]" }
`;

const FACTS = JSON.stringify({
  schema: 1,
  host: "alpha",
  passwd: [{ name: "pod", uid: 850, gid: 850 }],
  listeners: [{ protocol: "tcp", address: "0.0.0.0", port: 8080, process: TEXT }],
  podman: [{ user: "pod", error: TEXT }],
});
const INSPECTED = JSON.stringify([
  {
    Name: "x",
    ImageName: "registry.example/x:v1",
    Config: { Env: [TEXT], Cmd: [TEXT, "::error::x"] },
  },
]);

/** A fleet with the texts in it, that was built before something changed. */
async function fleet(stage = '"web"'): Promise<string> {
  const root = writeFiles({
    "nixgen.toml": inventory(`[[boot.sequence]]
name = "all"
services = [${stage}]`),
    "services/web.toml": service("v1"),
    "compose.yml": COMPOSE,
    "facts/alpha.json": FACTS,
    "inspected.json": INSPECTED,
  });
  const git = (...argv: readonly string[]): void =>
    void execFileSync("git", ["-C", root, "-c", "user.name=x", "-c", "user.email=x@y", ...argv]);
  git("init", "-q");
  git("add", ".");
  git("commit", "-qm", "x");
  await runCli(root, ["build"]);
  writeFileSync(join(root, "services/web.toml"), service("v2"));
  return root;
}

const CALLS: readonly (readonly string[])[] = [
  ["build", "--check"],
  ["lint"],
  ...["compact", "json", "sarif", "junit"].map((format) => ["lint", "--format", format]),
  ["lint", "--fix", "--dry-run"],
  ["podman"],
  ["podman", "--json"],
  ["recover", "--host", "alpha"],
  ["graph"],
  ["graph", "--format", "dot"],
  ["import", "compose", "compose.yml"],
  ["import", "podman", "inspected.json"],
  ["diff"],
  ["diff", "--format", "markdown"],
  ["diff", "--format", "json"],
  ["diff", "::error::x"],
  ["audit"],
  ["audit", "--format", "json"],
  ["facts", "check", "facts/alpha.json"],
  ["build"],
  ["build", "--host", "\n::error::x"],
  ["lint", "--config", "::error::x"],
  ["::error::x"],
  ["explain", "\n::error::x"],
];

describe("texts of the input that are commands", () => {
  it.each(CALLS)("are none in what is printed: %s %s %s", async (...argv) => {
    // Right, and with something to report.
    for (const root of [await fleet(), await fleet('"web", "::error::x", "\\n##[error]x"')]) {
      const { stdout, stderr, status } = await runCli(root, argv);
      expect(status, stderr).not.toBe(3);
      expect(workflowCommands(stdout)).toEqual([]);
      expect(workflowCommands(stderr)).toEqual([]);
      expect(stdout + stderr).not.toMatch(/(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }
  });

  it("are shown in the lines around a change, and it is said that the diff cannot be applied", async () => {
    const text =
      'name = "web"\nactve = true\nnode = """\n  ::error file=README.md::pwned\n##[error]"""\n';
    const root = writeFiles({ "nixgen.toml": inventory(), "services/web.toml": text });
    const { stdout, stderr } = await runCli(root, ["lint", "--fix", "--dry-run"]);
    expect(stdout).toContain("\n   :\\u{3a}error file=README.md::pwned\n");
    expect(stdout).toContain("\n ##\\u{5b}error]");
    expect(stderr).toContain("it cannot be applied");
  });

  it("are in what is written as they are", async () => {
    const root = await fleet();
    await runCli(root, ["build"]);
    const files = readdirSync(join(root, "out/alpha")).map((name) =>
      readFileSync(join(root, "out/alpha", name), "utf8"),
    );
    expect(files.some((text) => text.includes("::stop-commands::tok"))).toBe(true);
  });

  it("of the github reporter's are its own alone", async () => {
    const { stdout } = await runCli(await fleet('"web", "::error::x"'), [
      "lint",
      "--format",
      "github",
    ]);
    for (const line of workflowCommands(stdout))
      expect(line).toMatch(/^::(?:error|warning|notice) file=/);
    expect(stdout.split("\n").filter((line) => line !== "" && !line.startsWith("::"))).toEqual([]);
  });
});
