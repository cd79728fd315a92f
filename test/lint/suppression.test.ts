/** What takes findings away, and what does not. */
// First, see there.
import { operations } from "../support/operations.ts";
import { describe, expect, it } from "vitest";
import type { Finding } from "../../src/finding/finding.ts";
import { InputError } from "../../src/text/input-error.ts";
import { lint, type LintOptions } from "../../src/lint/engine.ts";
import { matchesGlob } from "../../src/text/glob.ts";
import { rules } from "../../src/lint/rules/index.ts";
import { ruleIds } from "../../src/lint/select.ts";
import { type Files, inventory, loadFiles } from "../support/fleet.ts";
import { CASES } from "./cases.ts";
import { readMarks } from "./marks.ts";
import { emitFiles, planFleet } from "../support/plan.ts";

/** An inventory whose only finding is a warning of dns-single-resolver, in the line of `public`. */
function oneResolver(line = 'public = ["1.1.1.1"]', more = ""): string {
  return inventory(more).replace('public = ["1.1.1.1", "8.8.8.8"]', line);
}

/** One that changes a locked uid. */
function changedUid(line: string, more = ""): Files {
  return {
    "nixgen.toml": inventory(more).replace("uid = 850", line),
    "nixgen.lock": 'version = 1\n[uids]\n"pod@alpha" = 900\n',
  };
}

async function all(files: Files, options?: LintOptions): Promise<Finding[]> {
  return lint(await loadFiles(files), options);
}

/** "rule severity", and what suppresses it. */
function said(findings: readonly Finding[]): string[] {
  return findings.map(({ rule, severity, suppression }) =>
    [
      rule,
      severity,
      ...(suppression === undefined ? [] : [suppression.kind, suppression.reason]),
    ].join(" "),
  );
}

describe("a comment", () => {
  const LINES: readonly [string, string][] = [
    ["at the end of the line", 'public = ["1.1.1.1"] # nixgen: ignore[dns-single-resolver] why'],
    ["in the line above", '# nixgen: ignore[dns-single-resolver] why\npublic = ["1.1.1.1"]'],
    ["indented, without spaces", '  #nixgen:ignore[dns-single-resolver]why\npublic = ["1.1.1.1"]'],
    [
      "with another one between",
      '# nixgen: ignore[dns-single-resolver]: why\n# two of them\npublic = ["1.1.1.1"]',
    ],
    [
      "inside of the array",
      'public = [\n  "1.1.1.1", # nixgen: ignore[dns-single-resolver] — why\n]',
    ],
    [
      "with Windows line ends",
      '# nixgen: ignore[dns-single-resolver] why\r\npublic = ["1.1.1.1"]\r',
    ],
  ];

  it.each(LINES)("suppresses %s", async (_, line) => {
    expect(said(await all({ "nixgen.toml": oneResolver(line) }))).toEqual([
      "dns-single-resolver warning comment why",
    ]);
  });

  it("in a string is none", async () => {
    const line = 'public = ["1.1.1.1"]\nservice = """\n# nixgen: ignore[dns-single-resolver] x"""';
    const findings = await all({ "nixgen.toml": oneResolver(line) });
    expect(said(findings)).toContain("dns-single-resolver warning");
    expect(said(findings).join()).not.toContain("comment");
  });

  it("is for its own rule and line only, for every host that is reported there", async () => {
    const files = {
      "nixgen.toml": inventory(
        '# nixgen: ignore[unknown-node] gamma comes in May\n[[users]]\nname = "a"\nuid = 900\nnodes = ["gamma", "delta"]\n',
      ),
    };
    const findings = await all(files);
    expect(said(findings)).toEqual([
      "unused-ignore warning",
      "unknown-node error",
      "unknown-node error",
    ]);
    const beside = files["nixgen.toml"].replace(
      'nodes = ["gamma", "delta"]',
      'nodes = ["gamma", "delta"] # nixgen: ignore[unknown-node] they come in May',
    );
    expect(said(await all({ "nixgen.toml": beside }))).toEqual([
      "unused-ignore warning",
      "unknown-node error comment they come in May",
      "unknown-node error comment they come in May",
    ]);
  });

  it("without a reason suppresses nothing", async () => {
    const line = 'public = ["1.1.1.1"] # nixgen: ignore[dns-single-resolver]';
    expect(said(await all({ "nixgen.toml": oneResolver(line) }))).toEqual([
      "dns-single-resolver warning",
      "ignore-without-reason error",
    ]);
  });

  it("in the lock file, which is written anew, is none", async () => {
    const files = {
      ...changedUid("uid = 850"),
      "nixgen.lock": 'version = 1\n# nixgen: ignore[uid-changed] x\n[uids]\n"pod@alpha" = 900\n',
    };
    expect(said(await all(files))).toEqual(["uid-changed error"]);
  });

  it("is not asked for in files that do not speak of nixgen", async () => {
    const fleet = await loadFiles({ "nixgen.toml": inventory("# nothing") });
    const sources = new Map(
      [...fleet.sources].map(([file, source]) => [
        file,
        {
          ...source,
          comments: () => {
            throw new Error("asked");
          },
        },
      ]),
    );
    expect(lint({ ...fleet, sources })).toEqual([]);
  });
});

describe("[[lint.ignore]]", () => {
  const entry = (path: string, more = ""): string =>
    `[[lint.ignore]]\nrule = "uid-collision"\npath = "${path}"\nreason = "why"\n${more}`;
  const files = (ignore: string): Files => ({
    "nixgen.toml": inventory(ignore).replace("uid = 850", "uid = 60100"),
    "facts/alpha.json":
      '{"schema": 1, "host": "alpha", "passwd": [{"name": "x", "uid": 60100, "gid": 1}]}',
    "facts/beta.json":
      '{"schema": 1, "host": "beta", "passwd": [{"name": "x", "uid": 60100, "gid": 1}]}',
  });
  const suppressed = async (ignore: string): Promise<string[]> =>
    (await all(files(ignore)))
      .filter(({ suppression }) => suppression?.kind === "config")
      .map(({ message }) => message);

  it("is for all that is reported in a file, or for what names a host", async () => {
    const both = (await all(files(""))).filter(({ rule }) => rule === "uid-collision");
    expect(both.map(({ message }) => message)).toEqual([
      expect.stringContaining("on alpha"),
      expect.stringContaining("on beta"),
    ]);
    const messages = both.map(({ message }) => message);
    expect(await suppressed(entry("nixgen.toml"))).toEqual(messages);
    expect(await suppressed(entry("*.toml"))).toEqual(messages);
    expect(await suppressed(entry("facts/*.json"))).toEqual([]);
    expect(await suppressed(entry("nixgen.toml", 'message = "on beta"'))).toEqual([messages[1]]);
  });

  it("must have a reason", async () => {
    await expect(all(files(entry("x").replace('reason = "why"', 'reason = " "')))).rejects.toThrow(
      "lint.ignore[0].reason must be a reason",
    );
  });
});

describe("patterns of files", () => {
  it.each([
    ["services/a.toml", "services/a.toml", true],
    ["services/*.toml", "services/a.toml", true],
    ["services/*.toml", "services/x/a.toml", false],
    ["services/**", "services/x/a.toml", true],
    ["**/a.toml", "a.toml", true],
    ["**/x/**/a.toml", "services/x/y/z/a.toml", true],
    ["*/a.toml", "a.toml", false],
    ["s*s/*a*", "services/bar.toml", true],
    ["s*s/*a*", "services/b.toml", false],
    ["services", "services/a.toml", false],
    ["*", "", true],
    ["a.toml", "aXtoml", false],
  ])("%s and %s: %s", (pattern, file, matched) => {
    expect(matchesGlob(pattern, file)).toBe(matched);
  });

  it("take no longer for being made to", () => {
    expect(matchesGlob(`${"*a".repeat(60)}b`, "a".repeat(5000))).toBe(false);
    expect(matchesGlob(`${"**/a/".repeat(60)}b`, "a/".repeat(5000))).toBe(false);
  });
});

describe("comments", () => {
  it("take no longer for being made to", async () => {
    const fleet = await loadFiles({
      "nixgen.toml":
        `# nixgen: ignore[uid-unpinned]${" ".repeat(100_000)}x\u2028y\n` +
        "# nixgen: ignore[uid-unpinned] one of many\n".repeat(5000) +
        `# nixgen: ignore[${"a,".repeat(200_000)}b] a long list\n${inventory()}`,
    });
    // The text has 700,000 characters.
    expect(operations(() => void lint(fleet))).toBeLessThan(10_000_000);
  });
});

describe("a uid that changed", () => {
  const SILENCERS: readonly [string, Files][] = [
    ["a comment", changedUid("uid = 850 # nixgen: ignore[uid-changed] moved")],
    [
      "[[lint.ignore]]",
      changedUid("uid = 850", '[[lint.ignore]]\nrule = "uid-changed"\npath = "**"\nreason = "r"'),
    ],
    ["off", changedUid("uid = 850", '[lint.rules]\nuid-changed = "off"')],
    ["another severity", changedUid("uid = 850", '[lint.rules]\nuid-changed = "info"')],
    [
      "the baseline",
      {
        ...changedUid("uid = 850"),
        "nixgen.baseline.json": JSON.stringify({
          version: 1,
          findings: [
            {
              rule: "uid-changed",
              file: "nixgen.toml",
              message: "user pod on alpha was locked to uid 900, which must not become 850",
            },
          ],
        }),
      },
    ],
  ];

  it.each(SILENCERS)("stays an error whatever silences it: %s", async (_, files) => {
    const findings = await all(files);
    expect(said(findings).sort()).toEqual(["ignore-not-allowed error", "uid-changed error"]);
    expect(findings.map(({ help }) => help).join()).toContain("nixgen lock accept");
  });

  it("cannot be left out with --no-rule, nor any other change of an identity", () => {
    for (const id of [
      "user-renamed",
      "uid-changed",
      "gid-changed",
      "home-changed",
      "subid-changed",
    ]) {
      expect(() => ruleIds("no-rule", ["boot-order", id])).toThrow(`${id} cannot be switched off`);
    }
  });

  it("stays where somebody passes its id all the same", async () => {
    const findings = await all(changedUid("uid = 850"), { except: ["uid-changed"] });
    expect(said(findings)).toEqual(["uid-changed error"]);
  });
});

describe("[lint.rules]", () => {
  it("sets the severity, also where the rule itself chooses between several", async () => {
    for (const severity of ["error", "info"]) {
      const more = `[lint.rules]\ndns-single-resolver = "${severity}"`;
      expect(said(await all({ "nixgen.toml": oneResolver(undefined, more) }))).toEqual([
        `dns-single-resolver ${severity}`,
      ]);
    }
  });

  it("switches a rule off, which --rule overrules", async () => {
    const more = '[lint.rules]\ndns-single-resolver = "off"';
    const files = { "nixgen.toml": oneResolver(undefined, more) };
    expect(await all(files)).toEqual([]);
    expect(said(await all(files, { only: ["dns-single-resolver"] }))).toEqual([
      "dns-single-resolver warning",
    ]);
  });
});

describe("a choice of rules", () => {
  const files = {
    "nixgen.toml": oneResolver(
      'public = ["1.1.1.1"] # nixgen: ignore[dns-single-resolver] why',
      '# nixgen: ignore[dns-unsplit] nothing\n[lint.rules]\nnothing = "off"',
    ),
  };

  it("says nothing about ignores of rules that did not run", async () => {
    expect(said(await all(files))).toEqual([
      "dns-single-resolver warning comment why",
      "unused-ignore warning",
      "unknown-rule error",
    ]);
    expect(said(await all(files, { except: ["dns-unsplit", "unknown-rule"] }))).toEqual([
      "dns-single-resolver warning comment why",
    ]);
    expect(said(await all(files, { only: ["unused-ignore"] }))).toEqual([]);
    expect(said(await all(files, { only: ["unused-ignore", "dns-unsplit"] }))).toEqual([
      "unused-ignore warning",
    ]);
  });
});

describe("a build of a fleet with a rule switched off", () => {
  const WRONG = Object.entries(CASES).flatMap(([id, { wrong }]) =>
    wrong.map(({ name, files }) => ({ id, name, files })),
  );

  it.each(WRONG)("works, or says what cannot be built: $id: $name", async ({ files }) => {
    const fleet = await loadFiles(readMarks(files).files);
    try {
      for (const plan of planFleet(fleet)) emitFiles(plan);
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
      expect((error as InputError).message).not.toMatch(/undefined|NaN|\[object/);
      expect((error as InputError).hint).toMatch(/^[A-Z].*\.$/);
    }
  });

  it.each(["dns", "registry"])("names no service of [%s] that is no safe name", async (table) => {
    const service = 'service = "../[x](https://example.org)"';
    const text =
      table === "dns"
        ? inventory().replace("[dns]", `[dns]\n${service}`)
        : inventory(`[registry]\nhost = "x.example"\n${service}`);
    const fleet = await loadFiles({ "nixgen.toml": text });
    expect(() => planFleet(fleet)).toThrow("is no safe name for a service");
  });

  it("has one host of a name, and one unit", async () => {
    const twice = inventory().replace('name = "beta"', 'name = "alpha"');
    const fleet = await loadFiles({ "nixgen.toml": twice });
    expect(() => planFleet(fleet)).toThrow("two hosts are named alpha");
  });
});

it("every rule may be off but those that must not be", () => {
  expect(rules.filter(({ unsuppressible }) => unsuppressible).map(({ id }) => id)).toEqual([
    "gid-changed",
    "home-changed",
    "route-port-shared",
    "subid-changed",
    "uid-changed",
    "user-renamed",
  ]);
});
