/** Newer programs than this machine's, see debian-tree.sh. */
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { lacks, REQUIRED } from "./tools.ts";

/** What a tree is made of: Debian's names. */
export interface DebianTree {
  readonly suite: string;
  /** A root that can be booted, or the packages unpacked and nothing more. */
  readonly variant: "essential" | "extract";
  readonly packages: readonly string[];
}

/**
 * The folder of a tree, made now if there is none yet. That takes a minute: not for spawnSync, for a
 * worker that does not answer so long is an error of vitest.
 * @returns undefined where it cannot be made.
 * @throws where it cannot be made and must be.
 */
export async function debianTree(tree: DebianTree): Promise<string | undefined> {
  const { suite, variant, packages } = tree;
  if (lacks("mmdebstrap") || lacks("setpriv")) return undefined;
  const program = resolve("test/support/debian-tree.sh");
  try {
    const { stdout } = await promisify(execFile)(program, [suite, variant, ...packages]);
    return stdout.trim();
  } catch (error) {
    if (REQUIRED) throw error;
    return undefined;
  }
}
