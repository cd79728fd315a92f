/** Builds of the real program that are killed, or run at once: the tree is wholly the old or the new one. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { bundleKillable } from "../support/killed.ts";
import { runCli } from "../support/cli.ts";
import { inventory, temporaryFolder, writeFiles } from "../support/fleet.ts";
import { sharedFolder } from "./support.ts";

const folder = sharedFolder();
const program = join(folder, "nixgen.cjs");

beforeAll(async () => {
  await bundleKillable(folder);
});

const VERSIONS = ["v1", "v2"] as const;

/** Sets the inputs to a version: both hosts have a container of it. */
function setInputs(root: string, version: string): void {
  const service = (host: string): string =>
    `name = "on-${host}"\nnode = "${host}"\n[[components]]\nname = "web"\nimage = "example.org/web:${version}"\n`;
  writeFiles(
    { "services/a.toml": service("alpha"), "services/b.toml": service("beta") },
    writeFiles({ "nixgen.toml": inventory() }, root),
  );
}

/** Every file below a folder with its text; undefined where there is no such folder. */
function snapshot(out: string): Record<string, string> | undefined {
  if (!existsSync(out)) return undefined;
  const files = readdirSync(out, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files.map(({ parentPath, name }) => [
      join(parentPath, name).slice(out.length),
      readFileSync(join(parentPath, name), "utf8"),
    ]),
  );
}

/** A built fleet, and its tree in both versions. */
async function twoVersions() {
  const root = temporaryFolder();
  const trees: unknown[] = [];
  for (const version of [...VERSIONS].reverse()) {
    setInputs(root, version);
    expect(await runCli(root, ["build"])).toMatchObject({ status: 0 });
    // Somebody's own file must survive everything.
    writeFileSync(join(root, "out/NOTES.md"), "mine\n");
    trees.unshift(snapshot(join(root, "out")));
  }
  expect(trees[0]).not.toEqual(trees[1]);
  return { root, trees };
}

/** Whether mv can exchange two folders; without it there is a moment with neither tree. */
const exchanges = spawnSync("mv", ["--help"], { encoding: "utf8" }).stdout.includes("--exchange");

/** After a build that was killed: one of the trees is there, and the next build makes the wanted one. */
async function expectWhole(root: string, trees: readonly unknown[], wanted: number): Promise<void> {
  const out = join(root, "out");
  const found = snapshot(out);
  if (found === undefined) {
    expect(exchanges).toBe(false);
    const work = readdirSync(root).find((name) => name.startsWith(".out.nixgen-")) ?? "";
    expect(trees).toContainEqual(snapshot(join(root, work, "old")));
  } else {
    expect(trees).toContainEqual(found);
  }
  const next = await runCli(root, ["build"]);
  expect(next).toMatchObject({ status: 0 });
  expect(snapshot(out)).toEqual(trees[wanted]);
  expect(readdirSync(root).sort()).toEqual(["nixgen.lock", "nixgen.toml", "out", "services"]);
}

describe("a build that is killed", () => {
  it("before a call that changes files", async () => {
    const { root, trees } = await twoVersions();
    let killed = 0;
    // The first ones write the new files, one as the other.
    for (let call = 1; ; call += call < 22 ? 3 : 1) {
      const wanted = call % 2;
      setInputs(root, VERSIONS[wanted] ?? "");
      const run = spawnSync(
        process.execPath,
        ["--require", join(folder, "kill.cjs"), program, "build"],
        { cwd: root, env: { ...process.env, KILL_AT: String(call) } },
      );
      await expectWhole(root, trees, wanted);
      if (run.signal !== "SIGKILL") break;
      killed += 1;
    }
    expect(killed).toBeGreaterThan(12);
  });

  it("at random moments", async () => {
    const { root, trees } = await twoVersions();
    const started = performance.now();
    setInputs(root, VERSIONS[1]);
    execFileSync(process.execPath, [program, "build"], { cwd: root });
    const whole = performance.now() - started;
    for (let round = 0; round < 5; round += 1) {
      const wanted = round % 2;
      setInputs(root, VERSIONS[wanted] ?? "");
      spawnSync(process.execPath, [program, "build"], {
        cwd: root,
        timeout: Math.ceil(whole * (0.6 + 0.45 * Math.random())),
        killSignal: "SIGKILL",
      });
      await expectWhole(root, trees, wanted);
    }
  });
});

describe("builds at once", () => {
  it("leave one whole tree, and nothing beside it", async () => {
    const { root, trees } = await twoVersions();
    for (const wanted of [1, 0]) {
      setInputs(root, VERSIONS[wanted] ?? "");
      const running = [1, 2, 3].map(() =>
        spawn(process.execPath, [program, "build"], { cwd: root, stdio: "ignore" }),
      );
      const codes = await Promise.all(
        running.map(async (one): Promise<unknown> => ((await once(one, "exit")) as unknown[])[0]),
      );
      expect(codes).toContain(0);
      // Without an exchange in mv the second of two may find the first one's tree in its place.
      if (exchanges) expect(codes).toEqual([0, 0, 0]);
      await expectWhole(root, trees, wanted);
    }
  });
});
