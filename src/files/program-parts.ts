/** The parts of the program itself, beside what started it. */
import { readFileSync, statSync, writeSync } from "node:fs";

/**
 * The value of a script; compiled already where that was done for this very Node.
 * @param path its file, which nixgen's build has made.
 */
export function runPart(path: string): unknown {
  // Only here: --version needs no part.
  const { Script } = process.getBuiltinModule("node:vm");
  // There is nothing but ASCII in it, and Latin-1 is read fastest.
  const script = new Script(readFileSync(path, "latin1"), {
    filename: path,
    cachedData: readIfThere(path + compiledSuffix()),
  });
  return script.runInThisContext();
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/**
 * What follows a part's name in that of its compiled code, which `npm run build` has made. The part's
 * own name has a digest of its text. Of the code, V8 sees whether it is whole and made by the same
 * version of V8; the name tells whether that was the very same build of Node.
 */
export function compiledSuffix(): string {
  const { size, mtimeMs } = statSync(process.execPath);
  const node = [process.version, process.arch, size, Math.floor(mtimeMs / 1000)].join("-");
  return `.${node}.compiled`;
}

/** Writes a line to standard output; false where that cannot take it now. */
export function printLine(line: string): boolean {
  try {
    return writeSync(1, `${line}\n`) > 0;
  } catch {
    return false;
  }
}
