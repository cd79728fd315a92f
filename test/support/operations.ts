/**
 * How much work a piece of the program is, without a clock: how often its blocks of JavaScript are executed, as V8 counts
 * them for coverage, and how many elements the built-in searches of arrays go through. The same work is the same number
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

/** The number of operations of `work`. What it calls must not be asynchronous. */
export function operations(work: () => void): number {
  let searched = 0;
  const originals = SEARCHES.map((name) => Object.getOwnPropertyDescriptor(Array.prototype, name));
  try {
    // What was executed before does not count.
    session.post("Profiler.takePreciseCoverage");
    for (const name of SEARCHES) {
      // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with the array that it was asked of
      const original = Array.prototype[name] as (...args: unknown[]) => unknown;
      Object.defineProperty(Array.prototype, name, {
        configurable: true,
        writable: true,
        value(this: unknown[], ...args: unknown[]): unknown {
          const result = Reflect.apply(original, this, args);
          searched += Array.isArray(result) ? result.length : this.length;
          return result;
        },
      });
    }
    work();
  } finally {
    SEARCHES.forEach((name, index) => {
      Object.defineProperty(Array.prototype, name, originals[index] ?? {});
    });
  }
  let executed = 0;
  session.post("Profiler.takePreciseCoverage", (error, { result }) => {
    if (error !== null) throw error;
    executed = countBlocks(result);
  });
  return executed + searched;
}

function countBlocks(scripts: readonly Profiler.ScriptCoverage[]): number {
  const ranges = scripts
    // The tests' own code and that of their runner are not the program.
    .filter(({ url }) => /\/src\/|node_modules\/(?!vitest|@vitest|vite)/.test(url))
    .flatMap(({ functions }) => functions.flatMap((each) => each.ranges));
  return ranges.reduce((sum, { count }) => sum + count, 0);
}
