/** The program: the real process around the CLI. */
import { output, readInput, reasonOf } from "../files/stdio.ts";
import { InputError } from "../text/input-error.ts";
import { main } from "./main.ts";

void main(process.argv.slice(2), {
  get cwd() {
    try {
      return process.cwd();
    } catch (error) {
      throw new InputError(
        `this folder is not there any more, or may not be read: ${reasonOf(error)}`,
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
