/** Bundles the program into dist/nixgen.cjs, one file without dependencies. */
import { build, type BuildOptions, type Plugin } from "esbuild";
import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

const options = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node20",
  // CommonJS starts 20 to 50 ms faster than ESM in Node 20 (bench/startup.ts). Modules behind import()
  // stay in the file and run when they are first needed.
  format: "cjs",
  minify: true,
  // ESM builds of dependencies first: esbuild can then leave out what is not used.
  mainFields: ["module", "main"],
  // A dependency looks for an optional one of its own beside itself.
  define: { "import.meta.url": "__filename" },
  logLevel: "warning",
} satisfies BuildOptions;

/**
 * Modules that hardly any run needs, and that share nothing with the others: they go into the file
 * compressed, for all of a file is read and looked through at each start.
 */
const RARELY_NEEDED =
  /\/generated\/(?:validators|compose|scripts|rule-docs)\.js$|\.schema\.json$|^yaml$|\/diff\.ts$/;

/** Every file that goes into the program; the validator of Compose files is made of a package's schema. */
const inputs: string[] = ["node_modules/dclint/schemas/compose.schema.json"];

const rarelyNeeded: Plugin = {
  name: "rarely-needed",
  setup(bundler) {
    bundler.onResolve({ filter: RARELY_NEEDED }, ({ path, kind, resolveDir }) =>
      kind === "dynamic-import"
        ? { path, namespace: "compressed", pluginData: resolveDir }
        : undefined,
    );
    bundler.onLoad({ filter: /.*/, namespace: "compressed" }, async ({ path, pluginData }) => {
      const folder = String(pluginData);
      if (path.endsWith(".json")) {
        const json = JSON.stringify(JSON.parse(readFileSync(join(folder, path), "utf8")));
        return { contents: `module.exports = JSON.parse(${unpacked(json)});` };
      }
      const { outputFiles, metafile } = await build({
        ...options,
        stdin: { contents: `export * from "${path}"`, resolveDir: folder },
        write: false,
        metafile: true,
      });
      inputs.push(...Object.keys(metafile.inputs));
      const code = unpacked(outputFiles[0]?.text ?? "");
      return {
        contents: `new Function("module", "require", "__filename", ${code})(module, require, __filename);`,
      };
    });
  },
};

/** An expression that is a text again when it is needed. */
function unpacked(text: string): string {
  const packed = brotliCompressSync(text).toString("base64");
  return `require("node:zlib").brotliDecompressSync(Buffer.from("${packed}", "base64")).toString()`;
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

const outfile = join(root, "dist/nixgen.cjs");
const { metafile } = await build({
  ...options,
  entryPoints: ["src/cli/bin.ts"],
  outfile,
  plugins: [rarelyNeeded],
  banner: { js: "#!/usr/bin/env node" },
  // Says that this is CommonJS to who looks for words only, as publint does: some texts have "import … from".
  footer: { js: "module.exports = {};" },
  legalComments: "none",
  metafile: true,
});
inputs.push(...Object.keys(metafile.inputs));
chmodSync(outfile, 0o755);
writeFileSync(join(root, "dist/LICENSES.txt"), licences(inputs));
