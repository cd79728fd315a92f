/** Findings as a reporter must be able to take them: with everything, and with anything. */
import fc from "fast-check";
import { type Finding, SEVERITIES } from "../../src/finding/finding.ts";

/** What breaks a format, a terminal or a reader's trust, if it is passed on as it is. */
export const NASTY: readonly string[] = [
  "\n::error::fake",
  "%0A::error::fake",
  "\r\n",
  "]]>",
  "</failure>",
  '" onload="',
  "&amp;<b>",
  "a,title=b::c",
  "[click](https://example.org)",
  "{0}",
  "\u0000\u0008\u001B[31m",
  "\u007F\u009B2J",
  "\u202Eevil\u2066",
  "\u2028\u00A0\uFEFF",
  "\uD800",
  "\uFFFE\uFFFF",
  "\u{1F680}\u{E0041}",
  "%2e%2e/#?",
];

/** A finding that has all that a finding can have. */
export const WHOLE: Finding = {
  rule: "uid-collision",
  severity: "error",
  message: "uid 995 on orion belongs to sshd",
  help: "Give it another one ([[nodes]] user = { uid = … }).",
  location: { file: "nixgen.toml", line: 12, column: 16, endLine: 12, endColumn: 19 },
  related: [
    {
      file: "facts/orion.json",
      line: 10,
      column: 3,
      endLine: 11,
      endColumn: 2,
      message: "orion gave uid 995 to sshd",
    },
  ],
  fix: {
    title: "pin another uid",
    edits: [{ kind: "replace", at: { file: "nixgen.toml", path: ["user", "uid"] }, value: 851 }],
  },
};

/** One without anything that may be left out, over several lines. */
export const BARE: Finding = {
  rule: "boot-unstaged",
  severity: "info",
  message: "web is in no stage",
  help: "Put it into one.",
  location: { file: "services/web.toml", line: 3, column: 9, endLine: 7, endColumn: 2 },
  related: [],
};

/** One that somebody has ignored. */
export const SUPPRESSED: Finding = {
  ...BARE,
  severity: "warning",
  rule: "dns-single-resolver",
  suppression: { kind: "comment", reason: "the lab has one" },
};

/** A finding in which every text has something nasty. */
export function nastyFinding(nasty: string): Finding {
  return {
    ...WHOLE,
    message: `m${nasty}m`,
    help: `h${nasty}h`,
    location: { ...WHOLE.location, file: `services/a${nasty}b.toml` },
    related: WHOLE.related.map((place) => ({ ...place, message: `r${nasty}r` })),
  };
}

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom(...NASTY),
  fc.array(fc.constantFrom(...NASTY), { maxLength: 4 }).map((parts) => parts.join("x")),
);

const location = fc
  .tuple(text, fc.nat(), fc.nat(), fc.nat(), fc.nat())
  .map(([file, line, column, lines, columns]) => ({
    file,
    line: line + 1,
    column: column + 1,
    endLine: line + 1 + lines,
    endColumn: column + 1 + columns,
  }));

/** Any finding at all. */
export const anyFinding: fc.Arbitrary<Finding> = fc.record(
  {
    rule: fc.constantFrom("uid-collision", "schema", "dns-unsplit"),
    severity: fc.constantFrom(...SEVERITIES),
    message: text,
    help: text,
    location,
    related: fc.array(
      fc.tuple(location, text).map(([place, message]) => ({ ...place, message })),
      { maxLength: 2 },
    ),
    suppression: fc.record({
      kind: fc.constantFrom("comment", "config", "baseline"),
      reason: text,
    }),
  },
  { requiredKeys: ["rule", "severity", "message", "help", "location", "related"] },
);
