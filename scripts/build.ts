/**
 * Bundles the program into dist/, without dependencies: nixgen.cjs, which loads the rest from
 * dist/parts/. Each import() has a file of its own there, with what it needs beyond those before it.
 *
 * build.ts [--compile] [FOLDER]: for this Node alone, or for any; into another folder.
 */
import { build, type BuildOptions, transform } from "esbuild";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, parse, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import ts from "typescript";
import { compiledSuffix } from "../src/files/program-parts.ts";
import { makeCodeCache } from "./code-cache.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const { values, positionals } = parseArgs({
  options: { compile: { type: "boolean", default: false } },
  allowPositionals: true,
});
const DIST = resolve(positionals[0] ?? join(root, "dist"));
const PROGRAM = join(DIST, "nixgen.cjs");
/** Where the files are that the program loads. */
const PARTS = join(DIST, "parts");

const options = {
  absWorkingDir: root,
  platform: "node",
  target: "node20",
  minify: true,
  legalComments: "none",
  logLevel: "warning",
} satisfies BuildOptions;

/**
 * What the first parts are for: every run, and what the hooks of pre-commit run. Each part has what its
 * entries need and no part before it has; one for every other import() follows.
 */
const ENTRIES: readonly (readonly string[])[] = [
  ["src/cli/bin.ts"],
  ["src/cli/commands/lint.ts", "src/lint/reporters/pretty.ts"],
  ["src/cli/commands/build.ts"],
];

/** A chunk of esbuild's, as a function of CommonJS. */
interface Chunk {
  /** As others import it. */
  readonly name: string;
  /** The names of the chunks without which it cannot run. */
  readonly needs: readonly string[];
  /** The module behind an import(), if it is one. */
  readonly entry: string | undefined;
  readonly code: string;
}

/** Has esbuild make modules that share what they have in common, and makes each a function. */
async function makeChunks(): Promise<{ chunks: Chunk[]; inputs: string[] }> {
  const { outputFiles, metafile } = await build({
    ...options,
    entryPoints: ["src/cli/bin.ts"],
    outdir: "dist",
    write: false,
    metafile: true,
    bundle: true,
    splitting: true,
    format: "esm",
    // ESM builds of dependencies first: esbuild can then leave out what is not used.
    mainFields: ["module", "main"],
  });
  const nameOf = (output: string): string => `./${basename(output)}`;
  const chunks = outputFiles.map(async ({ path, text }): Promise<Chunk> => {
    const output = metafile.outputs[`dist/${basename(path)}`];
    if (output === undefined) throw new Error(`esbuild says nothing of ${path}`);
    const { code } = await transform(toCommonJs(text), {
      platform: "node",
      target: "node20",
      minify: true,
      format: "cjs",
      supported: { "dynamic-import": false },
    });
    return {
      name: nameOf(path),
      needs: output.imports
        .filter(({ kind, external }) => kind === "import-statement" && external !== true)
        .map((imported) => nameOf(imported.path)),
      entry: output.entryPoint,
      // In parentheses, V8 compiles a function at once instead of looking through it first.
      code: `${JSON.stringify(nameOf(path))}:(function(module,exports,require){${withExportsApart(code)}})`,
    };
  });
  return { chunks: await Promise.all(chunks), inputs: Object.keys(metafile.inputs) };
}

/**
 * A chunk with constants for what it imports, and an object of what it exports. The usual way to CommonJS
 * has every use of an import call a getter, for it might change, which nothing does that a chunk exports.
 */
function toCommonJs(text: string): string {
  const imports: string[] = [];
  const body: string[] = [];
  const exports: string[] = [];
  for (const statement of ts.createSourceFile("", text, ts.ScriptTarget.ES2022).statements) {
    if (ts.isImportDeclaration(statement)) {
      const from = text.slice(statement.moduleSpecifier.pos, statement.moduleSpecifier.end);
      const bindings = statement.importClause?.namedBindings;
      imports.push(`const {${pairsOf(bindings).join()}} = require(${from});`);
    } else if (ts.isExportDeclaration(statement)) exports.push(...pairsOf(statement.exportClause));
    else body.push(text.slice(statement.pos, statement.end));
  }
  // By this mark import() knows that what it is to call default is not the whole of what is exported.
  if (exports.some((pair) => pair.startsWith("default:"))) exports.push("__esModule: true");
  return [...imports, ...body, `module.exports = {${exports.join()}};`].join("\n");
}

/**
 * The code with its exports on a line of their own. By these words publint knows CommonJS, and a text that
 * has "import … from" is not taken for a module of another kind.
 */
function withExportsApart(code: string): string {
  return code.replace(/module\.exports=[^=]*$/, "\n$&");
}

/** The properties of an object, or of a pattern for one, that has what is imported or exported. */
function pairsOf(bindings: ts.NamedImportBindings | ts.NamedExportBindings | undefined): string[] {
  if (bindings === undefined) return [];
  if (ts.isNamedImports(bindings)) {
    return bindings.elements.map(
      ({ name, propertyName }) => `${(propertyName ?? name).text}: ${name.text}`,
    );
  }
  if (ts.isNamedExports(bindings)) {
    return bindings.elements.map(
      ({ name, propertyName }) => `${name.text}: ${(propertyName ?? name).text}`,
    );
  }
  throw new Error("esbuild names all that a chunk imports and exports");
}

/** Deals the chunks out to parts: the entries of each, and what is in it. */
function dealOut(
  chunks: readonly Chunk[],
): { entries: readonly string[]; chunks: readonly Chunk[] }[] {
  const byName = new Map(chunks.map((chunk) => [chunk.name, chunk]));
  const left = new Set(chunks);
  const take = (chunk: Chunk | undefined): Chunk[] => {
    if (chunk === undefined || !left.delete(chunk)) return [];
    return [chunk, ...chunk.needs.flatMap((name) => take(byName.get(name)))];
  };
  const listed = new Set(ENTRIES.flat());
  const others = chunks.flatMap(({ entry }) =>
    entry === undefined || listed.has(entry) ? [] : [entry],
  );
  return [...ENTRIES, ...others.sort().map((entry) => [entry])]
    .map((entries) => ({
      entries,
      chunks: entries.flatMap((entry) => take(chunks.find((chunk) => chunk.entry === entry))),
    }))
    .filter(({ chunks }) => chunks.length > 0);
}

/** The program's text, and those of its parts by the names of their files. */
async function makeFiles(
  chunks: readonly Chunk[],
): Promise<{ program: string; parts: ReadonlyMap<string, string> }> {
  const parts = new Map<string, string>();
  const names: Record<string, readonly string[]> = {};
  for (const part of dealOut(chunks)) {
    const text = textOf(part.chunks);
    // By its name, the code cache is known to be of this very text.
    const digest = createHash("sha256").update(text).digest("hex").slice(0, 16);
    const file = `${parse(part.entries[0] ?? "").name}-${digest}.cjs`;
    parts.set(file, text);
    names[file] = part.chunks.map(({ name }) => name);
  }
  const { outputFiles } = await build({
    ...options,
    stdin: {
      resolveDir: root,
      contents: `import { startProgram } from "./src/cli/chunks.ts";
        startProgram(__dirname + "/parts", ${JSON.stringify(names)}, "./bin.js");`,
    },
    bundle: true,
    format: "cjs",
    banner: { js: "#!/usr/bin/env node" },
    write: false,
  });
  return { program: outputFiles[0]?.text ?? "", parts };
}

/** A script whose value has the chunks by their names. */
function textOf(chunks: readonly Chunk[]): string {
  const text = `({${chunks.map(({ code }) => code).join(",\n")}})\n`;
  if (/[^\x00-\x7f]/.test(text)) throw new Error("the loader reads ASCII only");
  return text;
}

/** That of the Compose Specification, and of TypeScript, which carries its text. */
const APACHE_LICENCE = readFileSync(join(root, "node_modules/typescript/LICENSE.txt"), "utf8");

/** The licences of everything that went into a bundle, one after the other. */
function licences(inputs: readonly string[]): string {
  const packages = inputs.map((input) => /node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]);
  return [...new Set(packages)]
    .filter((folder) => folder !== undefined)
    .sort()
    .map((folder) => {
      const file = readdirSync(join(root, folder)).find((name) => /^licen[cs]e/i.test(name));
      if (file === undefined) throw new Error(`${folder} has no licence`);
      return `${folder.replace("node_modules/", "")}\n\n${readFileSync(join(root, folder, file), "utf8").trim()}\n`;
    })
    .concat(`the schema of the Compose Specification\n\n${APACHE_LICENCE.trim()}\n`)
    .join("\n----\n\n");
}

/** Writes a file as a whole: somebody may be running the program. */
function put(path: string, text: string, mode = 0o644): void {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}`);
  writeFileSync(temporary, text, { mode });
  renameSync(temporary, path);
}

const { chunks, inputs } = await makeChunks();
const { program, parts } = await makeFiles(chunks);
mkdirSync(PARTS, { recursive: true });
for (const [name, text] of parts) put(join(PARTS, name), text);
put(PROGRAM, program, 0o755);
// The validator of Compose files is made of a package's schema.
const licensed = [...inputs, "node_modules/dclint/schemas/compose.schema.json"];
put(join(DIST, "LICENSES.txt"), licences(licensed));

// Compiled code is for this very Node; what is published is for all of them (scripts/pack.ts).
const compiling = values.compile;
const kept = new Set(
  [...parts.keys()].flatMap((name) => (compiling ? [name, name + compiledSuffix()] : [name])),
);
for (const name of readdirSync(PARTS)) {
  if (!name.startsWith(".") && !kept.has(name)) rmSync(join(PARTS, name));
}
const example = join(root, "examples/metacircular");
if (compiling && existsSync(example)) makeCodeCache(PROGRAM, example);
