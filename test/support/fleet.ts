/** Small fleets in temporary folders. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { type Finding, unsuppressed } from "../../src/finding/finding.ts";
import { loadFleet } from "../../src/fleet/load.ts";
import type { Fleet } from "../../src/fleet/model.ts";
import { lint, type LintOptions } from "../../src/lint/engine.ts";

/** Files by path. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** A folder of its own that goes with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "nixgen-test-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Writes files into a temporary folder. */
export function writeFiles(files: Files, folder = temporaryFolder()): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

/**
 * An inventory that lints clean: two hosts with two addresses each, and public resolvers.
 * @param more text that is put behind it.
 */
export function inventory(more = ""): string {
  return `
[fleet]
name = "test"

[user]
name = "pod"
uid = 850
gid = 850

[dns]
public = ["1.1.1.1", "8.8.8.8"]

[[nodes]]
name = "alpha"
os = "nixos"
nixos_release = "25.11"
role = "master"
addresses = { lan = "192.168.1.10", vpn = "100.64.0.10" }

[[nodes]]
name = "beta"
os = "nixos"
nixos_release = "25.11"
role = "worker"
addresses = { lan = "192.168.1.11", vpn = "100.64.0.11" }

${more}
`;
}

/** Loads the fleet of files that must have no problems. */
export async function loadFiles(files: Files): Promise<Fleet> {
  const { fleet, findings } = await load(files);
  if (fleet === undefined) throw new Error(findings.map(({ message }) => message).join("\n"));
  return fleet;
}

/** The files of the reference fleet, by path. */
export function referenceFleet(): Record<string, string> {
  const folder = "examples/metacircular";
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const files = paths.filter((path) => /\.(toml|json|lock)$/.test(path));
  return Object.fromEntries(files.map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

/** The problems that keep files from being loaded. */
export async function problemsOf(files: Files): Promise<readonly Finding[]> {
  return (await load(files)).findings;
}

/** The findings that count, of a fleet that loads. */
export async function lintFiles(files: Files, options?: LintOptions): Promise<Finding[]> {
  return unsuppressed(lint(await loadFiles(files), options));
}

export async function load(files: Files) {
  const folder = writeFiles(files);
  const result = await loadFleet(join(folder, "nixgen.toml"));
  return result.fleet === undefined
    ? { fleet: undefined, findings: result.findings }
    : { fleet: result.fleet, findings: [] };
}
