/**
 * Starts the bundled program, and loads its parts when they are first imported (scripts/build.ts makes
 * them): of one file Node would read, look through and compile everything at each start.
 */
import { readFileSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
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
    try {
      writeSync(1, `${VERSION}\n`);
      return;
    } catch {
      // The program knows what to do about an output that is full or closed.
    }
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
      const more = readPart(join(folder, file));
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

/** The chunks of a file; compiled already where that was done for this very Node. */
function readPart(path: string): Chunks {
  // Only here: --version needs no part.
  const { Script } = process.getBuiltinModule("node:vm");
  // There is nothing but ASCII in it, and Latin-1 is read fastest.
  const script = new Script(readFileSync(path, "latin1"), {
    filename: path,
    cachedData: readIfThere(path + compiledSuffix()),
  });
  return script.runInThisContext() as Chunks;
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
