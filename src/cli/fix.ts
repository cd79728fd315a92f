/** `nixgen lint --fix` and `--fix --dry-run`. */
import { isAbsolute } from "node:path";
import type { Finding } from "../finding/finding.ts";
import { isEditable, saveChanges, textChanges } from "../fleet/save.ts";
import { fixAll, type Look } from "../lint/fix.ts";
import { printable } from "../text/printable.ts";
import type { Io } from "./io.ts";
import { count, display, writeDiff } from "./output.ts";

/**
 * Fixes the files of a fleet, or prints what would change. What was fixed is said on stderr, for
 * stdout is the report's.
 * @param root the fleet's folder.
 * @param first what is found now.
 * @param look what would be found if files had other texts.
 * @returns what is left.
 * @throws {InputError} where a file cannot be written; then none was.
 */
export async function fix<T extends Look>(
  io: Io,
  root: string,
  first: T,
  look: (texts: ReadonlyMap<string, string>) => Promise<T>,
  dryRun: boolean,
): Promise<T> {
  const { fixed, refused, texts, left } = await fixAll(first, look, (file) =>
    isEditable(root, file),
  );
  const changes = textChanges(root, first.sources, texts);
  // Nothing applies a diff to files that are not below where it runs: git leaves them out and says nothing.
  const folder = display(io.cwd, root);
  const say = (what: string, { location: { file, line }, fix }: Finding): void => {
    io.stderr.write(`${what} ${printable(`${file}:${line}: ${fix?.title ?? ""}`)}\n`);
  };
  if (dryRun) {
    const { unifiedDiff } = await import("../text/diff.ts");
    await writeDiff(io, unifiedDiff(changes, isAbsolute(folder) ? "" : folder));
  } else {
    saveChanges(root, changes);
  }
  for (const finding of fixed) say(dryRun ? "would fix" : "fixed", finding);
  for (const finding of refused) say("to be fixed by hand:", finding);
  if (dryRun) {
    const there = isAbsolute(folder) ? `: apply the diff in ${printable(folder)}` : "";
    io.stderr.write(`${count(changes.length, "file")} would change${there}\n`);
  }
  return left;
}
