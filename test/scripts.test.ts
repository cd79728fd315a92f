/** The scripts that write skeletons: what is left to be written must be missed. */
import { cpSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { Project } from "ts-morph";
import { beforeEach, describe, expect, it } from "vitest";
import { newRule } from "../scripts/new-rule.ts";
import { newSetting } from "../scripts/new-setting.ts";
import { readRuleDocs } from "../scripts/rule-docs.ts";
import { readSettingDocs } from "../scripts/setting-docs.ts";
import { temporaryFolder } from "./support/fleet.ts";

let root: string;

beforeEach(() => {
  root = temporaryFolder();
  mkdirSync(join(root, "test"));
  for (const path of ["src", "test/e2e", "tsconfig.json"]) {
    cpSync(path, join(root, path), { recursive: true });
  }
  // The types of zod.
  symlinkSync(join(process.cwd(), "node_modules"), join(root, "node_modules"));
});

/** What the type checker says of a file, in the project's own settings. */
function complaints(path: string): string[] {
  const project = new Project({
    tsConfigFilePath: join(root, "tsconfig.json"),
    skipAddingFilesFromTsConfig: true,
  });
  const file = project.addSourceFileAtPath(join(root, path));
  return file.getPreEmitDiagnostics().map((each) => JSON.stringify(each.getMessageText()));
}

describe("npm run new-setting", () => {
  it.each([
    ["text", 'oom_score = "x"'],
    ["number", "oom_score = 1"],
    ["flag", "oom_score = true"],
    ["list", 'oom_score = ["x"]'],
    ["table", 'oom_score = { a = "x" }'],
  ])("writes a %s, whose faces are missing", (form, example) => {
    const written = newSetting(root, "oom_score", form, "oom-score-adj");
    expect(written).toEqual([
      "src/settings/oom_score.ts",
      "src/fleet/schema.ts",
      "test/e2e/podman.test.ts",
    ]);
    const text = readFileSync(join(root, "src/settings/oom_score.ts"), "utf8");
    expect(text).toContain(` * ${example}\n`);
    expect(text).toContain('option: "oom-score-adj"');
    expect(() => readSettingDocs(root)).toThrow("the doc comment of oom_score says nothing");
    expect(complaints("src/settings/oom_score.ts").join()).toMatch(/path, compose|path.*compose/);
    // The list of settings lacks it.
    expect(complaints("src/settings/index.ts").join()).toContain("oom_score");
    const drill = readFileSync(join(root, "test/e2e/podman.test.ts"), "utf8");
    expect(drill).toContain("{ cmd: idle, oom_score: ");
  });

  it.each([
    ["Name", "text", "Name cannot be a key"],
    ["oom_score", "set", "set is no form: use text, number, flag, list, table"],
    ["labels", "table", "src/settings/labels.ts is there already"],
  ])("refuses %s %s", (key, form, message) => {
    const before = readFileSync(join(root, "src/fleet/schema.ts"), "utf8");
    expect(() => newSetting(root, key, form)).toThrow(message);
    expect(readFileSync(join(root, "src/fleet/schema.ts"), "utf8")).toBe(before);
  });
});

describe("npm run new-rule", () => {
  it("writes a rule, whose comment is missing", () => {
    expect(newRule(root, "port-odd", "addresses")).toBe("src/lint/rules/port-odd.ts");
    expect(() => readRuleDocs(root)).toThrow("port-odd explains nothing");
  });

  it.each([
    ["Port", "dns", "Port cannot be the id of a rule"],
    ["port-odd", "odd", "odd is no group"],
    ["boot-cycle", "boot", "boot-cycle.ts is there already"],
  ])("refuses %s %s", (id, group, message) => {
    expect(() => newRule(root, id, group)).toThrow(message);
  });
});
