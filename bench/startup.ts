/**
 * Prints what `nixgen` costs as a whole process beside bare node: `npm run bench`. All commands take
 * turns, so that a busy machine slows all of them alike; the ratio is what counts.
 */
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const nixgen = join(root, "dist/nixgen.cjs");
const fleet = join(root, "examples/metacircular");
const RUNS = 15;

const commands: Readonly<Record<string, readonly string[]>> = {
  "node -e 0": ["-e", "0"],
  "nixgen --version": [nixgen, "--version"],
  "nixgen lint": [nixgen, "lint"],
  "nixgen build --check": [nixgen, "build", "--check", "--out", join(root, "out")],
};

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

const times = new Map(Object.keys(commands).map((name) => [name, [] as number[]]));
for (let run = 0; run < RUNS; run += 1) {
  for (const [name, argv] of Object.entries(commands)) {
    const start = process.hrtime.bigint();
    const { status, stderr } = spawnSync(process.execPath, argv, { cwd: fleet, encoding: "utf8" });
    const milliseconds = Number(process.hrtime.bigint() - start) / 1e6;
    if (status !== 0) throw new Error(`${name} ended with ${String(status)}: ${stderr}`);
    times.get(name)?.push(milliseconds);
  }
}

const base = median(times.get("node -e 0") ?? []);
for (const [name, values] of times) {
  const own = median(values);
  console.log(
    `${name.padEnd(24)}${own.toFixed(1).padStart(8)} ms  ${(own / base).toFixed(2)} x node`,
  );
}
