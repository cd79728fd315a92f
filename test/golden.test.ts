/**
 * What nixgen says and writes for whole fleets. Each folder of test/golden/ is a case: `fleet/` is the
 * input, `expected/` what lint and graph print and build writes. `npm run golden` updates them.
 */
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCli } from "./support/cli.ts";
import { temporaryFolder } from "./support/fleet.ts";

const GOLDEN = join(import.meta.dirname, "golden");
const UPDATE = process.env["UPDATE_GOLDEN"] === "1";

/** The formats of `nixgen graph`, and how files of them are called. */
const GRAPHS = [
  ["mermaid", "mmd"],
  ["dot", "dot"],
  ["svg", "svg"],
] as const;

const cases = readdirSync(GOLDEN);

/** Every file below a folder, by path; links are followed. */
function readTree(folder: string, below = ""): Map<string, string> {
  const files = new Map<string, string>();
  if (!existsSync(join(folder, below))) return files;
  for (const name of readdirSync(join(folder, below)).sort()) {
    const path = below === "" ? name : `${below}/${name}`;
    if (statSync(join(folder, path)).isDirectory()) {
      for (const entry of readTree(folder, path)) files.set(...entry);
    } else files.set(path, readFileSync(join(folder, path), "utf8"));
  }
  return files;
}

/**
 * All that there is to see of a fleet: lint in both formats, its boot order in three, and what a build says
 * and writes.
 * @param whole or of recover.sh only the host's own part: the rest is templates/recover.sh, and would be
 *   here for every host; and no manifest, which has a hash of it.
 */
async function produce(fleet: string, whole: boolean): Promise<Map<string, string>> {
  const folder = temporaryFolder();
  cpSync(fleet, folder, { recursive: true, dereference: true });
  const pretty = await runCli(folder, ["lint"]);
  const json = await runCli(folder, ["lint", "--format", "json"]);
  const build = await runCli(folder, ["build"]);
  const files = new Map([
    ["lint.txt", `${pretty.stdout}exit ${pretty.status}\n`],
    ["lint.json", json.stdout],
    ["build.txt", `${build.stderr}${build.stdout}exit ${build.status}\n`],
  ]);
  for (const [format, ending] of GRAPHS) {
    const { stdout } = await runCli(folder, ["graph", "--format", format]);
    files.set(`graph.${ending}`, stdout);
  }
  for (const [path, text] of readTree(join(folder, "out"))) {
    if (!whole && path === "manifest.json") continue;
    files.set(`out/${path}`, whole ? text : text.replace(/\n# ---- How it is done[^]*$/, "\n"));
  }
  const lock = join(folder, "nixgen.lock");
  if (existsSync(lock)) files.set("nixgen.lock", readFileSync(lock, "utf8"));
  return files;
}

function update(expected: string, files: ReadonlyMap<string, string>): void {
  for (const path of readTree(expected).keys()) {
    if (!files.has(path)) rmSync(join(expected, path));
  }
  for (const [path, text] of files) {
    mkdirSync(dirname(join(expected, path)), { recursive: true });
    writeFileSync(join(expected, path), text);
  }
}

describe.each(cases)("%s", (name) => {
  const fleet = join(GOLDEN, name, "fleet");
  const expected = join(GOLDEN, name, "expected");

  it("is as expected", async () => {
    // out/ of the reference fleet is the project's own.
    const out = lstatSync(join(expected, "out"), { throwIfNoEntry: false });
    const files = await produce(fleet, out?.isSymbolicLink() === true);
    if (UPDATE) update(expected, files);
    const wanted = readTree(expected);
    expect([...files.keys()].sort()).toEqual([...wanted.keys()].sort());
    for (const [path, text] of files) expect(text, path).toBe(wanted.get(path));
  });
});

describe("the reference fleets", () => {
  const shared = join(import.meta.dirname, "../../shared/fleet");

  it.skipIf(!existsSync(shared)).each(["metacircular", "incident"])("%s is unmodified", (name) => {
    const ours = readTree(join(import.meta.dirname, "../examples", name));
    // What a build adds is ours.
    ours.delete("nixgen.lock");
    expect(ours).toEqual(readTree(join(shared, name)));
  });

  it("are built: out/ is what build --check wants", async () => {
    const run = await runCli(join(import.meta.dirname, "../examples/metacircular"), [
      "build",
      "--check",
      "--out",
      "../../out",
    ]);
    expect(run.stdout).toBe("");
    expect(run.status).toBe(0);
  });
});
