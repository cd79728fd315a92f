/** `manifest.json`: which files nixgen wrote, and what was in them. */
import { createHash } from "node:crypto";
import { compareText } from "../fleet/finding.ts";
import { InputError } from "../text/input-error.ts";

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
 * Reads a manifest that nixgen wrote.
 * @param name how the message calls the file.
 * @throws {InputError} where it is none, as after a merge conflict.
 */
export function parseManifest(text: string, name: string): Manifest {
  const invalid = new InputError(
    `${name} is not as nixgen wrote it`,
    "Restore it, or run nixgen build --force, which takes every file in its place for its own.",
  );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid;
  }
  const files: unknown =
    typeof value === "object" && value !== null && "files" in value ? value.files : undefined;
  if (typeof files !== "object" || files === null) throw invalid;
  return new Map(
    Object.entries(files).map(([path, hash]) => {
      // It decides what is removed: nothing outside the folder may be in it.
      const outside = path.includes("\0") || path.split("/").some((step) => /^\.{0,2}$/.test(step));
      if (typeof hash !== "string" || outside) throw invalid;
      return [path, hash];
    }),
  );
}
