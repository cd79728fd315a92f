/** The arrows of the house: which part of src may import which. */
import { Project } from "ts-morph";
import { describe, expect, it } from "vitest";

const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  cli: ["cli", "fleet", "lint", "generate", "import", "files", "text", "generated"],
  lint: ["lint", "fleet", "files", "text", "generated"],
  generate: ["generate", "fleet", "files", "text", "generated"],
  import: ["import", "fleet", "files", "text", "generated"],
  fleet: ["fleet", "files", "text", "generated"],
  // Until documents and findings have rooms of their own.
  files: ["files", "text", "fleet"],
  text: ["text"],
  generated: [],
};

const project = new Project({ tsConfigFilePath: "tsconfig.json" });
const sources = project.getSourceFiles("src/**/*.ts");

/** "fleet" for a file in src/fleet/; undefined for what is not in src/. */
function partOf(path: string): string | undefined {
  return /\/src\/([^/]+)\//.exec(path)?.[1];
}

describe("imports", () => {
  it("are seen at all", () => {
    expect(sources.length).toBeGreaterThan(40);
  });

  it("go one way: cli -> lint, generate, import -> fleet -> files -> text", () => {
    const wrong: string[] = [];
    for (const source of sources) {
      const from = partOf(source.getFilePath()) ?? "";
      const targets = [...source.getImportDeclarations(), ...source.getExportDeclarations()];
      for (const declaration of targets) {
        const to = partOf(declaration.getModuleSpecifierSourceFile()?.getFilePath() ?? "");
        if (to === undefined || ALLOWED[from]?.includes(to)) continue;
        wrong.push(`${source.getBaseName()}: ${declaration.getText()}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it("take zod and the schemas as types only, so that zod is not loaded at run time", () => {
    const wrong = sources
      .filter((source) => !source.getFilePath().endsWith("/fleet/schema.ts"))
      .flatMap((source) => source.getImportDeclarations())
      .filter((declaration) => /(?:^zod|\/schema\.ts)$/.test(declaration.getModuleSpecifierValue()))
      .filter(
        (declaration) =>
          !declaration.isTypeOnly() &&
          !declaration.getNamedImports().every((named) => named.isTypeOnly()),
      );
    expect(wrong.map((declaration) => declaration.getText())).toEqual([]);
  });

  it("of libraries at run time are the few that are meant to be", () => {
    const inUse = sources.filter((source) => !source.getFilePath().endsWith("/fleet/schema.ts"));
    const statically = inUse
      .flatMap((source) => source.getImportDeclarations())
      .filter((declaration) => !declaration.isTypeOnly())
      .map((declaration) => declaration.getModuleSpecifierValue());
    const dynamically = inUse
      .flatMap((source) => source.getImportStringLiterals())
      .filter((literal) => literal.getParent().getText().startsWith("import("))
      .map((literal) => literal.getLiteralText());
    const libraries = (names: readonly string[]): string[] =>
      [...new Set(names)].filter((name) => /^(?!\.|node:)/.test(name)).sort();
    expect(libraries(statically)).toEqual([
      "@iarna/toml/stringify.js",
      "diff",
      "fastest-levenshtein",
      "handlebars/runtime.js",
      "jsonc-parser",
      "smol-toml",
      "toml-eslint-parser",
      "yaml",
    ]);
    // In the bundle, one behind an import() would be its default export alone.
    expect(libraries(dynamically)).toEqual([]);
  });
});
