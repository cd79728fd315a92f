/**
 * Starts the bundled program, and loads its parts when they are first imported (scripts/build.ts makes
 * them): of one file Node would read, look through and compile everything at each start.
 */
import { join } from "node:path";
import { printLine, runPart } from "../files/program-parts.ts";
import { VERSION } from "./version.ts";

/** A module of CommonJS. */
interface Module {
  exports: unknown;
}

/** A module's code, in the function that Node too would wrap it in. */
type Chunk = (module: Module, exports: unknown, require: (name: string) => unknown) => void;

/** Chunks by the names by which they import each other: "./chunk-ABCDEFGH.js". */
type Chunks = Readonly<Record<string, Chunk>>;

/**
 * Starts the program, or does the one thing that is quicker done without it.
 * @param folder where the parts are.
 * @param parts the names of the chunks in each file; the file is a script whose value is its Chunks.
 * @param main the chunk that is the program.
 */
export function startProgram(
  folder: string,
  parts: Readonly<Record<string, readonly string[]>>,
  main: string,
): void {
  if (process.argv.length === 3 && process.argv[2] === "--version") {
    // The program knows what to do about an output that is full or closed.
    if (printLine(VERSION)) return;
  }
  chunkLoader(folder, parts)(main);
}

/**
 * Makes the function by which chunks import each other, and Node's own modules.
 * @param folder where the parts are.
 * @param parts the names of the chunks in each file; the file is a script whose value is its Chunks.
 */
function chunkLoader(
  folder: string,
  parts: Readonly<Record<string, readonly string[]>>,
): (name: string) => unknown {
  const chunks = new Map<string, Chunk>();
  const modules = new Map<string, Module>();

  /** The chunk of a name. With it come the others of its file. */
  const find = (name: string): Chunk => {
    if (!chunks.has(name)) {
      const [file] = Object.entries(parts).find(([, names]) => names.includes(name)) ?? [];
      if (file === undefined) throw new Error(`no part of the program has ${name}`);
      const more = runPart(join(folder, file)) as Chunks;
      for (const [each, chunk] of Object.entries(more)) chunks.set(each, chunk);
    }
    const found = chunks.get(name);
    if (found === undefined) throw new Error(`${name} is not in its part of the program`);
    return found;
  };

  return function load(name) {
    if (!name.startsWith("./")) return process.getBuiltinModule(name);
    const loaded = modules.get(name);
    if (loaded !== undefined) return loaded.exports;
    const chunk = find(name);
    const module: Module = { exports: {} };
    modules.set(name, module);
    chunk(module, module.exports, load);
    return module.exports;
  };
}
