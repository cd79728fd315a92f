/** The program as a file that can be killed before any of its calls that change a file. */
import { build } from "esbuild";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Loaded before the program: kills it before call number KILL_AT, or never where that is 0. */
const KILL = `
const fs = require("node:fs");
let calls = 0;
for (const name of ["mkdirSync", "writeFileSync", "linkSync", "symlinkSync", "chmodSync", "renameSync", "rmSync"]) {
  const original = fs[name];
  fs[name] = (...args) => {
    if (++calls === Number(process.env.KILL_AT)) process.kill(process.pid, "SIGKILL");
    return original(...args);
  };
}
`;

/** Writes nixgen.cjs and kill.cjs into a folder: `node --require kill.cjs nixgen.cjs`. */
export async function bundleKillable(folder: string): Promise<void> {
  await build({
    entryPoints: ["src/cli/bin.ts"],
    outfile: join(folder, "nixgen.cjs"),
    bundle: true,
    platform: "node",
    format: "cjs",
    mainFields: ["module", "main"],
    conditions: ["import"],
    define: { "import.meta.url": "__filename" },
    minify: true,
    logLevel: "error",
  });
  writeFileSync(join(folder, "kill.cjs"), KILL);
}
