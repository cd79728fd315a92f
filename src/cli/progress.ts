/** A line on the terminal that says how far a long piece of work is. */
import type { Io } from "./io.ts";

/** Called as work goes on: what is being done, how much of it is, and how much there is. */
export type OnProgress = (what: string, done: number, total: number) => void;

/** Work shorter than this says nothing, and the line changes no more often than this many ms. */
const SILENT_MS = 1000;
const REDRAW_MS = 100;

/** A progress line on stderr; silent where that is no terminal. */
export function createProgress(io: Io): {
  readonly report: OnProgress;
  readonly clear: () => void;
} {
  const start = Date.now();
  let drawn = 0;
  // Asked once, and late: it takes two system calls, and most work is done before.
  let shown: boolean | undefined;
  return {
    report(what, done, total) {
      const now = Date.now();
      if (now - start < SILENT_MS || now - drawn < REDRAW_MS) return;
      shown ??= io.stderr.isTerminal;
      if (!shown) return;
      drawn = now;
      io.stderr.write(`\r\x1b[Knixgen: ${what} ${done}/${total}`);
    },
    clear() {
      if (drawn !== 0) io.stderr.write("\r\x1b[K");
      drawn = 0;
    },
  };
}
