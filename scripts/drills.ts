/**
 * Runs every drill on every tree, and prints a table of what came of it: `npm run drills -- [FILE…]`.
 * NIXGEN_DRILL_TREE names one tree only.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import {
  type DebianTree,
  debianTree,
  describeTree,
  DRILL_TREES,
} from "../test/support/debian-tree.ts";

/** What vitest's reporter "json" writes, as far as it is read. */
interface Results {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly startTime: number;
    readonly endTime: number;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/** The tests that run on a tree: those of test/e2e, and others that ask for one. */
const DRILLS = readdirSync("test", { recursive: true, encoding: "utf8" })
  .map((name) => join("test", name))
  .filter((name) => name.endsWith(".test.ts"))
  .filter(
    (name) => name.startsWith("test/e2e/") || readFileSync(name, "utf8").includes("drillTree("),
  )
  .sort();

/** Runs drills on a tree: by file, "6 passed, 35 s". */
function runOn({ name }: DebianTree, files: readonly string[]): ReadonlyMap<string, string> {
  const folder = mkdtempSync(join(tmpdir(), "nixgen-drills-"));
  try {
    const output = join(folder, "results.json");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${output}`];
    const { status } = spawnSync("npx", ["vitest", "run", ...reporters, ...files], {
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, NIXGEN_DRILL_TREE: name, NIXGEN_REQUIRE_TOOLS: "1" },
    });
    if (status !== 0) process.exitCode = 1;
    const { testResults } = JSON.parse(readFileSync(output, "utf8")) as Results;
    return new Map(
      testResults.map((file) => {
        const count = (status: string): number =>
          file.assertionResults.filter((one) => one.status === status).length;
        const parts = ["passed", "failed", "skipped"].filter((status) => count(status) > 0);
        const counts = parts.map((status) => `${count(status)} ${status}`);
        // A file whose preparation fails has no failed test.
        if (file.status === "failed" && count("failed") === 0) counts.push("not run");
        const seconds = Math.round((file.endTime - file.startTime) / 1000);
        return [relative(".", file.name), `${counts.join(", ")}, ${seconds} s`];
      }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const chosen = process.argv.slice(2);
const wanted = process.env["NIXGEN_DRILL_TREE"];
const runs: { readonly tree: DebianTree; readonly outcome: ReadonlyMap<string, string> }[] = [];
for (const name of DRILL_TREES.filter((name) => wanted === undefined || name === wanted)) {
  const tree = await debianTree(name);
  if (tree === undefined) throw new Error(`there is no tree ${name}`);
  runs.push({ tree, outcome: runOn(tree, chosen.length === 0 ? DRILLS : chosen) });
}

for (const { tree } of runs) console.log(describeTree(tree));
const files = [...new Set(runs.flatMap(({ outcome }) => [...outcome.keys()]))].sort();
const table = [
  ["drill", ...runs.map(({ tree }) => tree.name)],
  ...files.map((file) => [file, ...runs.map(({ outcome }) => outcome.get(file) ?? "-")]),
];
const widths =
  table[0]?.map((_, at) => Math.max(...table.map((row) => row[at]?.length ?? 0))) ?? [];
for (const row of table) {
  console.log(
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
