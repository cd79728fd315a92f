/** Node, npm and hook managers of other versions than this machine's: pinned, fetched at the first use, kept. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import pinned from "../installs/tools.json" with { type: "json" };

const run = promisify(execFile);

const CACHE = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "nixgen-tests");

/** A package of the npm registry by its short name in tools.json: "node-26", "npm-10". */
export type Tool = keyof typeof pinned;

/** A hook manager by the file of its pinned Python packages: pre-commit-4.7.0.txt. */
export type HookManager = "pre-commit-4.6.0" | "pre-commit-4.7.0" | "prek-0.5.11";

/**
 * The folder of a package.
 * @throws {Error} if the registry's file is not the one that was pinned.
 */
export function installTool(tool: Tool): Promise<string> {
  const { package: name, integrity } = pinned[tool];
  return once(name, async (folder) => {
    const { stdout } = await run("npm", ["pack", "--silent", name, "--pack-destination", folder]);
    const archive = join(folder, stdout.trim());
    const [algorithm = "", wanted] = integrity.split("-", 2);
    const found = createHash(algorithm).update(readFileSync(archive)).digest("base64");
    if (found !== wanted)
      throw new Error(`${name} is ${algorithm}-${found}, pinned is ${integrity}`);
    await run("tar", ["xzf", archive, "-C", folder, "--strip-components=1"]);
    rmSync(archive);
  });
}

/** The command of a hook manager, which lies in a virtual environment of Python. */
export async function installHookManager(manager: HookManager): Promise<readonly string[]> {
  const folder = await once(manager, async (folder) => {
    await run("python3", ["-m", "venv", folder]);
    const requirements = resolve("test/installs", `${manager}.txt`);
    await run(join(folder, "bin/python"), [
      "-m",
      "pip",
      "install",
      "--quiet",
      "--require-hashes",
      "--requirement",
      requirements,
    ]);
  });
  // The folder was renamed. A script of pip's would still name the old one in its first line; prek is no script.
  return manager.startsWith("prek")
    ? [join(folder, "bin/prek")]
    : [join(folder, "bin/python"), "-m", "pre_commit"];
}

/** Makes a folder of the cache, once: one that was not finished is not taken for one. */
async function once(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(CACHE, name);
  if (existsSync(folder)) return folder;
  mkdirSync(CACHE, { recursive: true });
  const temporary = mkdtempSync(`${folder}.`);
  await make(temporary);
  try {
    renameSync(temporary, folder);
  } catch (error) {
    // Another test was first.
    if (!existsSync(folder)) throw error;
    rmSync(temporary, { recursive: true });
  }
  return folder;
}
