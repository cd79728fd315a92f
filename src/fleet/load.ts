/** From a folder to a fleet: finds, reads and checks every file, and reports all problems at once. */
import { compareText } from "../text/order.ts";
import { startOf } from "../document/place.ts";
import { basename, dirname, join, posix, relative, resolve, sep } from "node:path";
import { isThere, leadsOutside, whatIs } from "../files/boundary.ts";
import { type FileTree, workingTree } from "../files/file-tree.ts";
import { compareFindings, type Finding } from "../finding/finding.ts";
import { filesMatching, type FolderEntry, isGlob } from "../text/glob.ts";
import { InputError } from "../text/input-error.ts";
import type { Document } from "./documents.ts";
import type { Fleet, LockFile } from "./model.ts";
import { EMPTY_LOCK, readLock } from "./lock.ts";
import { problem } from "../finding/problem.ts";
import { parseFile } from "./read.ts";
import { resolveFleet, withFacts } from "./resolve.ts";
import type { Baseline, Facts, Inventory, LockDocument, ServiceDefinition } from "./schema.ts";
import type { FileText, Source } from "../document/source.ts";
import { type FileKind, validate } from "./validate.ts";

/** The inventory's name, and those of the lock and the baseline beside it. */
export const INVENTORY_FILE = "nixgen.toml";
export const LOCK_FILE = "nixgen.lock";
export const BASELINE_FILE = "nixgen.baseline.json";

/** Where the services are if nothing is said about it; the schema's default. */
const DEFAULT_SERVICES = "services/*.toml";

/** What came of reading a fleet. The sources are there either way, to show their lines. */
export type LoadResult =
  | { readonly fleet: Fleet; readonly sources: ReadonlyMap<string, Source> }
  | {
      readonly fleet?: never;
      readonly findings: readonly Finding[];
      readonly sources: ReadonlyMap<string, FileText>;
      /**
       * The fleet without the service definitions and facts that are wrong, if nothing else is: what is
       * found in it is found in the whole fleet as well, unless it is that something is missing.
       */
      readonly rest: Fleet | undefined;
    };

/**
 * The inventory that a command is about.
 * @param config what --config names, or undefined to look upward from the folder.
 * @returns its absolute path. What config names may be a link; one that was found is the fleet's own.
 * @throws {InputError} where there is none.
 */
export function findInventory(cwd: string, config: string | undefined): string {
  if (config !== undefined) {
    const path = resolve(cwd, config);
    if (!isThere(path)) {
      throw new InputError(`${config} does not exist`, `Name a ${INVENTORY_FILE} with --config.`);
    }
    if (whatIs(path) !== "folder") return path;
    throw new InputError(`${config} is a folder`, `Name the ${INVENTORY_FILE} in it.`);
  }
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const path = join(folder, INVENTORY_FILE);
    if (isThere(path)) {
      if (!leadsOutside(folder, path)) return path;
      throw new InputError(
        `${path} is a link that leads out of its folder and its repository, so it is not read`,
        "Put the file itself in its place, or name where it leads to with --config.",
      );
    }
    if (dirname(folder) === folder) {
      throw new InputError(
        `no ${INVENTORY_FILE} in ${cwd} or any folder above it`,
        "Run this in the fleet's folder, or name the file with --config.",
      );
    }
  }
}

/**
 * The files of a fleet on the disk. The inventory may be elsewhere, and so may a baseline that is not the
 * one beside it: the call has named them.
 */
export function fleetOnDisk(inventoryPath: string, baselinePath: string | false): FileTree {
  const root = dirname(inventoryPath);
  const named = new Set([basename(inventoryPath)]);
  if (baselinePath !== false && baselinePath !== join(root, BASELINE_FILE)) {
    named.add(toFile(root, baselinePath));
  }
  return workingTree(root, named);
}

/**
 * Reads the fleet of an inventory.
 * @param inventoryPath an absolute path.
 * @param onProgress is told of each service definition: how many were read, of how many.
 * @param baselinePath the absolute path of the baseline, which may be missing; false for none.
 * @param tree what is read; the disk, unless something else is given.
 */
export async function loadFleet(
  inventoryPath: string,
  onProgress?: (what: string, done: number, total: number) => void,
  baselinePath: string | false = join(dirname(inventoryPath), BASELINE_FILE),
  tree: FileTree = fleetOnDisk(inventoryPath, baselinePath),
): Promise<LoadResult> {
  const root = dirname(inventoryPath);
  const findings: Finding[] = [];
  const sources = new Map<string, Source>();
  /** What was read and cannot be parsed. */
  const unparsed = new Map<string, FileText>();

  const read = async <T>(file: string, kind: FileKind): Promise<Document<T> | undefined> => {
    const text = await tree.read(file, kind === "lock" ? "own" : "input");
    const result = await parseFile(text, file);
    const problems =
      result.problem === undefined ? await validate(kind, result.source) : [result.problem];
    if (problems.length > 0 && text.reason === undefined && text.elsewhere !== undefined) {
      findings.push(notShown(file, text.elsewhere));
      return undefined;
    }
    findings.push(...problems);
    if (result.problem === undefined) sources.set(file, result.source);
    else if (result.read !== undefined) unparsed.set(file, result.read);
    // Without a problem the value has the type that its schema describes.
    return result.problem === undefined && problems.length === 0
      ? { source: result.source, value: result.source.value as T }
      : undefined;
  };
  const readAll = async <T>(files: readonly string[], kind: FileKind): Promise<Document<T>[]> => {
    const documents: Document<T>[] = [];
    for (const [index, file] of files.entries()) {
      onProgress?.("reading", index, files.length);
      const document = await read<T>(file, kind);
      if (document !== undefined) documents.push(document);
    }
    return documents;
  };

  const file = basename(inventoryPath);
  const inventory = await read<Inventory>(file, "nixgen");
  const { services: patterns, facts: factsFolder } = inventory?.value.fleet ?? {
    services: [DEFAULT_SERVICES],
    facts: "facts",
  };
  const matches = matchFiles(tree, patterns, findings);
  const isComplete = matches.unmatched.length === 0 && matches.endless === undefined;
  const positions = isComplete ? undefined : inventory?.source.positions();
  const complain = (index: number, message: string, help: string): void => {
    if (positions === undefined) return;
    const location = positions.locate(["fleet", "services", index]);
    findings.push(problem("schema", location, message, help));
  };
  for (const index of matches.unmatched) {
    complain(
      index,
      `no file matches ${JSON.stringify(patterns[index])}, so its services would be missing`,
      "Correct the pattern, or remove it while there is nothing for it.",
    );
  }
  if (matches.endless !== undefined) {
    complain(
      matches.endless,
      `more than ${MOST_ENTRIES} files and folders are looked at for ${JSON.stringify(patterns[matches.endless])}`,
      "Name the folders that have the definitions; a link to a folder may lead back.",
    );
  }
  const incomplete = findings.length;
  const serviceFiles = matches.files.filter((name) => name !== file);
  const services = await readAll<ServiceDefinition>(serviceFiles, "service");
  const unusable = findings.length - incomplete;
  const lock = tree.isThere(LOCK_FILE) ? await read<LockDocument>(LOCK_FILE, "lock") : undefined;
  const lockFile: LockFile = {
    file: LOCK_FILE,
    exists: lock !== undefined,
    version: lock?.value.version ?? 2,
    lock: lock === undefined ? EMPTY_LOCK : readLock(lock.value, inventory?.value.user.name ?? ""),
  };

  const baselineFile = baselinePath === false ? undefined : toFile(root, baselinePath);
  const baseline =
    baselineFile !== undefined && tree.isThere(baselineFile)
      ? await read<Baseline>(baselineFile, "baseline")
      : undefined;

  // Without the inventory, the lock or the baseline nothing is known; without one service the others are.
  const resolved =
    inventory === undefined || findings.length > unusable
      ? undefined
      : resolveFleet({ inventory, services, lock: lockFile, baseline }, sources);
  const facts = await readAll<Facts>(jsonFiles(tree, factsFolder, findings), "facts");
  for (const { source, value } of facts) {
    if (basename(source.file, ".json") === value.host) continue;
    findings.push(
      problem(
        "schema",
        source.positions().locate(["host"]),
        `${source.file} holds the facts of ${value.host}, but is named otherwise`,
        `Rename it to ${value.host}.json, or correct host.`,
      ),
    );
  }
  findings.push(...(resolved?.problems ?? []));
  const fleet = resolved?.problems.length === 0 ? withFacts(resolved.fleet, facts) : undefined;
  if (fleet !== undefined && findings.length === 0) return { fleet, sources };
  return {
    findings: findings.sort(compareFindings),
    sources: new Map<string, FileText>([...sources, ...unparsed]),
    rest: fleet,
  };
}

/** Two links to their own folder are enough to make paths without end, each of which a pattern may want. */
const MOST_ENTRIES = 100_000;

/**
 * The files below the fleet's folder that the patterns match, ordered by name, the numbers of the
 * patterns that match none, and of the one for which too much would have to be looked at. A pattern that
 * begins with "!" takes its files away.
 */
function matchFiles(
  tree: FileTree,
  patterns: readonly string[],
  findings: Finding[],
): { files: string[]; unmatched: number[]; endless?: number } {
  const files = new Set<string>();
  const excluded = new Set<string>();
  const unmatched: number[] = [];
  const unreadable: Finding[] = [];
  let seen = 0;
  const lookInto = (folder: string): readonly FolderEntry[] => {
    if (seen > MOST_ENTRIES) return [];
    const entries = entriesOf(tree, folder, unreadable);
    seen += entries.length;
    return entries;
  };
  for (const [index, pattern] of patterns.entries()) {
    const negated = pattern.startsWith("!");
    const found = matchPattern(tree, negated ? pattern.slice(1) : pattern, lookInto);
    if (seen > MOST_ENTRIES) return { files: [], unmatched: [], endless: index };
    // A fleet may be without services as long as nothing was said about where they are.
    if (found.length === 0 && !negated && pattern !== DEFAULT_SERVICES) unmatched.push(index);
    for (const file of found) (negated ? excluded : files).add(file);
  }
  findings.push(...unreadable);
  return {
    files: [...files].filter((file) => !excluded.has(file)).sort(compareText),
    unmatched,
  };
}

function matchPattern(
  tree: FileTree,
  pattern: string,
  lookInto: (folder: string) => readonly FolderEntry[],
): string[] {
  if (!isGlob(pattern)) return [normalised(pattern)];
  return filesMatching(pattern, lookInto, (path) => tree.isFolder(path));
}

/** The .json files of a folder, ordered by name; none where there is no such folder. */
function jsonFiles(tree: FileTree, folder: string, findings: Finding[]): string[] {
  return entriesOf(tree, folder, findings)
    .map(({ name }) => name)
    .filter((name) => name.endsWith(".json"))
    .sort(compareText)
    .map((name) => normalised(`${folder}/${name}`));
}

/** What is in a folder; nothing where there is no such folder. One that cannot be read is a problem. */
function entriesOf(tree: FileTree, folder: string, findings: Finding[]): readonly FolderEntry[] {
  const name = normalised(folder);
  const entries = tree.entries(name);
  if (!("reason" in entries)) return entries;
  findings.push(problem("unreadable", startOf(name), entries.reason, entries.help));
  return [];
}

/** A file's name as findings have it: without what says the same twice, and "." for the fleet's folder. */
function normalised(path: string): string {
  return posix.join(".", path).replace(/(.)\/$/, "$1");
}

/** How findings call a file: relative to the fleet's folder, with forward slashes. */
function toFile(root: string, path: string): string {
  return relative(root, path).split(sep).join("/") || ".";
}

/** What is said of a file that the call named and that is elsewhere: nothing of its text, which may be anybody's. */
function notShown(file: string, target: string): Finding {
  return problem(
    "unreadable",
    startOf(file),
    `${file} leads out of the fleet's folder, to a file that is not what it should be`,
    `It is ${target}, of which nothing is shown here. Look at it there, or put the file itself in the place of the link.`,
  );
}
