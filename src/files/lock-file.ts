/**
 * A lock on one file or folder. Who is about to replace it makes a mark of its own beside it, named by its
 * process, and then looks for the marks of others: of two at once, one at least sees the other.
 */
import { statSync } from "node:fs";

/** Replacing takes far less. An older mark is of a process that is gone, even if its number is in use again. */
const LIFETIME_MS = 10_000;

/**
 * Waits until nobody else holds the lock, and holds it.
 * @param mark makes the mark of this process; unmark takes it away again.
 * @param othersHaveMarks whether a mark of another process is there that is not abandoned.
 */
export function acquire(mark: () => void, unmark: () => void, othersHaveMarks: () => boolean) {
  for (;;) {
    mark();
    if (!othersHaveMarks()) return;
    unmark();
    // Of two that step back at once, one comes back first.
    sleep(5 + 20 * Math.random());
  }
}

/** Whether the process that made a mark is gone. */
export function isAbandoned(mark: string, pid: number): boolean {
  if (!isOtherProcess(pid)) return true;
  const stat = statSync(mark, { throwIfNoEntry: false });
  return stat === undefined || Math.abs(Date.now() - stat.mtimeMs) > LIFETIME_MS;
}

/** Whether another process of that number is alive. */
export function isOtherProcess(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is alive too.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
