/**
 * Takes the check out of each rule in turn and runs the tests that are about it: `npm run mutate`. A rule
 * whose loss no test notices makes this fail. It works on a copy, and takes some seconds a rule.
 */
import { spawn } from "node:child_process";
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Project, SyntaxKind } from "ts-morph";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** What the tests need; the rest stays where it is. */
const COPIED = ["src", "test", "scripts", "schemas", "package.json", "tsconfig.json"];

/** The tests that know of single rules. */
const TESTS = ["test/lint/rules.test.ts", "test/lint/doc-examples.test.ts"];

function ruleIds(): string[] {
  return readdirSync(join(root, "src/lint/rules"))
    .filter((file) => file.endsWith(".ts") && file !== "index.ts")
    .map((file) => basename(file, ".ts"))
    .sort();
}

/** The rule's source with a check that finds nothing. */
function withoutCheck(path: string): string {
  const file = new Project({ skipAddingFilesFromTsConfig: true }).addSourceFileAtPath(path);
  const rule = file.getVariableDeclarationOrThrow("rule");
  const object = rule.getInitializerIfKindOrThrow(SyntaxKind.ObjectLiteralExpression);
  const check = object.getPropertyOrThrow("check");
  check.replaceWithText("check: () => []");
  return file.getFullText();
}

/** Runs the tests of a rule in a copy of the project; true where one fails. "" is all of them. */
async function aTestFails(copy: string, id: string): Promise<boolean> {
  const vitest = spawn(
    process.execPath,
    [
      "node_modules/vitest/vitest.mjs",
      "run",
      ...TESTS,
      "-t",
      id === "" ? "" : `(^|[^a-z-])${id}([^a-z-]|$)`,
    ],
    { cwd: copy, stdio: "ignore" },
  );
  const status = await new Promise<number | null>((done, failed) => {
    vitest.on("close", done).on("error", failed);
  });
  return status !== 0;
}

async function worker(ids: string[], unnoticed: string[]): Promise<void> {
  const copy = mkdtempSync(join(tmpdir(), "nixgen-mutate-"));
  try {
    for (const part of COPIED) cpSync(join(root, part), join(copy, part), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
    if (await aTestFails(copy, "")) throw new Error("the tests fail before anything is changed");
    for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
      const path = join(copy, "src/lint/rules", `${id}.ts`);
      const original = readFileSync(path, "utf8");
      writeFileSync(path, withoutCheck(path));
      const noticed = await aTestFails(copy, id);
      writeFileSync(path, original);
      console.log(`${noticed ? "noticed  " : "UNNOTICED"} ${id}`);
      if (!noticed) unnoticed.push(id);
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

const ids = process.argv.length > 2 ? process.argv.slice(2) : ruleIds();
const count = ids.length;
const unnoticed: string[] = [];
const remaining = [...ids].reverse();
await Promise.all(
  Array.from({ length: availableParallelism() }, () => worker(remaining, unnoticed)),
);
console.log(
  `${count - unnoticed.length} of ${count} rules are missed by a test when their check is gone`,
);
if (unnoticed.length > 0) process.exitCode = 1;
