/** Debians with the programs of the drills, see debian-tree.sh; and the one that the drills run on. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { SANDBOX } from "./sandbox.ts";
import { lacks, REQUIRED } from "./tools.ts";

const run = promisify(execFile);

/** The trees that a drill can run on; the last one is the default. */
export const DRILL_TREES = ["trixie", "sid", "newest"] as const;
/** bookworm has the podman 4.3 that old hosts come from; what is emitted is not for it. */
export type TreeName = "bookworm" | (typeof DRILL_TREES)[number];

export interface DebianTree {
  readonly name: TreeName;
  /** Its root. */
  readonly folder: string;
  /** The versions of its packages, as upstream counts them: of podman "5.4.2". */
  readonly versions: ReadonlyMap<string, string>;
}

/** The packages that decide how a drill ends. */
const TOLD = ["podman", "netavark", "aardvark-dns", "passt", "crun", "systemd", "uidmap"] as const;

/**
 * A tree, made now if there is none yet. That takes half a minute: not for spawnSync, for a worker that does
 * not answer so long is an error of vitest.
 * @returns undefined if it cannot be made.
 * @throws if it cannot be made and must be.
 */
export async function debianTree(name: TreeName): Promise<DebianTree | undefined> {
  if (["mmdebstrap", "setpriv"].some(lacks)) return undefined;
  try {
    const { stdout } = await run(resolve("test/support/debian-tree.sh"), [name]);
    const folder = stdout.trim();
    await run(SANDBOX, ["--try", folder]);
    return { name, folder, versions: versionsIn(folder) };
  } catch (error) {
    if (REQUIRED) throw error;
    console.log(`no drill on ${name}: ${String(error)}`);
    return undefined;
  }
}

/**
 * The tree of this run's drills, whose versions are printed: the one that NIXGEN_DRILL_TREE names, or the
 * newest. A drill asserts what programs do and no version: sid moves.
 */
export async function drillTree(): Promise<DebianTree | undefined> {
  const wanted = process.env["NIXGEN_DRILL_TREE"] ?? DRILL_TREES.at(-1);
  const name = DRILL_TREES.find((name) => name === wanted);
  if (name === undefined) {
    throw new Error(`NIXGEN_DRILL_TREE is ${String(wanted)}; it can be ${DRILL_TREES.join(", ")}`);
  }
  const tree = await debianTree(name);
  if (tree !== undefined) console.log(`drills on ${describeTree(tree)}`);
  return tree;
}

/** A tree with the versions that matter: "sid: podman 5.8.6, …". */
export function describeTree({ name, versions }: DebianTree): string {
  return `${name}: ${TOLD.map((each) => `${each} ${versions.get(each) ?? "none"}`).join(", ")}`;
}

function versionsIn(folder: string): ReadonlyMap<string, string> {
  const status = readFileSync(join(folder, "var/lib/dpkg/status"), "utf8");
  const field = (entry: string, name: string): string =>
    new RegExp(`^${name}: (.*)$`, "m").exec(entry)?.[1] ?? "";
  return new Map(
    status.split("\n\n").map((entry) => {
      // EPOCH:UPSTREAM-DEBIAN, and what Debian adds to upstream's version.
      const version = field(entry, "Version").replace(/^\d+:/, "");
      return [field(entry, "Package"), version.replace(/-[^-]*$/, "").replace(/[+]ds\d*$/, "")];
    }),
  );
}
