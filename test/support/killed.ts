/** The program as a file that is killed on purpose. */
import { build } from "esbuild";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Loaded before the program: kills it before its call number KILL_AT that changes a file, or KILL_AFTER
 * microseconds after the first one, wherever it is then. With REPORT, a file gets how many such calls
 * there were, and the microseconds from the first one to the end.
 */
const KILL = `
const fs = require("node:fs");
const { Worker } = require("node:worker_threads");
const { KILL_AT, KILL_AFTER, REPORT } = process.env;
const { writeFileSync } = fs;
let calls = 0;
let began = 0n;
const flags = new Int32Array(new SharedArrayBuffer(8));
if (KILL_AFTER !== undefined) {
  const killer = () => {
    const { workerData } = require("node:worker_threads");
    const { flags, pid, microseconds } = workerData;
    Atomics.store(flags, 0, 1);
    Atomics.notify(flags, 0);
    Atomics.wait(flags, 1, 0);
    const end = process.hrtime.bigint() + BigInt(microseconds) * 1000n;
    while (process.hrtime.bigint() < end);
    process.kill(pid, "SIGKILL");
  };
  const workerData = { flags, pid: process.pid, microseconds: Math.round(Number(KILL_AFTER)) };
  // Not with this file loaded before it, too.
  new Worker("(" + killer + ")()", { eval: true, workerData, execArgv: [] }).unref();
  Atomics.wait(flags, 0, 0);
}
for (const name of ["mkdirSync", "writeFileSync", "linkSync", "symlinkSync", "chmodSync", "renameSync", "rmSync"]) {
  const original = fs[name];
  fs[name] = (...args) => {
    calls += 1;
    if (calls === 1) {
      began = process.hrtime.bigint();
      Atomics.store(flags, 1, 1);
      Atomics.notify(flags, 1);
    }
    if (calls === Number(KILL_AT)) process.kill(process.pid, "SIGKILL");
    return original(...args);
  };
}
if (REPORT !== undefined) {
  process.on("exit", () => {
    const microseconds = Number(process.hrtime.bigint() - began) / 1000;
    writeFileSync(REPORT, JSON.stringify({ calls, microseconds }));
  });
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
