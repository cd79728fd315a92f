/**
 * Every command that writes, killed: what is there is the old or the new, whole, and the next run works.
 * NIXGEN_KILLS says how often each one is killed at random moments (npm run test:crash: 200 times).
 */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { sharedFolder } from "../generate/support.ts";
import { runCli } from "../support/cli.ts";
import { bundleKillable } from "../support/killed.ts";
import { COMMANDS, filesIn, prepare, type Prepared, snapshot, temporaries } from "./commands.ts";

const KILLS = Number(process.env["NIXGEN_KILLS"] ?? 12);
const THOROUGH = KILLS >= 200;
const SEED = Number(process.env["NIXGEN_KILLS_SEED"] ?? Date.now() % 2 ** 32);

const shared = sharedFolder();
const program = join(shared, "nixgen.cjs");
const killer = join(shared, "kill.cjs");

beforeAll(async () => {
  await bundleKillable(shared);
});

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Whether mv can exchange two folders; without it there is a moment with neither tree. */
const exchanges = spawnSync("mv", ["--help"], { encoding: "utf8" }).stdout.includes("--exchange");

/** What a killed run had come to. */
type Moment = "before writing" | "while writing" | "after writing" | "between two trees";

/** After a kill: each part is the old one or the new one, and the next run makes everything new. */
async function expectWhole(command: Prepared, folder: string): Promise<Moment> {
  const { before, after, tree, again } = command;
  const found = snapshot(folder);
  const rubbish = temporaries(found);
  let moment: Moment = "while writing";
  const wanted = { ...before, ...after };
  for (const path of Object.keys({ ...found, ...wanted })) {
    if (rubbish.includes(path) || path.startsWith(`${tree ?? ""}/`)) continue;
    expect([before[path], after[path]], path).toContain(found[path]);
  }
  if (tree !== undefined) {
    const trees = [before, after].map((files) => filesIn(files, tree));
    let whole = filesIn(found, tree);
    if (Object.keys(whole).length === 0) {
      expect(exchanges).toBe(false);
      moment = "between two trees";
      const work = readdirSync(folder).find((name) => name.startsWith(`.${tree}.nixgen-`)) ?? "";
      whole = filesIn(found, `${work}/old`);
    }
    expect(trees).toContainEqual(whole);
  }
  if (rubbish.length === 0) {
    if (isSame(found, before)) moment = "before writing";
    if (isSame(found, after)) moment = "after writing";
  }

  const argv = isSame(found, after) && again !== undefined ? again : command.argv;
  expect(await runCli(folder, argv)).toMatchObject({ status: 0 });
  expect(snapshot(folder)).toEqual(after);
  expect(readdirSync(folder).filter((name) => name.startsWith("."))).toEqual([]);
  return moment;
}

function isSame(one: object, other: object): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Runs something with each copy of a command's fleet, two at once. */
async function onCopies<T>(
  command: Prepared,
  cases: readonly T[],
  run: (folder: string, one: T) => Promise<void>,
): Promise<void> {
  const waiting = [...cases];
  const next = async (): Promise<void> => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      const folder = mkdtempSync(join(shared, "copy-"));
      cpSync(command.folder, folder, { recursive: true });
      await run(folder, one);
      rmSync(folder, { recursive: true });
    }
  };
  await Promise.all([next(), next()]);
}

/** Starts the program; resolves when it has ended, with what killed it. */
async function start(
  folder: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  killAfterMs?: number,
): Promise<unknown> {
  const preload = Object.keys(env).length === 0 ? [] : ["--require", killer];
  const child = spawn(process.execPath, [...preload, program, ...argv], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: "ignore",
  });
  const timer =
    killAfterMs === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  const [, signal] = (await once(child, "exit")) as unknown[];
  clearTimeout(timer);
  return signal;
}

describe.each(COMMANDS.map((command) => [command.name, command] as const))(
  "%s",
  (name, command) => {
    let prepared: Prepared;
    /** The calls of a whole run that change a file, the time that these take, and the time of all. */
    let calls: number;
    let writing: number;
    let whole: number;

    beforeAll(async () => {
      prepared = await prepare(command, mkdtempSync(join(shared, "fleet-")));
      const [folder, report] = [join(shared, `${name}-whole`), join(shared, `${name}-report`)];
      for (const env of [{ ...process.env }, { ...process.env, REPORT: report }]) {
        rmSync(folder, { recursive: true, force: true });
        cpSync(prepared.folder, folder, { recursive: true });
        const began = performance.now();
        execFileSync(process.execPath, ["--require", killer, program, ...command.argv], {
          cwd: folder,
          env,
          stdio: "ignore",
        });
        whole = performance.now() - began;
        expect(snapshot(folder)).toEqual(prepared.after);
      }
      const measured = JSON.parse(readFileSync(report, "utf8")) as Record<string, number>;
      [calls = NaN, writing = NaN] = [measured["calls"], measured["microseconds"]];
    });

    it("killed before a call that changes files", async () => {
      const all = Array.from({ length: calls }, (_, index) => index + 1);
      // The first ones write the new files, one as the other; the last ones put them in their place.
      const chosen = THOROUGH ? all : all.filter((call) => call % 9 === 1 || call > calls - 7);
      const killed: number[] = [];
      await onCopies(prepared, chosen, async (folder, call) => {
        if ((await start(folder, command.argv, { KILL_AT: String(call) })) === "SIGKILL") {
          killed.push(call);
        }
        await expectWhole(prepared, folder);
      });
      expect(killed.sort((a, b) => a - b)).toEqual(chosen);
    }, 300_000);

    it(`killed at ${KILLS} random moments`, async () => {
      const random = randomNumbers(SEED);
      const cases = Array.from({ length: KILLS }, (_, index) => index % 2 === 1);
      const moments: string[] = [];
      let tooLate = 0;
      await onCopies(prepared, cases, async (folder, isWriting) => {
        for (;;) {
          const signal = isWriting
            ? await start(folder, command.argv, { KILL_AFTER: String(random() * writing) })
            : await start(folder, command.argv, {}, random() * whole);
          const moment = await expectWhole(prepared, folder);
          if (signal === "SIGKILL") return void moments.push(moment);
          tooLate += 1;
          rmSync(folder, { recursive: true });
          cpSync(prepared.folder, folder, { recursive: true });
        }
      });
      expect(moments).toHaveLength(KILLS);
      const counts = [...new Set(moments)].map(
        (moment) => `${moments.filter((one) => one === moment).length} ${moment}`,
      );
      console.log(
        `${name} (NIXGEN_KILLS_SEED=${SEED}) killed ${counts.join(", ")}; ${tooLate} were over before`,
      );
    }, 600_000);
  },
);
