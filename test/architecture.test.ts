/** The arrows of the house: which part of src may import which. */
import { Project, type SourceFile } from "ts-morph";
import { describe, expect, it } from "vitest";

/** The rooms of the house, from the roof down: each may import only itself and those below it. */
const ROOMS = [
  "cli",
  "import",
  "compare",
  "generate",
  "lint",
  "plan",
  "settings",
  "fleet",
  "finding",
  "podman",
  "systemd",
  "nix",
  "document",
  "files",
  "text",
  "generated",
];

const project = new Project({ tsConfigFilePath: "tsconfig.json" });
const sources = project.getSourceFiles("src/**/*.ts");

/** "fleet" for a file in src/fleet/; undefined for what is not in src/. */
function partOf(path: string): string | undefined {
  return /\/src\/([^/]+)\//.exec(path)?.[1];
}

/** The files that a file imports, by whatever form of import. */
function importsOf(source: SourceFile): SourceFile[] {
  return source.getReferencedSourceFiles().filter((file) => file.getFilePath().includes("/src/"));
}

/** The names of the files of each circle (strongly connected components, by Tarjan). */
function circles(graph: ReadonlyMap<SourceFile, readonly SourceFile[]>): string[][] {
  const numbers = new Map<SourceFile, number>();
  const open: SourceFile[] = [];
  const found: string[][] = [];
  const visit = (file: SourceFile): number => {
    const number = numbers.size;
    let low = number;
    numbers.set(file, number);
    open.push(file);
    for (const target of graph.get(file) ?? []) {
      if (!numbers.has(target)) low = Math.min(low, visit(target));
      else if (open.includes(target)) low = Math.min(low, numbers.get(target) ?? low);
    }
    if (low === number) {
      const members = open.splice(open.indexOf(file));
      if (members.length > 1) found.push(members.map((member) => member.getBaseName()).sort());
    }
    return low;
  };
  for (const file of graph.keys()) if (!numbers.has(file)) visit(file);
  return found;
}

describe("imports", () => {
  it("are seen at all", () => {
    expect(sources.length).toBeGreaterThan(40);
  });

  it("are of files in a room", () => {
    const rooms = new Set(sources.map((source) => partOf(source.getFilePath())));
    expect([...rooms].filter((room) => !ROOMS.includes(room ?? ""))).toEqual([]);
  });

  it("go one way, import() included", () => {
    const wrong = sources.flatMap((source) => {
      const from = partOf(source.getFilePath()) ?? "";
      return importsOf(source)
        .map((target) => partOf(target.getFilePath()))
        .filter((to) => to !== undefined && ROOMS.indexOf(to) < ROOMS.indexOf(from))
        .map((to) => `${source.getBaseName()} of ${from} imports ${to}`);
    });
    expect(wrong).toEqual([]);
  });

  it("make no circle, import() and types included", () => {
    expect(circles(new Map(sources.map((source) => [source, importsOf(source)])))).toEqual([]);
  });

  it("that make a circle are found", () => {
    const [a, b, c] = sources;
    if (a === undefined || b === undefined || c === undefined) throw new Error("no sources");
    const graph = new Map([
      [a, [b]],
      [b, [c]],
      [c, [b]],
    ]);
    expect(circles(graph)).toEqual([[b, c].map((file) => file.getBaseName()).sort()]);
  });

  it("take the disk from one folder: everything else reads and writes through src/files", () => {
    const wrong = sources
      .filter((source) => partOf(source.getFilePath()) !== "files")
      .filter((source) => /["'`](?:node:)?fs(?:\/promises)?["'`]/.test(source.getFullText()))
      .map((source) => source.getFilePath());
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
