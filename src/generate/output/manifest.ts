/** `manifest.json`: which files nixgen wrote, and what was in them. */
import { compareText } from "../../text/order.ts";
import { createHash } from "node:crypto";
import { InputError } from "../../text/input-error.ts";
import { MAX_BYTES } from "../../text/limit.ts";

/** Its name in the output folder. */
export const MANIFEST_FILE = "manifest.json";

/** The hash of each file, by its path below the output folder. */
export type Manifest = ReadonlyMap<string, string>;

/** A hash in the notation of Subresource Integrity, which Nix uses too. */
export function hashOf(content: string | Buffer): string {
  return `sha256-${createHash("sha256").update(content).digest("base64")}`;
}

/** The manifest's text: one line a file, sorted. */
export function manifestText(manifest: Manifest): string {
  const files = Object.fromEntries([...manifest].sort(([a], [b]) => compareText(a, b)));
  return `${JSON.stringify({ version: 1, files }, null, 2)}\n`;
}

/**
 * Reads a manifest, which is as hostile as any other input: it decides what is read and removed.
 * @param bytes what is in the file.
 * @param name how the message calls the file.
 * @throws {InputError} where it is not one that nixgen writes, as after a merge conflict.
 */
export function parseManifest(bytes: Buffer, name: string): Manifest {
  const files = bytes.length > MAX_BYTES ? undefined : filesOf(bytes.toString());
  const entries = files?.map(([path, hash]): [string, string] | undefined =>
    typeof hash === "string" && HASH.test(hash) && isOwnPath(path) ? [path, hash] : undefined,
  );
  const known = entries?.filter((entry) => entry !== undefined);
  if (known !== undefined && known.length === entries?.length) return new Map(known);
  throw new InputError(
    `${name} is not as nixgen wrote it`,
    "Restore it, or run nixgen build --force, which takes every file in its place for its own.",
  );
}

/** The entries of a manifest's files; undefined where it has none. */
function filesOf(text: string): [string, unknown][] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || !("files" in value)) return undefined;
    const { files } = value;
    return typeof files === "object" && files !== null ? Object.entries(files) : undefined;
  } catch {
    return undefined;
  }
}

const HASH = /^sha256-[A-Za-z0-9+/]{43}=$/;

/** No file of nixgen's lies deeper in the output folder. */
const MOST_STEPS = 8;

/** Whether a path is one that nixgen may have written: below the folder, and nothing hidden. */
function isOwnPath(path: string): boolean {
  const steps = path.split("/", MOST_STEPS + 1);
  return steps.length <= MOST_STEPS && steps.every((step) => /^[^.\0][^\0]*$/.test(step));
}
