/**
 * V8's compiled code of the program's files, kept beside them for the Node that the build runs in:
 * half of what a short run costs is compiling. Nothing is kept at run time.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compiledSuffix } from "../src/files/program-parts.ts";

/** What the hooks of pre-commit run; the first one makes what the second one checks. */
const RUNS = [["build"], ["build", "--check"], ["lint"]];

/**
 * Runs the program that its arguments name, and keeps what has been compiled in the end: the functions
 * that were called, in this run and those before it, whose code it has begun with.
 */
const RUN_AND_KEEP = `
const fs = require("node:fs");
const vm = require("node:vm");
const [suffix] = process.argv.splice(1, 1);
const scripts = new Map();
vm.Script = class extends vm.Script {
  constructor(code, options) {
    super(code, options);
    scripts.set(options.filename, this);
  }
};
process.on("exit", () => {
  for (const [path, script] of scripts) {
    const temporary = require("node:path").join(path, "..", "." + process.pid);
    // On the disk before it takes its name: V8 believes what is in it.
    fs.writeFileSync(temporary, script.createCachedData(), { flush: true });
    fs.renameSync(temporary, path + suffix);
  }
});
require(process.argv[1]);
`;

/**
 * Makes the code cache.
 * @param program the path of the bundle.
 * @param fleet the folder of a fleet, which is copied and then built and linted.
 */
export function makeCodeCache(program: string, fleet: string): void {
  const folder = mkdtempSync(join(tmpdir(), "nixgen-compile-"));
  try {
    cpSync(fleet, folder, { recursive: true });
    for (const argv of RUNS) {
      const { status, stderr } = spawnSync(
        process.execPath,
        ["-e", RUN_AND_KEEP, compiledSuffix(), program, ...argv],
        { cwd: folder, encoding: "utf8", env: {} },
      );
      // A finding is no reason not to build.
      if (status !== 0 && status !== 1) throw new Error(`nixgen ${argv.join(" ")}: ${stderr}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
