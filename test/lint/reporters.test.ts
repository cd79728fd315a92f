/** What the reporters make of findings. */
import type { Location } from "../../src/document/place.ts";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { Finding } from "../../src/finding/finding.ts";
import { loadFleet } from "../../src/fleet/load.ts";
import { parseToml } from "../../src/document/source.ts";
import { lint } from "../../src/lint/engine.ts";
import { reportJson } from "../../src/lint/reporters/json.ts";
import { reportPretty } from "../../src/lint/reporters/pretty.ts";
import { inventory, lintFiles, loadFiles } from "../support/fleet.ts";

const FILE = "services/web.toml";

function finding(change: Partial<Finding> = {}): Finding {
  return {
    rule: "some-rule",
    severity: "error",
    message: "something is wrong",
    help: "Write it otherwise.",
    location: at(1, 8, 1, 13),
    related: [],
    ...change,
  };
}

function at(line: number, column: number, endLine: number, endColumn: number): Location {
  return { file: FILE, line, column, endLine, endColumn };
}

/** Reports findings about one file of a text. */
function pretty(text: string, findings: readonly Finding[], colour = false): string {
  const sources = new Map([[FILE, { ...parseToml(FILE, ""), text }]]);
  return reportPretty(findings, { sources, colour });
}

/** A finding about what a text in the file begins with. */
function about(text: string, part: string): Finding {
  const column = text.indexOf(part) + 1;
  return finding({ location: at(1, column, 1, column + part.length) });
}

describe("json", () => {
  it("has exactly this form", () => {
    const related = [{ ...at(2, 1, 2, 3), message: "here" }];
    const text = reportJson([finding({ related }), finding({ severity: "info" })], {
      sources: new Map(),
      colour: true,
    });
    expect(text.endsWith("}\n")).toBe(true);
    expect(JSON.stringify(JSON.parse(text))).toBe(
      JSON.stringify({
        version: 1,
        findings: [
          {
            rule: "some-rule",
            severity: "error",
            message: "something is wrong",
            help: "Write it otherwise.",
            location: { file: FILE, line: 1, column: 8, endLine: 1, endColumn: 13 },
            related: [
              { file: FILE, line: 2, column: 1, endLine: 2, endColumn: 3, message: "here" },
            ],
          },
          {
            rule: "some-rule",
            severity: "info",
            message: "something is wrong",
            help: "Write it otherwise.",
            location: { file: FILE, line: 1, column: 8, endLine: 1, endColumn: 13 },
            related: [],
          },
        ],
        summary: { errors: 1, warnings: 0, infos: 1 },
      }),
    );
  });

  it("names files relative to the fleet's folder, wherever that is, with places in TOML and JSON", async () => {
    const { fleet, sources } = await loadFleet(
      join(process.cwd(), "examples/incident/nixgen.toml"),
    );
    const findings = fleet === undefined ? [] : lint(fleet);
    const report = JSON.parse(reportJson(findings, { sources, colour: false })) as {
      findings: Finding[];
    };
    expect(report.findings[0]).toEqual({
      rule: "uid-collision",
      severity: "error",
      message: "uid 995 on orion belongs to sshd, but is pinned for user mcp",
      help: findings[0]?.help,
      location: { file: "nixgen.toml", line: 12, column: 16, endLine: 12, endColumn: 19 },
      related: [
        {
          file: "facts/orion.json",
          line: 10,
          column: 30,
          endLine: 10,
          endColumn: 33,
          message: "orion gave uid 995 to sshd",
        },
      ],
    });
  });

  it("of nothing is a report all the same", () => {
    expect(JSON.parse(reportJson([], { sources: new Map(), colour: false }))).toEqual({
      version: 1,
      findings: [],
      summary: { errors: 0, warnings: 0, infos: 0 },
    });
  });
});

describe("pretty", () => {
  it("shows both places of a collision", async () => {
    const files = {
      "nixgen.toml": inventory(),
      "facts/beta.json":
        '{ "schema": 1, "host": "beta", "passwd": [{ "name": "sshd", "uid": 850, "gid": 1 }] }',
    };
    const fleet = await loadFiles(files);
    const text = reportPretty(lint(fleet), { sources: fleet.sources, colour: false });
    expect(text).toMatchInlineSnapshot(`
      "error[uid-collision]: uid 850 on beta belongs to sshd, but is pinned for user pod
       --> nixgen.toml:7:7
      7 | uid = 850
        |       ^^^
       --> facts/beta.json:1:68
      1 | { "schema": 1, "host": "beta", "passwd": [{ "name": "sshd", "uid": 850, "gid": 1 }] }
        |                                                                    ^^^ beta gave uid 850 to sshd
        = help: If containers of pod have already run on another host, keep its uid there and give sshd another uid on beta, or set user.uid for beta alone ([[nodes]] user = { uid = … }). On a new fleet, pin a uid between 400 and 899 that is free on every host.

      1 error
      "
    `);
  });

  it("of nothing says so", () => {
    expect(pretty("", [])).toBe("no findings\n");
  });

  it("counts in the summary, in the singular and the plural", () => {
    const warnings = [finding({ severity: "warning" }), finding({ severity: "warning" })];
    const text = pretty('name = "web"', [finding(), ...warnings, finding({ severity: "info" })]);
    expect(text.split("\n").at(-2)).toBe("1 error, 2 warnings, 1 info");
  });

  it("leaves out what is suppressed, and counts it", () => {
    const suppression = { kind: "comment", reason: "so it is" } as const;
    expect(pretty("", [finding({ suppression })])).toBe("no findings, 1 suppressed\n");
    const text = pretty("a = 1", [finding(), finding({ suppression }), finding({ suppression })]);
    expect(text.match(/something is wrong/g)).toHaveLength(1);
    expect(text.split("\n").at(-2)).toBe("1 error, 2 suppressed");
  });

  it("says what can be fixed, and how", () => {
    const fix = { title: "do it", edits: [] };
    const suppression = { kind: "comment", reason: "so it is" } as const;
    const text = pretty("a = 1", [finding({ fix }), finding(), finding({ fix, suppression })]);
    expect(text.split("\n").slice(-3)).toEqual([
      "2 errors, 1 suppressed",
      "1 can be fixed: nixgen lint --fix",
      "",
    ]);
  });

  it("puts the mark below what is meant, after tabs and non-ASCII characters", () => {
    const text = '\t\tname = "ä🚀ö" # x';
    expect(frameOf(pretty(text, [about(text, '"ä🚀ö"')]))).toEqual([
      '1 |     name = "ä🚀ö" # x',
      "  |            ^^^^^",
    ]);
  });

  it("marks a place without any width, and one at the end of a line with CRLF", () => {
    expect(frameOf(pretty("a = 1", [finding({ location: at(1, 1, 1, 1) })]))[1]).toBe("  | ^");
    const frame = frameOf(pretty("a = 1\r\nb = 2\r\n", [finding({ location: at(1, 5, 2, 6) })]));
    expect(frame).toEqual(["1 | a = 1", "  |     ^"]);
  });

  it("shows the first line of a value of several", () => {
    const text = "ports = [\n  1,\n  2,\n]\n";
    const frame = frameOf(pretty(text, [finding({ location: at(1, 9, 4, 2) })]));
    expect(frame).toEqual(["1 | ports = [", "  |         ^"]);
  });

  it("has room for a finding with 200,000 further places", () => {
    const place = { ...at(1, 1, 1, 2), message: "here" };
    const text = pretty("a = 1", [finding({ related: Array<typeof place>(200_000).fill(place) })]);
    expect(text).toContain("\n1 error\n");
  });

  it("cuts a line of 10,000 characters around the place", () => {
    const text = `a = "${"x".repeat(5000)}NEEDLE${"y".repeat(5000)}"`;
    const frame = frameOf(pretty(text, [about(text, "NEEDLE")]));
    expect(frame[0]).toMatch(/^1 \| …x{30}NEEDLEy+…$/);
    expect(frame[0]?.length).toBeLessThan(130);
    expect(frame[1]?.indexOf("^")).toBe(frame[0]?.indexOf("N"));
    expect(frame[1]?.trim().replace("| ", "").trim()).toBe("^^^^^^");
  });

  it("cuts a value of 10,000 characters, and no character in two", () => {
    for (const padding of ["", "x"]) {
      const value = `"${padding}${"🚀".repeat(5000)}NEEDLE${"🚀".repeat(5000)}"`;
      const text = `a = ${value}`;
      for (const part of [value, "NEEDLE"]) {
        const report = pretty(text, [about(text, part)]);
        expect(report).not.toMatch(/\p{Cs}|\\u\{d/u);
        for (const line of frameOf(report)) expect([...line].length).toBeLessThan(130);
      }
    }
  });

  it("fills no more columns where each character takes several", () => {
    for (const text of ["\0".repeat(4096), "\t".repeat(200), `${"\u0001".repeat(90)}NEEDLE`]) {
      for (const part of [text.slice(0, 1), text.slice(-6)]) {
        const frame = frameOf(pretty(text, [about(text, part)]));
        expect(Math.max(...frame.map((line) => line.length))).toBeLessThanOrEqual(126);
      }
    }
    expect(frameOf(pretty("\0".repeat(80), [finding({ location: at(1, 80, 1, 81) })]))).toEqual([
      `1 | …${"\\u{0}".repeat(7)}`,
      `  | ${" ".repeat(31)}^^^^^`,
    ]);
  });

  it("says what there is to say where the source is missing", () => {
    const location = { ...at(3, 4, 3, 5), file: "gone.toml" };
    const text = pretty("", [finding({ location, related: [{ ...location, message: "here" }] })]);
    expect(text).toBe(
      [
        "error[some-rule]: something is wrong",
        " --> gone.toml:3:4",
        " --> gone.toml:3:4",
        "      here",
        "  = help: Write it otherwise.",
        "",
        "1 error",
        "",
      ].join("\n"),
    );
  });

  it("colours only where it is told to, whatever the process's own output is", () => {
    vi.stubEnv("FORCE_COLOR", "0");
    onTestFinished(() => void vi.unstubAllEnvs());
    const text = 'name = "web"';
    const findings = [finding(), finding({ severity: "warning" }), finding({ severity: "info" })];
    const plain = pretty(text, findings);
    const coloured = pretty(text, findings, true);
    expect(plain).not.toContain("\u001B");
    expect(coloured).toContain("\u001B[1m\u001B[31merror[some-rule]");
    // Single styles, too: styleText alone asks process.stdout about these.
    expect(coloured).toContain("\u001B[34m-->");
    expect(coloured).toContain("\u001B[1mhelp");
    expect(coloured).not.toBe(plain);
    expect(stripVTControlCharacters(coloured)).toBe(plain);
    expect(stripVTControlCharacters(pretty(text, [], true))).toBe("no findings\n");
  });

  /** What must not reach a terminal: escape sequences, direction, what cannot be seen, line breaks. */
  const NASTY = [
    "\u001B[31m",
    "\u0007",
    "\u0008",
    "\u007F",
    "\u009B2J",
    "\r",
    "\u202E",
    "\u2066",
    "\u200B",
    "\u00A0",
    "\u00AD",
    "\u2028",
    "\uFEFF",
    "\u{E0041}",
    "\uD800",
  ];

  it.each(NASTY.map((nasty) => [JSON.stringify(nasty), nasty] as const))(
    "makes %s visible in messages, help, names of files and lines",
    (_, nasty) => {
      const place = { ...at(1, 8, 1, 20), file: `a${nasty}b.toml` };
      const source = { ...parseToml(FILE, ""), text: `name = "a${nasty}b"` };
      const text = reportPretty(
        [
          finding({
            message: `m${nasty}m`,
            help: `h${nasty}h`,
            location: place,
            related: [{ ...place, message: `r${nasty}r` }],
          }),
        ],
        { sources: new Map([[place.file, source]]), colour: false },
      );
      expect(text).not.toMatch(/(?![\n ])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Zs}]/u);
      const number = (nasty.codePointAt(0) ?? 0).toString(16);
      for (const name of ["m", "h", "r"]) expect(text).toContain(`${name}\\u{${number}}`);
      expect(text).toContain(`name = "a\\u{${number}}`);
    },
  );

  it("keeps a line break or tab in a name from breaking the lines of the report", () => {
    const text = pretty("", [finding({ message: "a\nerror[fake]: b\tc" })]);
    expect(text.split("\n")[0]).toBe("error[some-rule]: a\\u{a}error[fake]: b\\u{9}c");
  });

  it("shows such names of a real fleet by their numbers", async () => {
    const files = {
      "nixgen.toml": inventory(),
      "services/web.toml": 'name = "w\\u001b[31m\\u202eb"\nnode = "alpha"\n',
    };
    const fleet = await loadFiles(files);
    const findings = await lintFiles(files);
    const text = reportPretty(findings, { sources: fleet.sources, colour: false });
    expect(text).toContain("is no safe name for a service");
    expect(text).not.toMatch(/[\u001B\u202E]/);
  });
});

/** The line of the file and the marks below it. */
function frameOf(text: string): string[] {
  return text.split("\n").slice(2, 4);
}
