/** Mistakes that people make in TOML: the message shows the line as it should be, and that line is right. */
import { join } from "node:path";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Finding } from "../../src/finding/finding.ts";
import { runCli } from "../support/cli.ts";
import { inventory, writeFiles } from "../support/fleet.ts";

const SERVICE = `name = "web"
node = "alpha"

[[components]]
name = "web"
image = "registry.example/web:v1.0.0"
ports = ["8080:8080"]
`;

async function problemsIn(
  root: string,
  ...options: readonly string[]
): Promise<readonly Finding[]> {
  const { stdout } = await runCli(root, ["lint", "--format", "json", ...options]);
  const { findings } = JSON.parse(stdout) as { findings: readonly Finding[] };
  return findings.filter(({ rule }) => ["syntax", "schema", "unknown-key"].includes(rule));
}

/** A service with one line in the place of another, and a stage with a timeout. */
function fleetWith(line: string, other: string): string {
  const text = `${inventory()}\n[[boot.sequence]]\nname = "only"\nservices = ["web"]\ntimeout = "90s"\n`;
  const files = { "nixgen.toml": text, "services/web.toml": SERVICE };
  const [file, before] = Object.entries(files).find(([, its]) => its.includes(line)) ?? ["", ""];
  expect(file, `there is no ${line}`).not.toBe("");
  return writeFiles({ ...files, [file]: before.replace(line, other) });
}

/** What is said, with the line that is to be written, which is then tried. */
async function corrected(line: string, other: string): Promise<string> {
  const root = fleetWith(line, other);
  const [problem] = await problemsIn(root);
  expect(problem).toBeDefined();
  const [, written] = /Write: (.*?)(?:, [^"]*)?\.?$/.exec(problem?.help ?? "") ?? [];
  if (problem === undefined || written === undefined) return problem?.help ?? "";
  const path = join(root, problem.location.file);
  const lines = readFileSync(path, "utf8").split("\n");
  writeFileSync(path, lines.with(problem.location.line - 1, written).join("\n"));
  expect(await problemsIn(root)).toEqual([]);
  return written;
}

describe("the line as it should be is shown", () => {
  it.each<[what: string, line: string, instead: string, shown: string]>([
    ["a missing quote", 'node = "alpha"', 'node = "alpha', 'node = "alpha"'],
    ["a missing first quote", 'node = "alpha"', 'node = alpha"', 'node = "alpha"'],
    ["typographic quotes", 'node = "alpha"', "node = “alpha”", 'node = "alpha"'],
    ["single typographic quotes", 'node = "alpha"', "node = ‘alpha’", "node = 'alpha'"],
    ["a line of YAML", 'node = "alpha"', "node: alpha", 'node = "alpha"'],
    ["no = at all", 'node = "alpha"', 'node "alpha"', 'node = "alpha"'],
    ["a word without quotes", 'node = "alpha"', "node = alpha # here", 'node = "alpha" # here'],
    ["a value of Python", 'node = "alpha"', 'node = "alpha"\nactive = True', "active = true"],
    ["yes", 'node = "alpha"', 'node = "alpha"\nactive = yes', "active = true"],
    ["a comma at the end", 'node = "alpha"', 'node = "alpha",', 'node = "alpha"'],
    ["a comment of C", 'node = "alpha"', 'node = "alpha" // here', 'node = "alpha" # here'],
    ["a header without its last bracket", "[[components]]", "[[components]", "[[components]]"],
    [
      "a list without quotes",
      'ports = ["8080:8080"]',
      "ports = [8080:8080]",
      'ports = ["8080:8080"]',
    ],
    ["a number between quotes", "uid = 850", 'uid = "850"', "uid = 850"],
    [
      "a truth between quotes",
      'node = "alpha"',
      'node = "alpha"\nactive = "false"',
      "active = false",
    ],
    ["a number for a duration", 'timeout = "90s"', "timeout = 180", 'timeout = "180s"'],
    ["a duration without unit", 'timeout = "90s"', 'timeout = "180"', 'timeout = "180s"'],
    [
      "one text for a list",
      'ports = ["8080:8080"]',
      'ports = "8080:8080"',
      'ports = ["8080:8080"]',
    ],
    ["a list of one for a text", 'node = "alpha"', 'node = ["alpha"]', 'node = "alpha"'],
    [
      "a table for a list",
      'ports = ["8080:8080"]',
      'env = { A = "1", B = 2 }',
      'env = ["A=1", "B=2"]',
    ],
    [
      "a list for a table",
      'ports = ["8080:8080"]',
      'labels = ["a.b=c"]',
      'labels = { "a.b" = "c" }',
    ],
    ["one table for tables", "[[components]]", "[components]", "[[components]]"],
    [
      "an address with its scheme",
      "registry.example/web:v1.0.0",
      "https://registry.example/web:v1.0.0",
      'image = "registry.example/web:v1.0.0"',
    ],
    ["capitals", "registry.example/web:v1.0.0", "Postgres:17.2", 'image = "postgres:17.2"'],
    ["blanks", "registry.example/web:v1.0.0", "web:v1 ", 'image = "web:v1"'],
  ])("%s", async (_, line, instead, shown) => {
    expect(await corrected(line, instead)).toBe(shown);
  });
});

describe("what else is said", () => {
  it.each<[what: string, line: string, instead: string, message: string, help: string]>([
    [
      "a key that was there",
      'node = "alpha"',
      'node = "alpha"\nnode = "beta"',
      "node was defined before, in line 2",
      "Keep one of the two lines.",
    ],
    [
      "a header that was there",
      "[[boot.sequence]]",
      "[user]\n[[boot.sequence]]",
      "[user] was defined before, in line",
      "Move these keys below the [user] of line",
    ],
    [
      "a key of another table",
      'node = "alpha"',
      'node = "alpha"\nimage = "a:b"',
      "unknown key image",
      "image belongs in [[components]].",
    ],
    [
      "a list for another key",
      'node = "alpha"',
      'nodes = ["alpha"]',
      "unknown key nodes",
      'Did you mean "node"? Write: node = "alpha".',
    ],
    [
      "several for a key of one",
      'node = "alpha"',
      'nodes = ["alpha", "beta"]',
      "unknown key nodes",
      'Did you mean "node"? That must be a string.',
    ],
    [
      "IPv6 without brackets",
      "8080:8080",
      "fd00::11:3000:3000",
      "write [fd00::11]:3000:3000, with brackets",
      "",
    ],
  ])("%s", async (_, line, instead, message, help) => {
    const [problem] = await problemsIn(fleetWith(line, instead));
    expect(problem?.message ?? "").toContain(message);
    expect(problem?.help ?? "").toContain(help);
  });

  it("only what says the same is fixed, and a key gets no name that does not take its value", async () => {
    const fixes = async (line: string, instead: string): Promise<string> => {
      const root = fleetWith(line, instead);
      await runCli(root, ["lint", "--fix"]);
      return ["nixgen.toml", "services/web.toml"]
        .map((file) => readFileSync(join(root, file), "utf8"))
        .join("");
    };
    expect(await fixes("uid = 850", 'uid = "850"')).toContain("uid = 850\n");
    expect(await fixes('ports = ["8080:8080"]', 'ports = "8080:8080"')).toContain(
      'ports = ["8080:8080"]\n',
    );
    expect(await fixes('timeout = "90s"', "timeout = 180")).toContain("timeout = 180\n");
    expect(await fixes('node = "alpha"', 'nodes = ["alpha"]')).toContain('nodes = ["alpha"]\n');
    expect(await fixes('node = "alpha"', 'nodee = "alpha"')).toContain('node = "alpha"\n');
  });

  it("a word in capitals is not taken for one in lower case", async () => {
    const ports = 'ports = ["8080:8080"]';
    const check = 'healthcheck = { command = ["CMD", "true"] }';
    const [problem] = await problemsIn(fleetWith(ports, `${ports}\n${check}`));
    expect(problem?.message).toContain('but is "CMD"');
    expect(problem?.help).not.toContain("cmd");
    const image = 'image = "registry.example/Web:v1"';
    const [upper] = await problemsIn(
      fleetWith(ports, `${ports}\n[[components]]\nname = "x"\n${image}`),
    );
    expect(upper?.help).toContain('image = "registry.example/web:v1", W in lower case');
  });

  it("rules are found by how they begin", async () => {
    const { status, stderr } = await runCli(writeFiles({}), ["explain", "image-"]);
    expect([status, stderr]).toEqual([
      2,
      'nixgen: there is no rule "image-"\nThose that begin so are image-latest, image-unpinned.\n',
    ]);
  });
});
