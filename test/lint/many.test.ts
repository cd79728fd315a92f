/** More findings than anybody reads. */
import { expect, it } from "vitest";
import { lint } from "../../src/lint/engine.ts";
import { loadReporter } from "../../src/lint/reporters/index.ts";
import { FORMATS } from "../../src/lint/reporters/reporter.ts";
import type { Rule } from "../../src/lint/rule.ts";
import { inventory, loadFiles } from "../support/fleet.ts";

/** Finds something for ever. */
const endless: Rule = {
  id: "endless",
  group: "boot",
  severity: "warning",
  summary: "something is wrong",
  *check(fleet) {
    for (let number = 0; ; number += 1) {
      yield {
        message: `problem ${number}`,
        help: "Wait.",
        at: { file: fleet.file, path: ["dns"] },
      };
    }
  },
};

it("ends where a rule does not: the first 10,000, and that there are more", async () => {
  const fleet = await loadFiles({ "nixgen.toml": inventory() });
  const findings = lint(fleet, { rules: [endless] });
  expect(findings).toHaveLength(10_001);
  expect(findings[0]?.message).toBe(
    "endless finds more than 10000 times that something is wrong; the rest is not shown",
  );
  expect(findings.at(-1)?.message).toBe("problem 9999");
});

it("takes no time for ranges of ports, however wide and many they are", async () => {
  const wide = (address: string) => `"${address}:1-65535:1-65535"`;
  const ports = [
    ...Array<string>(500).fill(wide("192.168.1.10")),
    ...Array<string>(499).fill('"100.64.0.10:2:2"'),
    wide("100.64.0.10"),
  ];
  const fleet = await loadFiles({
    "nixgen.toml": inventory(),
    "services/a.toml": `name = "a"\nnode = "alpha"\n[[components]]\nname = "a"\nimage = "example/a:v1"\nports = [${ports.join(", ")}]`,
  });
  expect(lint(fleet, { only: ["single-address-binding"] })).toEqual([]);
}, 30_000);

it.each(FORMATS)("is reported as %s, in a size that programs can read", async (format) => {
  const fleet = await loadFiles({ "nixgen.toml": inventory() });
  const all = [1, 2, 3, 4, 5].map((number) => ({ ...endless, id: `endless-${number}` }));
  const findings = lint(fleet, { rules: all });
  const report = await loadReporter(format);
  const text = report(findings, { sources: fleet.sources, colour: false });
  expect(text).toContain("problem 9999");
  expect(text.length).toBeLessThan(100e6);
});
