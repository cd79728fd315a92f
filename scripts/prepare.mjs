/**
 * npm's "prepare": builds dist/, with code compiled for this very Node. npm runs it after `npm ci`, before it packs, and
 * when a hook manager installs the repository.
 *
 * pre-commit 4.6.1 and later install with `npm install --global git+file://…`. npm 10 and 11 pass --global on to the
 * installation of the development dependencies, which then land in another folder: they are installed here first.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const tsx = join(root, "node_modules/tsx/dist/cli.mjs");

/** Runs a program of JavaScript in the repository, and ends with its status if it fails. */
function run(env, ...argv) {
  // What npm prints belongs on stderr: pre-commit before 4.6.1 reads the tarball's name from stdout.
  const { status, error } = spawnSync(process.execPath, argv, {
    cwd: root,
    env,
    stdio: ["ignore", 2, 2],
  });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

if (!existsSync(tsx)) {
  const npm = process.env.npm_execpath;
  if (npm === undefined) {
    console.error("nixgen: node_modules is missing. Run npm ci.");
    process.exit(1);
  }
  // npm hands its own options to its scripts as variables: these say where to install.
  const places = ["npm_config_global", "npm_config_prefix", "npm_config_location"];
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !places.includes(name.toLowerCase())),
  );
  run(
    env,
    npm,
    "ci",
    "--no-global",
    "--include=dev",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
  );
}
run(process.env, tsx, "scripts/build.ts", "--compile");
