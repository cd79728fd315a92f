/** Bundles the program into dist/nixgen.cjs, one file without dependencies. */
import { build } from "esbuild";
import { chmodSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const outfile = join(root, "dist/nixgen.cjs");

await build({
  absWorkingDir: root,
  entryPoints: ["src/cli/bin.ts"],
  outfile,
  bundle: true,
  platform: "node",
  target: "node20",
  // CommonJS starts 20 to 50 ms faster than ESM in Node 20 (bench/startup.ts). Modules behind import()
  // stay in the file and run when they are first needed.
  format: "cjs",
  minify: true,
  keepNames: false,
  // ESM builds of dependencies first: esbuild can then leave out what is not used.
  mainFields: ["module", "main"],
  conditions: ["import"],
  // A dependency looks for an optional one of its own beside itself.
  define: { "import.meta.url": "__filename" },
  banner: { js: "#!/usr/bin/env node" },
  legalComments: "linked",
  logLevel: "warning",
});
chmodSync(outfile, 0o755);
