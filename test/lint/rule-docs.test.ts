/** What `npm run generate` makes of doc comments, and what it refuses. */
import { describe, expect, it } from "vitest";
import { parseRuleDoc } from "../../scripts/rule-docs.ts";
import { rulesByGroup, rulesPage } from "../../scripts/rules-page.ts";
import type { Rule } from "../../src/lint/rule.ts";
import { rules } from "../../src/lint/rules/index.ts";

function comment(...lines: readonly string[]): string {
  return ["/**", ...lines.map((line) => ` * ${line}`.trimEnd()), " */"].join("\n");
}

describe("a doc comment", () => {
  it("is an explanation and two fleets", () => {
    const text = comment(
      ..."What it finds.\n\nWhy.\n@bad\n```toml nixgen.toml\n[dns]\n\nx = 1\n```".split("\n"),
      ..."```json facts/a.json\n{}\n```\n@good\n```toml nixgen.toml\n```".split("\n"),
    );
    expect(parseRuleDoc("some-rule", text)).toEqual({
      id: "some-rule",
      text: "What it finds.\n\nWhy.",
      bad: { "nixgen.toml": "[dns]\n\nx = 1\n", "facts/a.json": "{}\n" },
      good: { "nixgen.toml": "" },
    });
  });

  it.each<[string, string | undefined, string]>([
    ["that is missing", undefined, "some-rule has no doc comment"],
    ["of one line", "/** What it finds. */", "some-rule has no doc comment"],
    ["that says nothing", comment("", "@bad"), "the doc comment of some-rule explains nothing"],
    ["with an unknown tag", comment("Text.", "@badd"), "the doc comment of some-rule has @badd"],
    [
      "with more behind a tag",
      comment("Text.", "@bad one"),
      "the doc comment of some-rule has @bad one",
    ],
    [
      "with a file without a name",
      comment("Text.", "@bad", "```"),
      "an example of some-rule has a file without a name",
    ],
    [
      "with a file without an end",
      comment("Text.", "@bad", "```toml nixgen.toml", "[dns]"),
      "an example of some-rule has a file without an end",
    ],
    [
      "with text in an example",
      comment("Text.", "@good", "Better."),
      "an example of some-rule has text beside its files",
    ],
  ])("%s is refused", (_, text, message) => {
    expect(() => parseRuleDoc("some-rule", text)).toThrow(message);
  });
});

describe("docs/rules.md", () => {
  const rule: Rule = {
    id: "some-rule",
    group: "dns",
    severity: "warning",
    summary: "something is wrong",
    audit: "also",
    fixable: true,
    check: () => [],
  };
  const doc = { id: "some-rule", text: "A <uid>, `<code>`.", bad: {}, good: {} };
  const others = ["schema", "syntax", "unknown-key", "unreadable"].map((id) => ({ ...doc, id }));

  it("has a part for each rule, with its traits, its text and no HTML of it", () => {
    const page = rulesPage([rule], [doc, ...others], "Made.");
    expect(page).toContain("- DNS: [some-rule](#some-rule)\n");
    expect(page).toContain(
      "## DNS\n\n### some-rule\n\n_warning · also run by `nixgen audit` · `nixgen lint --fix` puts it right_\n\nA \\<uid>, `<code>`.\n",
    );
    expect(page).toContain("### schema\n\n_error · cannot be suppressed_\n");
    expect(() => rulesPage([rule], others, "Made.")).toThrow(
      "there is no explanation of some-rule",
    );
  });

  it("has every rule in one group", () => {
    const ids = rulesByGroup(rules).flatMap(({ entries }) => entries.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining(rules.map(({ id }) => id)));
    expect(ids.length).toBe(rules.length + 4);
  });
});
