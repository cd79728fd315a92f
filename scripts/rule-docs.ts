/**
 * What the rules' doc comments say, taken apart: the explanation, and the fleets of the examples. The
 * texts of `nixgen explain`, docs/rules.md and the tests that run the examples all come from here.
 */
import { basename, join } from "node:path";
import { Project } from "ts-morph";

/** Files by path below the fleet's folder; an inventory has only what matters. */
export type ExampleFiles = Readonly<Record<string, string>>;

/** One rule's doc comment. */
export interface RuleDoc {
  readonly id: string;
  /** What it finds, why that hurts and when to ignore it: paragraphs of Markdown. */
  readonly text: string;
  readonly bad: ExampleFiles;
  readonly good: ExampleFiles;
}

/**
 * The doc comments of all rules, by id.
 * @param root the project's folder.
 * @throws where a rule has no doc comment, or one of an unknown form.
 */
export function readRuleDocs(root: string): RuleDoc[] {
  const project = new Project({ skipAddingFilesFromTsConfig: true });
  return project
    .addSourceFilesAtPaths(join(root, "src/lint/rules/*.ts"))
    .filter((file) => file.getBaseName() !== "index.ts")
    .map((file) => {
      const id = basename(file.getBaseName(), ".ts");
      const doc = file.getVariableStatement("rule")?.getJsDocs().at(-1);
      if (doc === undefined) throw new Error(`the rule ${id} has no doc comment`);
      return { id, ...parseComment(id, doc.getText()) };
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

function parseComment(id: string, comment: string): Omit<RuleDoc, "id"> {
  const lines = comment
    .split("\n")
    .slice(1, -1)
    .map((line) => line.replace(/^ *\* ?/, ""));
  const sections: Record<string, string[]> = { text: [] };
  let section = "text";
  for (const line of lines) {
    const tag = /^@(\w+)$/.exec(line)?.[1];
    if (tag !== undefined) sections[(section = tag)] = [];
    else sections[section]?.push(line);
  }
  const { text = [], bad = [], good = [], ...unknown } = sections;
  for (const tag of Object.keys(unknown)) throw new Error(`the rule ${id} has a tag @${tag}`);
  return {
    text: text.join("\n").trim(),
    bad: readExample(id, bad),
    good: readExample(id, good),
  };
}

/** The files of an example: blocks of code that begin with ```LANGUAGE FILE. */
function readExample(id: string, lines: readonly string[]): ExampleFiles {
  const files: Record<string, string> = {};
  let name: string | undefined;
  for (const line of lines) {
    const fence = /^```(?:(?:toml|json) (\S+))?$/.exec(line);
    if (fence !== null && name === undefined) {
      name = fence[1];
      if (name === undefined) throw new Error(`an example of ${id} has a file without a name`);
      files[name] = "";
    } else if (fence !== null) name = undefined;
    else if (name !== undefined) files[name] = `${files[name] ?? ""}${line}\n`;
    else if (line.trim() !== "") throw new Error(`an example of ${id} has text beside its files`);
  }
  return files;
}
