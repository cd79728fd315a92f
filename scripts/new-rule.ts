/**
 * Writes the skeleton of a rule: `npm run new-rule ID GROUP`.
 *
 * src/lint/rules/ID.ts lacks its comment, its summary and its check. Until they are written, `npm run generate`
 * refuses it, and the tests of its examples fail.
 */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { GROUPS } from "../src/lint/rule.ts";

/**
 * Writes the file.
 * @param root the project's folder.
 * @returns its path.
 * @throws {Error} where a name cannot be used, or is in use.
 */
export function newRule(root: string, id: string, group: string): string {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(id)) {
    throw new Error(`${id} cannot be the id of a rule: use a-z and 0-9, in words joined by -`);
  }
  if (!(GROUPS as readonly string[]).includes(group)) {
    throw new Error(`${group} is no group: use ${GROUPS.join(", ")}`);
  }
  const path = `src/lint/rules/${id}.ts`;
  if (existsSync(join(root, path))) throw new Error(`${path} is there already`);
  writeFileSync(
    join(root, path),
    `import type { Rule } from "../rule.ts";

/**
 * @bad
 * \`\`\`toml services/web.toml
 * name = "web"
 * \`\`\`
 * @good
 * \`\`\`toml services/web.toml
 * name = "web"
 * \`\`\`
 */
export const rule: Rule = {
  id: ${JSON.stringify(id)},
  group: ${JSON.stringify(group)},
  severity: "warning",
  summary: "",
  *check(fleet) {
    for (const host of fleet.hosts) {
    }
  },
};
`,
  );
  return path;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [id = "", group = ""] = process.argv.slice(2);
  try {
    console.log(newRule(process.cwd(), id, group));
    console.log("Next: write the comment, the summary and the check, then npm run generate.");
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  }
}
