/** The parts of the README that were made by running nixgen are what it prints now. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as prettier from "prettier";
import { describe, expect, it } from "vitest";
import { rulesByGroup } from "../scripts/rules-page.ts";
import { rules } from "../src/lint/rules/index.ts";
import { runCli } from "./support/cli.ts";

const root = join(import.meta.dirname, "..");
const path = join(root, "README.md");
const picture = join(root, "docs/boot-order.svg");

/** Each part's text, by the name behind `<!-- begin: -->`. */
const PARTS: Readonly<Record<string, () => string | Promise<string>>> = {
  async finding() {
    const { stdout } = await runCli(join(root, "examples/incident"), ["lint"]);
    const block = stdout.split("\n\n").find((text) => text.startsWith("error[uid-collision]"));
    return `\`\`\`text\n${block ?? ""}\n\`\`\``;
  },
  module() {
    return `\`\`\`nix\n${readFileSync(join(root, "out/orion/resolvers.nix"), "utf8")}\`\`\``;
  },
  rules() {
    const tables = rulesByGroup(rules).map(({ title, entries }) => {
      const rows = entries.map(
        ({ id, severity, summary }) =>
          `| [\`${id}\`](docs/rules.md#${id}) | ${severity} | ${summary} |`,
      );
      return [`| ${title} | severity | found where |`, "| --- | --- | --- |", ...rows].join("\n");
    });
    return tables.join("\n\n");
  },
};

function withPart(readme: string, name: string, text: string): string {
  const pattern = new RegExp(`(<!-- begin: ${name} -->\n)[^]*?(<!-- end -->)`);
  if (!pattern.test(readme)) throw new Error(`README.md has no part ${name}`);
  return readme.replace(pattern, (_, begin: string, end: string) => `${begin}\n${text}\n\n${end}`);
}

describe("README.md", () => {
  it("shows the boot order of the reference fleet as nixgen draws it", async () => {
    const argv = ["graph", "--format", "svg"];
    const { stdout } = await runCli(join(root, "examples/metacircular"), argv);
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(picture, stdout);
    expect(readFileSync(picture, "utf8"), "run npm run golden").toBe(stdout);
    expect(readFileSync(path, "utf8")).toContain("](docs/boot-order.svg)");
  });

  it("shows what nixgen prints and writes", async () => {
    const before = readFileSync(path, "utf8");
    let after = before;
    for (const [name, make] of Object.entries(PARTS)) after = withPart(after, name, await make());
    const config = await prettier.resolveConfig(path);
    after = await prettier.format(after, { ...config, filepath: path });
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(path, after);
    else expect(before, "run npm run golden").toBe(after);
  });
});
