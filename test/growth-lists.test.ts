/** Work and output for each list of the schemas, which grow with the list and no faster. */
// First, see there.
import { operationsOf } from "./support/operations.ts";
import { describe, expect, it } from "vitest";
import { runCli } from "./support/cli.ts";
import { writeFiles } from "./support/fleet.ts";
import { CONTAINER_LISTS, KINDS, LISTS, stressFleet, type StressFiles } from "./support/stress.ts";

const CALLS = [["lint"], ["lint", "--format", "sarif"], ["build", "--check"]] as const;

/** What the calls do with a fleet: operations, and bytes that are printed. */
async function costOf(files: StressFiles): Promise<{ work: number; bytes: number }> {
  const root = writeFiles(files);
  let bytes = 0;
  const work = await operationsOf(async () => {
    for (const argv of CALLS) {
      const { status, stdout, stderr } = await runCli(root, argv);
      expect(status, stderr).not.toBe(3);
      bytes += stdout.length + stderr.length;
    }
  });
  return { work, bytes };
}

/** Ten times, and something for what is done once for each digit of a number, or for the first of its kind. */
const LIMIT = 15;

describe("a list that is ten times as long", () => {
  it.each(
    [...LISTS, ...CONTAINER_LISTS].map((list) => [`${list.document} ${list.path}`, list] as const),
  )(
    "takes at most some ten times the work, and prints no more than that: %s",
    async (_, list) => {
      for (const kind of KINDS) {
        const [small, large] = [
          await costOf(stressFleet(list, kind, 100)),
          await costOf(stressFleet(list, kind, 1000)),
        ];
        expect(large.work / small.work, kind).toBeLessThan(LIMIT);
        expect(large.bytes / small.bytes, kind).toBeLessThan(LIMIT);
      }
    },
    120_000,
  );
});
