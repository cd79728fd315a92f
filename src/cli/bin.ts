/** The program: the real process around the CLI. */
import { fstatSync, readFileSync, statSync, writeSync } from "node:fs";
import { InputError } from "../fleet/input-error.ts";
import { main } from "./main.ts";

/** Writes at once, so that nothing is cut when the process ends or the reader is slow. */
function output(fd: 1 | 2) {
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
            const reason = error instanceof Error ? error.message : String(error);
            throw new InputError(`cannot write the output: ${reason}`);
          }
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
        }
      }
    },
  };
}

function readInput(): Uint8Array {
  try {
    return readFileSync(0);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`cannot read standard input: ${reason}`);
  }
}

void main(process.argv.slice(2), {
  get cwd() {
    try {
      return process.cwd();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new InputError(
        `this folder is not there any more, or may not be read: ${reason}`,
        "Change to another folder, and back if it was made anew.",
      );
    }
  },
  env: process.env,
  stdout: output(1),
  stderr: output(2),
  readInput,
}).then((status) => {
  process.exitCode = status;
});
