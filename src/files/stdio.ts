/** The standard input and outputs of the process, read and written at once. */
import { fstatSync, readSync, statSync, writeSync } from "node:fs";
import { InputError } from "../text/input-error.ts";
import { MAX_BYTES } from "../text/limit.ts";

/** An output. Writes at once, so that nothing is cut when the process ends or the reader is slow. */
export function output(fd: 1 | 2) {
  return {
    get isTerminal() {
      // Asking process.stdout loads all of node's streams, 5 ms: not for what cannot be a terminal.
      const device = fstatSync(fd);
      const nothing = statSync("/dev/null", { throwIfNoEntry: false });
      if (!device.isCharacterDevice() || device.rdev === nothing?.rdev) return false;
      return (fd === 1 ? process.stdout : process.stderr).isTTY;
    },
    write(text: string): void {
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length;) {
        try {
          at += writeSync(fd, bytes, at);
        } catch (error) {
          const code = error instanceof Error && "code" in error ? error.code : undefined;
          // A pipe that is full: wait for its reader. One that is closed: nobody wants the rest.
          if (code === "EPIPE") return;
          if (code !== "EAGAIN") {
            // A full disk is no bug.
            throw new InputError(`cannot write the output: ${reasonOf(error)}`);
          }
          wait();
        }
      }
    },
  };
}

/** What an error says. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * All of standard input, which may have no end.
 * @throws {InputError} where it cannot be read, or is larger than any input.
 */
export function readInput(): Uint8Array {
  const chunks: Uint8Array[] = [];
  for (let size = 0; size <= MAX_BYTES;) {
    const chunk = readChunk(new Uint8Array(64 * 1024));
    if (chunk.length === 0) return Buffer.concat(chunks);
    chunks.push(chunk);
    size += chunk.length;
  }
  throw new InputError(`standard input is larger than ${MAX_BYTES / 1024 / 1024} MiB`);
}

/** What standard input has now, or will have next; nothing where it has ended. */
function readChunk(buffer: Uint8Array): Uint8Array {
  for (;;) {
    try {
      return buffer.subarray(0, readSync(0, buffer));
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      // Somebody has made it one that does not wait.
      if (code !== "EAGAIN") {
        throw new InputError(`cannot read standard input: ${reasonOf(error)}`);
      }
      wait();
    }
  }
}

/** Lets others write or read. */
function wait(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
}
