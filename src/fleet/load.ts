/** From a folder to a fleet: finds, reads and checks every file, and reports all problems at once. */
import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { type Finding, compareFindings, compareText } from "./finding.ts";
import { InputError } from "./input-error.ts";
import type { Fleet, LockFile } from "./model.ts";
import { problem, startOf } from "./problem.ts";
import { readSource, systemMessage } from "./read.ts";
import { resolveFleet } from "./resolve.ts";
import type { Facts, Inventory, Lock, ServiceDefinition } from "./schema.ts";
import type { Source } from "./source.ts";
import { type FileKind, validate } from "./validate.ts";

/** The inventory's name, and the lock's beside it. */
export const INVENTORY_FILE = "nixgen.toml";
export const LOCK_FILE = "nixgen.lock";

/** What came of reading a fleet. The sources are there either way, to show their lines. */
export type LoadResult =
  | { readonly fleet: Fleet; readonly sources: ReadonlyMap<string, Source> }
  | {
      readonly fleet?: never;
      readonly findings: readonly Finding[];
      readonly sources: ReadonlyMap<string, Source>;
    };

/** A document that passed its schema. */
export interface Document<T> {
  readonly source: Source;
  readonly value: T;
}

/** Every document of a fleet. */
export interface Documents {
  readonly inventory: Document<Inventory>;
  readonly services: readonly Document<ServiceDefinition>[];
  readonly facts: readonly Document<Facts>[];
  readonly lock: LockFile;
}

/**
 * The inventory that a command is about.
 * @param config what --config names, or undefined to look upward from the folder.
 * @returns its absolute path.
 * @throws {InputError} where there is none.
 */
export function findInventory(cwd: string, config: string | undefined): string {
  if (config !== undefined) {
    const path = resolve(cwd, config);
    if (existsSync(path)) return path;
    throw new InputError(`${config} does not exist`, `Name a ${INVENTORY_FILE} with --config.`);
  }
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const path = join(folder, INVENTORY_FILE);
    if (existsSync(path)) return path;
    if (dirname(folder) === folder) {
      throw new InputError(
        `no ${INVENTORY_FILE} in ${cwd} or any folder above it`,
        "Run this in the fleet's folder, or name the file with --config.",
      );
    }
  }
}

/**
 * Reads the fleet of an inventory.
 * @param inventoryPath an absolute path.
 */
export async function loadFleet(inventoryPath: string): Promise<LoadResult> {
  const root = dirname(inventoryPath);
  const findings: Finding[] = [];
  const sources = new Map<string, Source>();

  const read = async <T>(file: string, kind: FileKind): Promise<Document<T> | undefined> => {
    const result = readSource(join(root, file), file);
    if (result.problem !== undefined) {
      findings.push(result.problem);
      return undefined;
    }
    const { source } = result;
    sources.set(file, source);
    const problems = await validate(kind, source);
    findings.push(...problems);
    // Without a problem the value has the type that its schema describes.
    return problems.length === 0 ? { source, value: source.value as T } : undefined;
  };
  const readAll = async <T>(files: readonly string[], kind: FileKind): Promise<Document<T>[]> => {
    const documents: Document<T>[] = [];
    for (const file of files) {
      const document = await read<T>(file, kind);
      if (document !== undefined) documents.push(document);
    }
    return documents;
  };

  const file = basename(inventoryPath);
  const inventory = await read<Inventory>(file, "nixgen");
  const { services: patterns, facts: factsFolder } = inventory?.value.fleet ?? {
    services: ["services/*.toml"],
    facts: "facts",
  };
  const serviceFiles = (await matchFiles(root, patterns)).filter((name) => name !== file);
  const services = await readAll<ServiceDefinition>(serviceFiles, "service");
  const facts = await readAll<Facts>(jsonFiles(root, factsFolder, findings), "facts");
  for (const { source, value } of facts) {
    if (basename(source.file, ".json") === value.host) continue;
    findings.push(
      problem(
        "schema",
        source.locate(["host"]),
        `${source.file} holds the facts of ${value.host}, but is named otherwise`,
        `Rename it to ${value.host}.json, or correct host.`,
      ),
    );
  }
  const lock = existsSync(join(root, LOCK_FILE)) ? await read<Lock>(LOCK_FILE, "lock") : undefined;
  const lockFile: LockFile = {
    file: LOCK_FILE,
    exists: lock !== undefined,
    lock: lock?.value ?? { version: 1, uids: {}, gids: {}, placement: {}, ports: {} },
  };

  if (inventory === undefined || findings.length > 0) {
    return { findings: findings.sort(compareFindings), sources };
  }
  const resolved = resolveFleet({ inventory, services, facts, lock: lockFile }, sources);
  return resolved.problems.length > 0
    ? { findings: resolved.problems.sort(compareFindings), sources }
    : { fleet: resolved.fleet, sources };
}

/** The files below the fleet's folder that a pattern matches, ordered by name. */
async function matchFiles(root: string, patterns: readonly string[]): Promise<string[]> {
  const found = await Promise.all(patterns.map((pattern) => matchPattern(root, pattern)));
  const files = new Set(found.flat().map((file) => toFile(root, join(root, file))));
  return [...files].sort(compareText);
}

async function matchPattern(root: string, pattern: string): Promise<string[]> {
  if (!/[*?[\]{}()!+@\\]/.test(pattern)) return [pattern];
  // FOLDER/*SUFFIX is what nearly every fleet has, and needs no library: loading one costs 10 ms.
  const simple = /^((?:[A-Za-z0-9_.-]+\/)*)\*([A-Za-z0-9_.-]*)$/.exec(pattern);
  if (simple === null) {
    const { glob } = await import("tinyglobby");
    return glob([pattern], { cwd: root });
  }
  const [, folder = "", suffix = ""] = simple;
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => name)
    .filter((name) => name.endsWith(suffix) && !name.startsWith("."))
    .map((name) => folder + name);
}

/** The .json files of a folder, ordered by name; none where there is no such folder. */
function jsonFiles(root: string, folder: string, findings: Finding[]): string[] {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  let names: string[];
  try {
    names = readdirSync(path);
  } catch (error) {
    findings.push(
      problem(
        "unreadable",
        startOf(folder),
        `the facts in ${folder} cannot be read: ${systemMessage(error)}`,
        "Make it a folder that you may read, or name another one as fleet.facts.",
      ),
    );
    return [];
  }
  return names
    .filter((name) => name.endsWith(".json"))
    .sort(compareText)
    .map((name) => toFile(root, join(path, name)));
}

/** How findings call a file: relative to the fleet's folder, with forward slashes. */
function toFile(root: string, path: string): string {
  return relative(root, path).split(sep).join("/");
}
