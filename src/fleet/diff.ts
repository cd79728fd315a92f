/** Changes of files, shown. */
import { createTwoFilesPatch } from "diff";

/** A file that is to change. */
export interface Change {
  readonly path: string;
  /** What is there; undefined where nothing is. */
  readonly before: string | undefined;
  /** What would be there; undefined where it would be removed. */
  readonly after: string | undefined;
}

/**
 * Changes as a unified diff that `git apply` takes.
 * @param prefix the folder that the paths are below, "" for none.
 */
export function unifiedDiff(changes: readonly Change[], prefix: string): string {
  return changes
    .map(({ path, before, after }) => {
      // Of an absolute path as git has it: a/srv/fleet.
      const name = prefix === "" ? path : `${prefix.replace(/^\//, "")}/${path}`;
      const patch = createTwoFilesPatch(
        before === undefined ? "/dev/null" : `a/${name}`,
        after === undefined ? "/dev/null" : `b/${name}`,
        before ?? "",
        after ?? "",
        undefined,
        undefined,
        { context: 3 },
      );
      // The library puts a line of = above; nothing reads it.
      return patch.replace(/^=+\n/, "");
    })
    .join("");
}
