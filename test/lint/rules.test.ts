/** What every rule finds and what it leaves alone: the table in cases.ts. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Finding, unsuppressed } from "../../src/finding/finding.ts";
import type { Fleet } from "../../src/fleet/model.ts";
import { lint, type LintOptions } from "../../src/lint/engine.ts";
import type { Rule } from "../../src/lint/rule.ts";
import { rules } from "../../src/lint/rules/index.ts";
import { loadFiles } from "../support/fleet.ts";
import { CASES } from "./cases.ts";
import type { Wrong } from "./cases/case.ts";
import { type MarkedFiles, placesOf, readMarks } from "./marks.ts";

const RULE_FILES = readdirSync("src/lint/rules")
  .filter((file) => file !== "index.ts")
  .map((file) => file.replace(/\.ts$/, ""));

const WRONG = Object.entries(CASES).flatMap(([id, { wrong }]) =>
  wrong.map((each) => ({ id, name: each.name, wrong: each })),
);
const RIGHT = Object.entries(CASES).flatMap(([id, { right }]) =>
  right.map(({ name, files }) => ({ id, name, files })),
);

/** What the table says about a wrong fleet, in the form of what is found in it. */
function expected(id: string, { files, messages, severity }: Wrong) {
  const { at, related } = readMarks(files);
  const rule = rules.find((candidate) => candidate.id === id);
  return { at, related, messages, severities: [severity ?? rule?.severity], otherErrors: [] };
}

/** What a rule found in a fleet, and the errors of all others. */
function found(id: string, findings: readonly Finding[]) {
  const own = findings.filter(({ rule }) => rule === id);
  return {
    ...placesOf(own),
    messages: own.map(({ message }) => message),
    severities: [...new Set(own.map(({ severity }) => severity))],
    otherErrors: findings
      .filter(({ rule, severity }) => rule !== id && severity === "error")
      .map(({ rule, message }) => `${rule}: ${message}`),
  };
}

/** How a rule is run: some are for `nixgen audit` alone. */
function run(id: string): LintOptions {
  return { audit: rules.find((rule) => rule.id === id)?.audit === "only" };
}

const loaded = new Map<MarkedFiles, Promise<Fleet>>();

/** The fleet of a case; each is loaded once. */
function load({ files }: Pick<Wrong, "files">): Promise<Fleet> {
  const fleet = loaded.get(files) ?? loadFiles(readMarks(files).files);
  loaded.set(files, fleet);
  return fleet;
}

describe("the table", () => {
  it("has every rule, with a wrong and two right fleets", () => {
    expect(Object.keys(CASES).sort()).toEqual(RULE_FILES.sort());
    for (const [id, { wrong, right }] of Object.entries(CASES)) {
      expect(wrong.length, id).toBeGreaterThanOrEqual(1);
      expect(right.length, id).toBeGreaterThanOrEqual(2);
    }
  });

  it("names every rule like its file", () => {
    expect(rules.map(({ id }) => id)).toEqual(RULE_FILES.sort());
  });
});

describe("a wrong fleet", () => {
  it.each(WRONG)("$id: $name", async ({ id, wrong }) => {
    const findings = unsuppressed(lint(await load(wrong), run(id)));
    expect(found(id, findings)).toEqual(expected(id, wrong));
    const help = findings.find(({ rule }) => rule === id)?.help;
    for (const part of wrong.help ?? []) expect(help).toContain(part);
  });

  it.each(WRONG)("needs its rule: $id: $name", async ({ id, wrong }) => {
    const without = rules.map((rule): Rule =>
      rule.id === id ? { ...rule, check: () => [] } : rule,
    );
    expect(
      found(id, unsuppressed(lint(await load(wrong), { ...run(id), rules: without }))),
    ).not.toEqual(expected(id, wrong));
  });
});

describe("a right fleet, however unusual", () => {
  it.each(RIGHT)("$id: $name", async ({ id, files }) => {
    const findings = unsuppressed(lint(await load({ files }), run(id)));
    expect(findings.filter(({ rule }) => rule === id)).toEqual([]);
  });
});

describe("what is said", () => {
  it.each([...WRONG, ...RIGHT.map((right) => ({ ...right, wrong: right }))])(
    "is whole sentences without holes: $id: $name",
    async ({ id, wrong }) => {
      for (const { message, help, related } of lint(await load(wrong), run(id))) {
        for (const text of [message, help, ...related.map((place) => place.message)]) {
          expect(text).not.toMatch(
            /undefined(?!-container)|null|NaN|\[object|\(\)| {2}|: ?\.|, ?\.|^$/,
          );
        }
        expect(message).not.toMatch(/\.$/);
        expect(help).toMatch(/^[A-Z"$s].*[.?]$/);
      }
    },
  );

  it.each(WRONG)("has a fix only where its rule says so: $id: $name", async ({ wrong }) => {
    for (const { rule: id, fix } of lint(await load(wrong))) {
      if (fix === undefined) continue;
      expect(rules.find((rule) => rule.id === id)?.fixable, `${id}: fixable`).toBe(true);
    }
  });

  it("is told by every rule's doc comment, which begins with a sentence", () => {
    for (const id of RULE_FILES) {
      const text = readFileSync(`src/lint/rules/${id}.ts`, "utf8");
      expect(text, id).toMatch(
        /\/\*\*\n \* [A-Z][^\n]+[\s\S]*?\n \*\/\nexport const rule: Rule = \{/,
      );
    }
  });
});
