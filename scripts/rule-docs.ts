/**
 * What the rules' doc comments say, taken apart: the explanation, and the fleets of the examples. The
 * texts of `nixgen explain`, docs/rules.md and the tests that run the examples all come from here.
 */
import { basename, join } from "node:path";
import { Project, SyntaxKind } from "ts-morph";

/** Files by path below the fleet's folder; an inventory has only what matters. */
export type ExampleFiles = Readonly<Record<string, string>>;

/** The doc comment of one rule, or of one problem of loading. */
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
 * @throws where one has no doc comment, or one of an unknown form.
 */
export function readRuleDocs(root: string): RuleDoc[] {
  const project = new Project({ skipAddingFilesFromTsConfig: true });
  return project
    .addSourceFilesAtPaths(join(root, "src/lint/rules/*.ts"))
    .filter((file) => file.getBaseName() !== "index.ts")
    .map((file) => {
      const id = basename(file.getBaseName(), ".ts");
      const doc = file.getVariableStatement("rule")?.getJsDocs().at(-1);
      return parseRuleDoc(id, doc?.getText());
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/**
 * The doc comments of what keeps a file from being read.
 * @param root the project's folder.
 * @throws where one has no doc comment, or one of an unknown form.
 */
export function readProblemDocs(root: string): RuleDoc[] {
  const project = new Project({ skipAddingFilesFromTsConfig: true });
  return project
    .addSourceFileAtPath(join(root, "src/finding/problem.ts"))
    .getVariableDeclarationOrThrow("PROBLEMS")
    .getInitializerIfKindOrThrow(SyntaxKind.AsExpression)
    .getExpressionIfKindOrThrow(SyntaxKind.ObjectLiteralExpression)
    .getPropertiesWithComments()
    .filter((property) => property.isKind(SyntaxKind.PropertyAssignment))
    .map((property) => {
      const id = property.getName().replaceAll('"', "");
      return parseRuleDoc(id, property.getLeadingCommentRanges().at(-1)?.getText());
    });
}

/**
 * Takes a doc comment apart.
 * @throws where there is none, it says nothing, or it has a form that would be lost.
 */
export function parseRuleDoc(id: string, comment: string | undefined): RuleDoc {
  if (comment?.startsWith("/**\n") !== true) throw new Error(`${id} has no doc comment`);
  const sections: Record<string, string[]> = { text: [] };
  let section = "text";
  for (const line of comment.split("\n").slice(1, -1)) {
    const text = line.replace(/^ *\* ?/, "");
    if (text.startsWith("@")) sections[(section = text.slice(1))] = [];
    else sections[section]?.push(text);
  }
  const { text = [], bad = [], good = [], ...unknown } = sections;
  for (const tag of Object.keys(unknown)) throw new Error(`the doc comment of ${id} has @${tag}`);
  const explanation = text.join("\n").trim();
  if (explanation === "") throw new Error(`the doc comment of ${id} explains nothing`);
  return { id, text: explanation, bad: readExample(id, bad), good: readExample(id, good) };
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
  if (name !== undefined) throw new Error(`an example of ${id} has a file without an end`);
  return files;
}
