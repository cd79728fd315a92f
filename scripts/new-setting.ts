/**
 * Writes the skeleton of a setting: `npm run new-setting NAME FORM [OPTION]`.
 *
 *   NAME    the key of a component, like stop_timeout
 *   FORM    text, number, flag, list or table
 *   OPTION  podman's option without dashes; like the key if it is missing
 *
 * src/settings/NAME.ts lacks its comment and what podman inspect and Compose call it. Until that is written,
 * `npm run generate` and the type checker refuse it. The key's form in src/fleet/schema.ts and the container of the
 * drill in test/e2e/podman.test.ts are added; both are to be made stricter by hand.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** For each form: what the schema admits, an example of it, and what makes a setting of it (src/settings/forms.ts). */
const FORMS = {
  text: { schema: "oneLine", example: '"x"', maker: "text" },
  number: { schema: "z.int().min(0)", example: "1", maker: "number" },
  flag: { schema: "z.boolean()", example: "true", maker: "flag" },
  list: { schema: "list(oneLine)", example: '["x"]', maker: "texts" },
  table: { schema: "z.record(wordKey, oneLine)", example: '{ "a": "x" }', maker: "table" },
} as const;

/** The files in which a key is listed, each with what stands behind a new one. */
const LISTS = [
  { path: "src/fleet/schema.ts", before: "  podman_args: list(" },
  { path: "test/e2e/podman.test.ts", before: "];\n\n/** Values that are podman's own" },
] as const;

/**
 * Writes the files.
 * @param root the project's folder.
 * @returns the paths of what was written.
 * @throws {Error} where a name cannot be used, or is in use.
 */
export function newSetting(
  root: string,
  key: string,
  form: string,
  option = key.replaceAll("_", "-"),
): string[] {
  if (!/^[a-z][a-z0-9_]*$/.test(key)) throw new Error(`${key} cannot be a key: use a-z, 0-9 and _`);
  if (!isForm(form)) {
    throw new Error(`${form} is no form: use ${Object.keys(FORMS).join(", ")}`);
  }
  const path = `src/settings/${key}.ts`;
  if (existsSync(join(root, path))) throw new Error(`${path} is there already`);
  const { schema, example, maker } = FORMS[form];
  const [schemaList, drillList] = LISTS;
  insert(root, schemaList, `  ${key}: ${schema}.optional(),\n`);
  insert(root, drillList, `  { cmd: idle, ${key}: ${example} },\n`);
  const toml = example.replace('"a": ', "a = ");
  writeFileSync(
    join(root, path),
    `import { ${maker} } from "./forms.ts";

/**
 * @example
 * \`\`\`toml
 * ${key} = ${toml}
 * \`\`\`
 */
export const setting = ${maker}({
  option: ${JSON.stringify(option)},
});
`,
  );
  return [path, ...LISTS.map((each) => each.path)];
}

function isForm(form: string): form is keyof typeof FORMS {
  return Object.hasOwn(FORMS, form);
}

/** Puts lines into a file before the only place that has a text. */
function insert(root: string, { path, before }: (typeof LISTS)[number], lines: string): void {
  const text = readFileSync(join(root, path), "utf8");
  const [start, end, ...more] = text.split(before);
  if (start === undefined || end === undefined || more.length > 0) {
    throw new Error(`${path} must have ${JSON.stringify(before)} once`);
  }
  writeFileSync(join(root, path), `${start}${lines}${before}${end}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [key = "", form = "", option] = process.argv.slice(2);
  try {
    console.log(newSetting(process.cwd(), key, form, option).join("\n"));
    console.log("Next: write the comment and the faces, then npm run generate, golden and drills.");
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  }
}
