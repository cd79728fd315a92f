/** Runs processes and says what they cost. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A process to measure. */
export interface Subject {
  readonly name: string;
  /** The program and its arguments. */
  readonly command: readonly [program: string, ...args: string[]];
  readonly cwd: string;
  /** What is to be done before each run, and is not measured. */
  readonly before?: () => void;
}

/** What one run cost. */
export interface Cost {
  /** From the start of the process to its end. */
  readonly wall: number;
  /** User and system time, of all threads; like `megabytes` of processes of node only. */
  readonly cpu: number;
  /** The most memory that was resident, as getrusage(2) has it (process.resourceUsage). */
  readonly megabytes: number;
}

/** A folder that goes with the process. */
export const workFolder = mkdtempSync(join(tmpdir(), "nixgen-bench-"));
process.on("exit", () => {
  rmSync(workFolder, { recursive: true, force: true });
});

/** Makes a process of node say at its end what it used. */
const reporter = join(workFolder, "report-usage.cjs");
writeFileSync(
  reporter,
  `process.on("exit", () => {
  require("node:fs").writeSync(3, JSON.stringify(process.resourceUsage()));
});
`,
);

/**
 * Runs processes in turns, so that a busy machine slows all of them alike.
 * @param usage whether to ask for CPU time and memory, which costs a little at the start.
 * @returns the medians, by the subjects' names.
 */
export function measure(
  subjects: readonly Subject[],
  runs: number,
  usage: boolean,
): ReadonlyMap<string, Cost> {
  const costs = new Map<string, Cost[]>(subjects.map(({ name }) => [name, []]));
  for (let run = 0; run < runs; run += 1) {
    for (const subject of subjects) costs.get(subject.name)?.push(runOnce(subject, usage));
  }
  return new Map(
    [...costs].map(([name, all]) => [
      name,
      {
        wall: median(all.map(({ wall }) => wall)),
        cpu: median(all.map(({ cpu }) => cpu)),
        megabytes: median(all.map(({ megabytes }) => megabytes)),
      },
    ]),
  );
}

function runOnce(
  { name, command: [program, ...args], cwd, before }: Subject,
  usage: boolean,
): Cost {
  before?.();
  const start = process.hrtime.bigint();
  const { status, stderr, output, error } = spawnSync(
    program,
    usage ? ["--require", reporter, ...args] : args,
    {
      cwd,
      // A bare environment: NODE_OPTIONS and NODE_EXTRA_CA_CERTS would be measured, too.
      env: { PATH: process.env["PATH"] },
      stdio: ["ignore", "ignore", "pipe", "pipe"],
      encoding: "utf8",
    },
  );
  const wall = Number(process.hrtime.bigint() - start) / 1e6;
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${name} ended with ${String(status)}: ${stderr}`);
  if (!usage) return { wall, cpu: NaN, megabytes: NaN };
  const used = JSON.parse(output[3] ?? "") as NodeJS.ResourceUsage;
  return {
    wall,
    cpu: (used.userCPUTime + used.systemCPUTime) / 1000,
    megabytes: used.maxRSS / 1024,
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

/** The slope of the line through the points that has the least squares. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (of: 0 | 1): number =>
    points.reduce((sum, point) => sum + point[of], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const over = points.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0);
  return over / points.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
}
