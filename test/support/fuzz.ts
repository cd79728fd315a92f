/**
 * Properties: each is tried a moment in the ordinary suite, with the same seed every time, and for as
 * long as NIXGEN_FUZZ_SECONDS says in a long run (`npm run fuzz`), with the seed NIXGEN_FUZZ_SEED.
 */
import fc from "fast-check";
import { appendFileSync } from "node:fs";
import { expect } from "vitest";

/** A failure says its seed, and comes again with it. */
const SEED = Number(process.env["NIXGEN_FUZZ_SEED"] ?? 20261122);

/** How long each property is tried; undefined where it is as often as its test says. */
const SECONDS =
  process.env["NIXGEN_FUZZ_SECONDS"] === undefined
    ? undefined
    : Number(process.env["NIXGEN_FUZZ_SECONDS"]);

/** Where a long run counts its inputs, a line of JSON for each property. */
const TALLY = process.env["NIXGEN_FUZZ_TALLY"];

/** What a long run says of a property. */
export interface Tally {
  readonly property: string;
  readonly inputs: number;
  readonly failed: boolean;
}

/**
 * Tries a property of fast-check.
 * @param runs how many inputs it gets in the ordinary suite.
 * @throws with the smallest input that was found against it.
 */
export async function holds<T>(
  property: fc.IProperty<T> | fc.IAsyncProperty<T>,
  runs: number,
): Promise<void> {
  const details = await fc.check(property as fc.IAsyncProperty<T>, {
    seed: SEED,
    ...(SECONDS === undefined
      ? { numRuns: runs }
      : {
          numRuns: Number.MAX_SAFE_INTEGER,
          interruptAfterTimeLimit: SECONDS * 1000,
          markInterruptAsFailure: false,
        }),
  });
  count(details.numRuns, details.failed);
  if (details.failed) throw new Error(fc.defaultReportMessage(details));
}

/**
 * Tries many inputs at once, for what is looked at by a program that is slow to start.
 * @param size how many inputs a batch has; the ordinary suite tries one.
 * @throws what the check throws.
 */
export async function holdsForAll<T>(
  arbitrary: fc.Arbitrary<T>,
  size: number,
  check: (inputs: readonly T[]) => void | Promise<void>,
): Promise<void> {
  const end = performance.now() + 1000 * (SECONDS ?? 0);
  let batch = 0;
  try {
    do {
      await check(fc.sample(arbitrary, { numRuns: size, seed: SEED + batch }));
      batch += 1;
    } while (performance.now() < end);
  } catch (error) {
    count((batch + 1) * size, true);
    throw new Error(`with NIXGEN_FUZZ_SEED=${SEED + batch}`, { cause: error });
  }
  count(batch * size, false);
}

function count(inputs: number, failed: boolean): void {
  if (TALLY === undefined) return;
  const property = expect.getState().currentTestName ?? "";
  appendFileSync(TALLY, `${JSON.stringify({ property, inputs, failed } satisfies Tally)}\n`);
}
