/** The files of a fleet as git has them at a revision. */
import { basename, dirname, posix } from "node:path";
import { InputError } from "../text/input-error.ts";
import type { FileTree } from "./file-tree.ts";
import { type Environment, gitIn } from "./git.ts";
import { textOf, tooLarge } from "./text-file.ts";

/**
 * Looks at a fleet as it is at a revision. A link counts as what it leads to, in the same commit.
 * @param inventory the absolute path that the inventory has now.
 * @param use is given its files.
 * @throws {InputError} where git does not have it.
 */
export async function atRevision<T>(
  inventory: string,
  revision: string,
  env: Environment,
  use: (tree: FileTree) => Promise<T>,
): Promise<T> {
  const git = gitIn(dirname(inventory), env);
  try {
    const prefix = await git.prefix();
    const tree = await git.tree(await git.commit(revision));
    const inRepository = (path: string): string => posix.join(prefix, path);
    const file = inRepository(basename(inventory));
    if (tree.file(file) === undefined) {
      throw new InputError(
        `there is no ${file} at ${revision}`,
        "Name a revision that has it, or compare with a folder: --against FOLDER.",
      );
    }
    return await use({
      async read(name, kind) {
        const path = inRepository(name);
        const object = tree.file(path);
        if (object === undefined || (kind === "own" && tree.isLink(path))) {
          return {
            reason: tree.isLink(path)
              ? `${path} is a link at ${revision}, which ${kind === "own" ? "a file that nixgen writes must not be" : "leads to nothing that git has there"}`
              : `there is no ${path} at ${revision}`,
            help: "Compare with a folder that has all of the fleet: --against FOLDER.",
          };
        }
        const content = await git.content(object);
        return content === undefined ? tooLarge(name) : textOf(content, name);
      },
      entries: (folder) => tree.entries(inRepository(folder)),
      isThere: (path) => tree.isThere(inRepository(path)),
      isFolder: (path) => tree.isFolder(inRepository(path)),
    });
  } finally {
    git.close();
  }
}
