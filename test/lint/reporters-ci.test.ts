/** What the reporters for programs make of findings. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import Ajv from "ajv-draft-04";
import addFormats from "ajv-formats";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Finding } from "../../src/finding/finding.ts";
import { parseToml } from "../../src/document/source.ts";
import { ruleDocs } from "../../src/generated/rule-docs.js";
import { reportCompact } from "../../src/lint/reporters/compact.ts";
import { reportGithub } from "../../src/lint/reporters/github.ts";
import { loadReporter } from "../../src/lint/reporters/index.ts";
import { reportJson } from "../../src/lint/reporters/json.ts";
import { reportJunit } from "../../src/lint/reporters/junit.ts";
import { FORMATS, type ReportContext } from "../../src/lint/reporters/reporter.ts";
import { sarifReporter } from "../../src/lint/reporters/sarif.ts";
import { rules } from "../../src/lint/rules/index.ts";
import { lacks } from "../support/tools.ts";
import { anyFinding, BARE, NASTY, nastyFinding, SUPPRESSED, WHOLE } from "./hostile.ts";

const CONTEXT: ReportContext = { sources: new Map(), colour: true };
const IN_FOLDER: ReportContext = { ...CONTEXT, folder: "infra/fleet" };
const ALL = [WHOLE, BARE, SUPPRESSED];
const reportSarif = sarifReporter(ruleDocs);

/** Nothing but text and line breaks. */
const CLEAN = /^(?:\n|(?! )[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Zs}]| )*$/u;

describe("every reporter", () => {
  it.each(FORMATS)("%s lets nothing through that a terminal would act on", async (format) => {
    const report = await loadReporter(format);
    for (const nasty of NASTY) {
      const text = report([nastyFinding(nasty)], { ...CONTEXT, colour: false });
      expect(text).toMatch(CLEAN);
      expect(text.endsWith("\n")).toBe(true);
    }
  });

  it.each(FORMATS.filter((format) => format !== "pretty"))(
    "%s is never coloured",
    async (format) => {
      expect((await loadReporter(format))(ALL, CONTEXT)).not.toContain("\u001B");
    },
  );
});

describe("json", () => {
  it("has the fix and the suppression, and no text is another one for being printable", () => {
    const nasty = NASTY.map(nastyFinding);
    const report = JSON.parse(reportJson([...ALL, ...nasty], CONTEXT)) as { findings: Finding[] };
    expect(report.findings).toEqual([...ALL, ...nasty]);
  });
});

describe("compact", () => {
  it("has one line a finding, and leaves out what is suppressed", () => {
    expect(reportCompact(ALL, IN_FOLDER)).toBe(
      "infra/fleet/nixgen.toml:12:16: error[uid-collision]: uid 995 on orion belongs to sshd\n" +
        "infra/fleet/services/web.toml:3:9: info[boot-unstaged]: web is in no stage\n",
    );
    expect(reportCompact([SUPPRESSED], CONTEXT)).toBe("");
  });

  it("has one line a finding, whatever it says", async () => {
    await holds(
      fc.property(fc.array(anyFinding), (findings) => {
        const lines = reportCompact(findings, CONTEXT).split("\n");
        const shown = findings.filter(({ suppression }) => suppression === undefined);
        expect(lines.length).toBe(shown.length + 1);
      }),
      100,
    );
  });
});

describe("github", () => {
  it("has a workflow command a finding", () => {
    expect(reportGithub(ALL, IN_FOLDER)).toBe(
      "::error file=infra/fleet/nixgen.toml,line=12,endLine=12,col=16,endColumn=19,title=nixgen uid-collision" +
        "::uid 995 on orion belongs to sshd%0Ainfra/fleet/facts/orion.json:10: orion gave uid 995 to sshd" +
        "%0AGive it another one ([[nodes]] user = { uid = … }).\n" +
        "::notice file=infra/fleet/services/web.toml,line=3,endLine=7,title=nixgen boot-unstaged" +
        "::web is in no stage%0APut it into one.\n",
    );
    expect(reportGithub([{ ...BARE, severity: "warning" }], CONTEXT)).toMatch(/^::warning file=/);
    expect(reportGithub([SUPPRESSED], CONTEXT)).toBe("");
  });

  it("escapes what would end a property or a command", () => {
    const text = reportGithub([nastyFinding("%:,\r\n::error::x")], CONTEXT);
    expect(text).toContain("file=services/a%25%3A%2C\\u{d}\\u{a}%3A%3Aerror%3A%3Axb.toml,line=");
    expect(text).toContain("::m%25:,\\u{d}\\u{a}::error::xm%0A");
  });

  it("is read by the runner as it was meant, whatever a finding says", async () => {
    await holds(
      fc.property(fc.array(anyFinding), (findings) => {
        const lines = reportGithub(findings, CONTEXT).split("\n");
        expect(lines.pop()).toBe("");
        const shown = findings.filter(({ suppression }) => suppression === undefined);
        expect(lines.length).toBe(shown.length);
        for (const [index, { rule, location, related }] of shown.entries()) {
          const { properties, message } = readCommand(lines[index] ?? "");
          expect(properties["line"]).toBe(String(location.line));
          expect(properties["title"]).toBe(`nixgen ${rule}`);
          expect(Object.keys(properties).length).toBe(location.line === location.endLine ? 6 : 4);
          expect(message.split("\n").length).toBe(2 + related.length);
        }
      }),
      100,
    );
  });
});

/** Reads a workflow command as the runner does: cut first, decoded then. */
function readCommand(line: string) {
  const [, list = "", data = ""] = /^::(?:error|warning|notice) (.*?)::(.*)$/.exec(line) ?? [];
  const properties = list.split(",").map((part) => {
    const at = part.indexOf("=");
    const value = decode(part.slice(at + 1))
      .replaceAll("%3A", ":")
      .replaceAll("%2C", ",");
    return [part.slice(0, at), value.replaceAll("%25", "%")];
  });
  return {
    properties: Object.fromEntries(properties) as Record<string, string>,
    message: decode(data).replaceAll("%25", "%"),
  };
}

function decode(text: string): string {
  return text.replaceAll("%0D", "\r").replaceAll("%0A", "\n");
}

describe("junit", () => {
  it("fails what fails the run, and skips the rest", () => {
    expect(reportJunit(ALL, IN_FOLDER)).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="nixgen" tests="2" failures="1" errors="0" skipped="1">
        <testsuite name="nixgen lint" tests="2" failures="1" errors="0" skipped="1">
          <testcase name="uid-collision: uid 995 on orion belongs to sshd" classname="infra/fleet/nixgen.toml" file="infra/fleet/nixgen.toml" line="12">
            <failure type="uid-collision" message="uid 995 on orion belongs to sshd">
      infra/fleet/nixgen.toml:12:16: uid 995 on orion belongs to sshd
      infra/fleet/facts/orion.json:10:3: orion gave uid 995 to sshd
      Give it another one ([[nodes]] user = { uid = … }).
            </failure>
          </testcase>
          <testcase name="boot-unstaged: web is in no stage" classname="infra/fleet/services/web.toml" file="infra/fleet/services/web.toml" line="3">
            <skipped message="info: web is in no stage"/>
            <system-out>infra/fleet/services/web.toml:3:9: web is in no stage
      Put it into one.</system-out>
          </testcase>
        </testsuite>
      </testsuites>
      "
    `);
    const strict = reportJunit(ALL, { ...CONTEXT, failOn: "info" });
    expect(strict).toContain('tests="2" failures="2" errors="0" skipped="0"');
  });

  it("of nothing is a test that passed", () => {
    expect(reportJunit([SUPPRESSED], CONTEXT)).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="nixgen" tests="1" failures="0" errors="0" skipped="0">
        <testsuite name="nixgen lint" tests="1" failures="0" errors="0" skipped="0">
          <testcase name="no findings" classname="nixgen"/>
        </testsuite>
      </testsuites>
      "
    `);
  });

  it.skipIf(lacks("python3"))("is read by an XML parser as it was meant", () => {
    const sets = [
      [],
      ALL,
      NASTY.map(nastyFinding),
      ...fc.sample(fc.array(anyFinding, { maxLength: 4 }), { numRuns: 200, seed: 1 }),
    ];
    const parsed = parseXml(sets.map((findings) => reportJunit(findings, CONTEXT)));
    for (const [index, findings] of sets.entries()) {
      const shown = findings.filter(({ suppression }) => suppression === undefined);
      expect(parsed[index]?.cases).toBe(Math.max(1, shown.length));
      const failing = shown.filter(({ severity }) => severity === "error");
      expect(parsed[index]?.failures.length).toBe(failing.length);
    }
    const [nasty = ""] = parsed[2]?.failures.slice(NASTY.indexOf("]]>")) ?? [];
    expect(nasty).toBe("m]]>m");
  });
});

interface ParsedSuite {
  readonly cases: number;
  /** The messages of what failed. */
  readonly failures: readonly string[];
}

const PARSE = `
import json, sys
import xml.etree.ElementTree as tree
suites = [tree.fromstring(text.encode()) for text in json.load(sys.stdin)]
print(json.dumps([{
    "cases": len(suite.findall("testsuite/testcase")),
    "failures": [failure.get("message") for failure in suite.findall("testsuite/testcase/failure")],
} for suite in suites]))
`;
import { holds } from "../support/fuzz.ts";

function parseXml(texts: readonly string[]): ParsedSuite[] {
  const { stdout, stderr } = spawnSync("python3", ["-c", PARSE], {
    input: JSON.stringify(texts),
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  return JSON.parse(stdout) as ParsedSuite[];
}

describe("sarif", () => {
  const schema = JSON.parse(
    readFileSync("node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json", "utf8"),
  ) as object;
  // One of the schema's patterns is none under the flag u.
  const ajv = new Ajv({ allErrors: true, strict: false, unicodeRegExp: false });
  addFormats(ajv);
  const validate = ajv.compile(schema);

  function report(findings: readonly Finding[], context = CONTEXT) {
    const log = JSON.parse(reportSarif(findings, context)) as Log;
    expect(validate(log) ? [] : validate.errors).toEqual([]);
    return log.runs[0];
  }

  it("is checked at all", () => {
    expect(validate({ version: "2.1.0" })).toBe(false);
    expect(validate({ version: "2.1.0", runs: [{ tool: { driver: {} } }] })).toBe(false);
  });

  it("has every rule and every problem of loading, with its explanation", () => {
    const { driver } = report([]).tool;
    const ids = driver.rules.map(({ id }) => id);
    expect([...ids].sort()).toEqual(
      [...rules.map(({ id }) => id), "schema", "syntax", "unknown-key", "unreadable"].sort(),
    );
    const rule = driver.rules.find(({ id }) => id === "dns-no-fallback");
    expect(rule).toMatchObject({
      shortDescription: { text: "every resolver of a host is served by the fleet itself" },
      fullDescription: { text: "Every resolver of a host is served by the fleet itself." },
      defaultConfiguration: { level: "error" },
      properties: { tags: ["dns"] },
    });
    expect(rule?.helpUri).toMatch(/^https:\/\/.*\/docs\/rules\.md#dns-no-fallback$/);
    expect(rule?.help.text).toContain("(root cause 4)");
    expect(rule?.help.markdown).toContain("```toml\n[dns]\nzones = ");
  });

  it("has results with their places, suppressions and rules", () => {
    const { results, tool, columnKind } = report(ALL, IN_FOLDER);
    expect(columnKind).toBe("utf16CodeUnits");
    expect(results.map(({ ruleIndex }) => tool.driver.rules[ruleIndex]?.id)).toEqual(
      ALL.map(({ rule }) => rule),
    );
    expect(results[0]).toMatchObject({
      ruleId: "uid-collision",
      level: "error",
      message: {
        text: "uid 995 on orion belongs to sshd ([orion gave uid 995 to sshd](1)). Give it another one ([[nodes]] user = { uid = … }).",
      },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: "infra/fleet/nixgen.toml", uriBaseId: "%SRCROOT%" },
            region: { startLine: 12, startColumn: 16, endLine: 12, endColumn: 19 },
          },
        },
      ],
      relatedLocations: [
        {
          id: 1,
          physicalLocation: {
            artifactLocation: { uri: "infra/fleet/facts/orion.json", uriBaseId: "%SRCROOT%" },
            region: { startLine: 10, startColumn: 3, endLine: 11, endColumn: 2 },
          },
          message: { text: "orion gave uid 995 to sshd" },
        },
      ],
      suppressions: [],
    });
    expect(results[1]).toMatchObject({ level: "note", relatedLocations: [], suppressions: [] });
    expect(results[2]).toMatchObject({
      level: "warning",
      suppressions: [{ kind: "inSource", status: "accepted", justification: "the lab has one" }],
    });
  });

  it.each([
    ['a = 1\r\nb = [\n  "x",\n]\n', 'a = 1\r\nb = [\n  "x",\n  "y",\n]\n', "b"],
    ['b = ["x"]', 'b = ["x", "y"]', "b"],
    ["[t]\na = 1\n", '[t]\na = 1\nb = ["y"]\n', "t", "b"],
    ["[t]\na = 1", '[t]\na = 1\nb = ["y"]', "t", "b"],
  ])("has the fix of %j as a replacement", (before, after, ...path) => {
    const edit = { kind: "append", at: { file: "nixgen.toml", path }, values: ["y"] } as const;
    const finding = { ...WHOLE, fix: { title: "add y", edits: [edit] } };
    const sources = new Map([["nixgen.toml", parseToml("nixgen.toml", before)]]);
    const [result] = report([finding], { ...IN_FOLDER, sources }).results;
    const [change] = result?.fixes?.[0]?.artifactChanges ?? [];
    expect(change?.artifactLocation.uri).toBe("infra/fleet/nixgen.toml");
    const { deletedRegion: region, insertedContent } = change?.replacements[0] ?? {};
    const offset = (line = 1, column = 1): number =>
      before
        .split("\n")
        .slice(0, line - 1)
        .join("\n").length +
      (line > 1 ? 1 : 0) +
      column -
      1;
    expect(
      before.slice(0, offset(region?.["startLine"], region?.["startColumn"])) +
        (insertedContent?.text ?? "?") +
        before.slice(offset(region?.["endLine"], region?.["endColumn"])),
    ).toBe(after);
  });

  it("has the fixes of the first findings only where there is very much text", () => {
    const text = `${"#".repeat(1_000_000)}\nb = ["x"]\n`;
    const edit = {
      kind: "append",
      at: { file: "nixgen.toml", path: ["b"] },
      values: ["y"],
    } as const;
    const finding = { ...WHOLE, fix: { title: "add y", edits: [edit] } };
    const sources = new Map([["nixgen.toml", parseToml("nixgen.toml", text)]]);
    const { results } = report(Array<Finding>(6).fill(finding), { ...CONTEXT, sources });
    expect(results.map(({ fixes }) => fixes?.length)).toEqual([1, 1, 1, 1, undefined, undefined]);
  });

  it("has no fix where an edit cannot be made", () => {
    const sources = new Map([["nixgen.toml", parseToml("nixgen.toml", "user = 1")]]);
    expect(report([WHOLE], { ...CONTEXT, sources }).results[0]?.fixes).toBeUndefined();
    expect(report([WHOLE]).results[0]?.fixes).toBeUndefined();
  });

  it.each(["config", "baseline"] as const)("says that %s is outside of the source", (kind) => {
    const { results } = report([{ ...BARE, suppression: { kind, reason: "so" } }]);
    expect(results[0]?.suppressions).toMatchObject([{ kind: "external", justification: "so" }]);
  });

  it("knows a finding again when its line has moved, and tells two alike apart", () => {
    const moved = { ...WHOLE, location: { ...WHOLE.location, line: 40, endLine: 40 } };
    const print = (findings: readonly Finding[]) =>
      report(findings).results.map(({ partialFingerprints }) => partialFingerprints["nixgen/v1"]);
    expect(print([moved])).toEqual(print([WHOLE]));
    expect(new Set(print([WHOLE, moved, BARE])).size).toBe(3);
  });

  it("has names of files as URIs, and no links but its own", () => {
    const nasty = "% #?[click](https://example.org){0}";
    const [result] = report([nastyFinding(nasty)]).results;
    expect(result?.locations[0]?.physicalLocation.artifactLocation.uri).toBe(
      "services/a%25%20%23%3F%5Bclick%5D(https%3A//example.org)%7B0%7Db.toml",
    );
    expect(result?.message.text).toBe(
      "m% #?\\[click](https://example.org){{0}}m ([r% #?\\[click\\](https://example.org){0}r](1)). h% #?\\[click](https://example.org){{0}}h",
    );
  });

  it("is valid, whatever a finding says", async () => {
    report(NASTY.map(nastyFinding));
    await holds(
      fc.property(fc.array(anyFinding, { maxLength: 3 }), (findings) => {
        expect(report(findings).results.length).toBe(findings.length);
      }),
      100,
    );
  });
});

/** What the tests look at of a log. */
interface Log {
  readonly runs: [
    {
      readonly tool: {
        readonly driver: {
          readonly rules: readonly {
            readonly id: string;
            readonly helpUri: string;
            readonly help: { readonly text: string; readonly markdown: string };
          }[];
        };
      };
      readonly columnKind: string;
      readonly results: readonly {
        readonly ruleIndex: number;
        readonly message: { readonly text: string };
        readonly locations: readonly {
          readonly physicalLocation: { readonly artifactLocation: { readonly uri: string } };
        }[];
        readonly fixes?: readonly {
          readonly artifactChanges: readonly {
            readonly artifactLocation: { readonly uri: string };
            readonly replacements: readonly {
              readonly deletedRegion: Readonly<Record<string, number>>;
              readonly insertedContent: { readonly text: string };
            }[];
          }[];
        }[];
        readonly suppressions: readonly object[];
        readonly partialFingerprints: Readonly<Record<string, string>>;
      }[];
    },
  ];
}
