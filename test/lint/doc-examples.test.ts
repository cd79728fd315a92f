/** The examples in the rules' doc comments: the bad one yields its rule, the good one nothing at all. */
import { describe, expect, it } from "vitest";
import { readProblemDocs, readRuleDocs } from "../../scripts/rule-docs.ts";
import type { LintOptions } from "../../src/lint/engine.ts";
import { rules } from "../../src/lint/rules/index.ts";
import { wholeFleet } from "../support/example.ts";
import { inventory, lintFiles, problemsOf } from "../support/fleet.ts";

const DOCS = readRuleDocs(".");

/** How an example is run: what is for `nixgen audit` alone is not found by `nixgen lint`. */
function options(id: string): LintOptions {
  return { audit: rules.find((rule) => rule.id === id)?.audit === "only" };
}

describe.each(DOCS)("$id", ({ id, text, bad, good }) => {
  it("says what it finds, why that hurts, and when to ignore it", () => {
    expect(text.split("\n\n").length).toBeGreaterThanOrEqual(3);
    expect(text).toMatch(/^(Ignore it|Never ignore it)/m);
  });

  it("has a bad example that yields this rule and no other", async () => {
    const findings = await lintFiles(wholeFleet(bad), options(id));
    expect([...new Set(findings.map(({ rule }) => rule))]).toEqual([id]);
  });

  it("has a good example that yields nothing", async () => {
    expect(Object.keys(good)).not.toEqual([]);
    const findings = await lintFiles(wholeFleet(good), options(id));
    expect(findings.map(({ rule, message }) => `${rule}: ${message}`)).toEqual([]);
  });
});

describe.each(readProblemDocs("."))("$id", ({ id, text, bad, good }) => {
  it("says what it is, why that hurts, and that it cannot be ignored", () => {
    expect(text.split("\n\n").length).toBe(3);
    expect(text).toMatch(/^It cannot be ignored: /m);
  });

  // No text of a file can show a file that cannot be read.
  it.skipIf(id === "unreadable")("has an example of each kind", async () => {
    const problems = await problemsOf({ "nixgen.toml": inventory(), ...bad });
    expect(problems.map(({ rule }) => rule)).toEqual([id]);
    expect(await lintFiles(wholeFleet(good))).toEqual([]);
  });
});
