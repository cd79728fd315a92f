/**
 * Makes the package that is published: nixgen-VERSION.tgz in the folder that the argument names, or in this one.
 * It has no scripts and asks for no other package, so an installation runs and fetches nothing more. Prints its path.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const destination = resolve(process.argv[2] ?? ".");
const staged = mkdtempSync(join(tmpdir(), "nixgen-pack-"));
try {
  const tsx = join(root, "node_modules/tsx/dist/cli.mjs");
  // Not the dist/ of this tree: that one has code compiled for one Node.
  execFileSync(process.execPath, [tsx, join(root, "scripts/build.ts"), join(staged, "dist")], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    files: readonly string[];
    scripts?: unknown;
    devDependencies?: unknown;
  };
  delete manifest.scripts;
  delete manifest.devDependencies;
  writeFileSync(join(staged, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
  const others = manifest.files.filter((name) => name !== "dist");
  for (const name of ["LICENSE", "README.md", ...others]) {
    cpSync(join(root, name), join(staged, name), { recursive: true });
  }
  const packed = execFileSync("npm", ["pack", "--silent", "--pack-destination", destination], {
    cwd: staged,
    encoding: "utf8",
    stdio: ["ignore", "pipe", 2],
  });
  console.log(join(destination, packed.trim()));
} finally {
  rmSync(staged, { recursive: true });
}
