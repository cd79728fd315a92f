/**
 * Whole fleets as people have them. Each folder of test/corpus/wrong/ is wrong in one way, and each of
 * test/corpus/right/ is unusual and right. The comment at the top of its nixgen.toml says how, and
 * which rules find something there: `# expect: RULE` those that it is about, and `# allows: RULE` those
 * whose findings, never errors, an operator would want to read as well. All others must be quiet.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Finding, unsuppressed } from "../src/finding/finding.ts";
import { loadFleet } from "../src/fleet/load.ts";
import { lint } from "../src/lint/engine.ts";
import { parseFiles, sharedFolder } from "./generate/support.ts";
import { writeFiles } from "./support/fleet.ts";
import { lacks } from "./support/tools.ts";
import { emitAll, planFleet } from "./support/plan.ts";

const CORPUS = join(import.meta.dirname, "corpus");
const WRONG = readdirSync(join(CORPUS, "wrong")).sort();
const RIGHT = readdirSync(join(CORPUS, "right")).sort();

/** What the comment at the top of a fleet's inventory says. */
interface Header {
  /** What is unusual or wrong. */
  readonly title: string;
  readonly expects: readonly string[];
  readonly allows: readonly string[];
}

function readHeader(inventory: string): Header {
  const lines = readFileSync(inventory, "utf8").split(/\r?\n/);
  const end = lines.findIndex((line) => !line.startsWith("#"));
  const [title = "", ...rest] = lines.slice(0, end).map((line) => line.slice(1).trim());
  const listed = (key: string): string[] =>
    rest
      .filter((line) => line.startsWith(`${key}:`))
      .flatMap((line) => line.slice(key.length + 1).split(","))
      .map((id) => id.trim())
      .sort();
  return { title, expects: listed("expect"), allows: listed("allows") };
}

/** A fleet of the corpus, with what is found in it. */
async function readCase(kind: "wrong" | "right", name: string) {
  const inventory = join(CORPUS, kind, name, "nixgen.toml");
  const { fleet, ...rest } = await loadFleet(inventory);
  const findings = "findings" in rest ? rest.findings : [];
  return {
    header: readHeader(inventory),
    fleet,
    findings: fleet === undefined ? findings : unsuppressed(lint(fleet)),
  };
}

/** The rules that found something, each once. */
function idsOf(findings: readonly Finding[]): string[] {
  return [...new Set(findings.map(({ rule }) => rule))].sort();
}

/** A finding as one line, to show where there should be none. */
function text({ rule, severity, location, message }: Finding): string {
  return `${severity} ${rule} ${location.file}:${location.line}: ${message}`;
}

function errorsOf(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ severity }) => severity === "error");
}

describe("the corpus", () => {
  it("is large", () => {
    expect(WRONG.length).toBeGreaterThanOrEqual(30);
    expect(RIGHT.length).toBeGreaterThanOrEqual(30);
    expect(WRONG.length + RIGHT.length).toBeGreaterThanOrEqual(60);
  });
});

/** Line ends are easily lost on the way, and other tools would not show it. */
it("has line ends as on Windows", () => {
  const service = readFileSync(join(CORPUS, "right/crlf/services/gitea.toml"), "utf8");
  expect(service.split("\n").slice(0, -1)).toSatisfy((lines: string[]) =>
    lines.every((line) => line.endsWith("\r")),
  );
});

describe("a wrong fleet", () => {
  it.each(WRONG)("%s", async (name) => {
    const { header, findings } = await readCase("wrong", name);
    expect(header.title).toMatch(/^[A-Z].*\.$/);
    expect(header.expects.length, "# expect: RULE").toBeGreaterThan(0);
    expect(
      header.expects.some((id) => name.startsWith(id)),
      "the folder is named for the rule",
    ).toBe(true);
    expect(idsOf(findings), findings.map(text).join("\n")).toEqual(
      [...header.expects, ...header.allows].sort(),
    );
    const others = findings.filter(({ rule }) => !header.expects.includes(rule));
    expect(errorsOf(others).map(text)).toEqual([]);
  });
});

describe("a right fleet, however unusual", () => {
  const folder = sharedFolder();
  const emitted: string[] = [];

  it.each(RIGHT)("%s", async (name) => {
    const { header, fleet, findings } = await readCase("right", name);
    expect(header.title).toMatch(/^[A-Z].*\.$/);
    expect(header.expects).toEqual([]);
    expect(errorsOf(findings).map(text)).toEqual([]);
    expect(idsOf(findings), findings.map(text).join("\n")).toEqual(header.allows);

    if (fleet === undefined) throw new Error(`${name} does not load`);
    const tree = emitAll(planFleet(fleet));
    writeFiles(Object.fromEntries(tree), join(folder, name));
    emitted.push(
      ...[...tree.keys()]
        .filter((path) => path.endsWith(".nix"))
        .map((path) => join(folder, name, path)),
    );
  });

  it.skipIf(lacks("nix-instantiate"))("is emitted as Nix that parses", () => {
    expect(emitted.length).toBeGreaterThan(5 * RIGHT.length);
    parseFiles(emitted);
  });
});
