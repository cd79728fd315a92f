/**
 * What the comments of settings say: the text of docs/files.md and the editors' schemas, and the value that every
 * face is tested with.
 */
import { basename, join } from "node:path";
import { Project } from "ts-morph";

/** The doc comment of one setting. */
export interface SettingDoc {
  readonly key: string;
  /** What it does, on one line. */
  readonly text: string;
  /** A line of TOML that sets the key. */
  readonly example: string;
}

/**
 * The doc comments of all settings, by key: every file of src/settings that exports a setting.
 * @param root the project's folder.
 * @throws where one says nothing, or has no example.
 */
export function readSettingDocs(root: string): Map<string, SettingDoc> {
  const project = new Project({ skipAddingFilesFromTsConfig: true });
  const docs = project.addSourceFilesAtPaths(join(root, "src/settings/*.ts")).flatMap((file) => {
    const statement = file.getVariableStatement("setting");
    if (statement?.isExported() !== true) return [];
    const key = basename(file.getBaseName(), ".ts");
    const doc = statement.getJsDocs().at(-1);
    const text = doc?.getDescription().trim().replaceAll(/\s+/g, " ") ?? "";
    const tag = doc?.getTags().find((each) => each.getTagName() === "example");
    const example = /```toml\n([\s\S]*?)\n```/.exec(tag?.getCommentText() ?? "")?.[1] ?? "";
    if (text === "") throw new Error(`the doc comment of ${key} says nothing`);
    if (example === "") throw new Error(`the doc comment of ${key} has no example`);
    return [[key, { key, text, example }] as const];
  });
  return new Map(docs);
}
