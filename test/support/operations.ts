/**
 * How much work a piece of the program is, without a clock: how often its blocks of JavaScript are executed, as V8 counts
 * them for coverage, and how much the built-in searches of arrays and texts go through. The same work is the same number
 * on every machine.
 */
import { type Profiler, Session } from "node:inspector";

const session = new Session();
session.connect();
session.post("Profiler.enable");
// Only functions that are compiled after this have their blocks counted, so this file is the first that a test imports.
session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });

/** Built-in functions that go through an array without calling anything that is counted. */
const SEARCHES = ["includes", "indexOf", "lastIndexOf", "concat", "slice", "join"] as const;

/** The same for texts: what is counted is characters. */
const TEXT_SEARCHES = ["includes", "indexOf", "lastIndexOf", "split"] as const;

/** The number of operations of `work`. What it calls must not be asynchronous. */
export function operations(work: () => void): number {
  const stop = countSearches();
  let searched = 0;
  try {
    // What was executed before does not count.
    session.post("Profiler.takePreciseCoverage");
    work();
  } finally {
    searched = stop();
  }
  return executedBlocks() + searched;
}

/** The same for what is asynchronous; nothing else may run meanwhile. */
export async function operationsOf(work: () => Promise<void>): Promise<number> {
  const stop = countSearches();
  let searched = 0;
  try {
    session.post("Profiler.takePreciseCoverage");
    await work();
  } finally {
    searched = stop();
  }
  return executedBlocks() + searched;
}

/** Counts what the searches go through from now on. */
function countSearches(): () => number {
  let searched = 0;
  const restore = [
    ...SEARCHES.map((name) =>
      watch(Array.prototype, name, (length, result) => {
        searched += Array.isArray(result) ? result.length : length;
      }),
    ),
    ...TEXT_SEARCHES.map((name) =>
      watch(String.prototype, name, (length, result, [, from]) => {
        searched += charactersSearched(length, result, typeof from === "number" ? from : undefined);
      }),
    ),
  ];
  return () => {
    for (const each of restore) each();
    return searched;
  };
}

/** A search for an offset begins at one, and ends where it finds something. */
function charactersSearched(length: number, result: unknown, from = 0): number {
  const isFound = typeof result === "number" && result !== -1;
  return Math.abs((isFound ? result : length) - from);
}

/** Calls `look` with the length of what a built-in function was called on, until what it returns is called. */
function watch(
  prototype: object,
  name: string,
  look: (length: number, result: unknown, args: readonly unknown[]) => void,
): () => void {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name) ?? {};
  const original = descriptor.value as (...args: unknown[]) => unknown;
  Object.defineProperty(prototype, name, {
    ...descriptor,
    value(this: { readonly length: number }, ...args: unknown[]): unknown {
      const result = Reflect.apply(original, this, args);
      look(this.length, result, args);
      return result;
    },
  });
  return () => void Object.defineProperty(prototype, name, descriptor);
}

/** How often blocks were executed since the last time. */
function executedBlocks(): number {
  let executed = 0;
  session.post("Profiler.takePreciseCoverage", (error, { result }) => {
    if (error !== null) throw error;
    executed = countBlocks(result);
  });
  return executed;
}

function countBlocks(scripts: readonly Profiler.ScriptCoverage[]): number {
  const ranges = scripts
    // The tests' own code and that of their runner are not the program.
    .filter(({ url }) => /\/src\/|node_modules\/(?!vitest|@vitest|vite)/.test(url))
    .flatMap(({ functions }) => functions.flatMap((each) => each.ranges));
  return ranges.reduce((sum, { count }) => sum + count, 0);
}
