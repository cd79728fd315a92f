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
      const isWhole = before === undefined || after === undefined;
      const patch = createTwoFilesPatch(
        before === undefined ? "/dev/null" : `a/${name}`,
        after === undefined ? "/dev/null" : `b/${name}`,
        isWhole ? "" : before,
        isWhole ? "" : after,
        undefined,
        undefined,
        { context: 3 },
      );
      // The library puts a line of = above; nothing reads it.
      const shown = patch.replace(/^=+\n/, "");
      return isWhole ? shown + wholeFile(before, after) : shown;
    })
    .join("");
}

/** All lines of a file that is new or gone. There is nothing to compare, and a build may have much of it. */
function wholeFile(before: string | undefined, after: string | undefined): string {
  const [text, sign] = before === undefined ? [after, "+"] : [before, "-"];
  if (text === undefined || text === "") return "";
  const isEnded = text.endsWith("\n");
  const body = sign + (isEnded ? text.slice(0, -1) : text).replaceAll("\n", `\n${sign}`);
  const count = body.split("\n").length;
  const range = sign === "+" ? `-0,0 +1,${count}` : `-1,${count} +0,0`;
  return `@@ ${range} @@\n${body}\n${isEnded ? "" : "\\ No newline at end of file\n"}`;
}
