/** Links that lead out of a fleet: a branch that is linted elsewhere may have one to anything there. */
import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Finding, startOf } from "../fleet/finding.ts";
import { isWithin } from "../text/path.ts";
import { problem } from "../fleet/problem.ts";

/**
 * What is said of a file that is not what it should be and that a link led to, out of the fleet's folder
 * and the repository around it: nothing of its text, which may be anybody's secret.
 * @returns undefined where no link leads there.
 */
export function problemOutside(root: string, file: string): Finding | undefined {
  const path = join(root, file);
  // What lies elsewhere without a link was named by who called.
  if (!isWithin(root, path)) return undefined;
  const target = realpathSync(path);
  if (isWithin(realpathSync(repositoryOf(root) ?? root), target)) return undefined;
  return problem(
    "unreadable",
    startOf(file),
    `${file} leads out of the fleet's folder, to a file that is not what it should be`,
    `It is ${target}, of which nothing is shown here. Look at it there, or put the file itself in the place of the link.`,
  );
}

/** The folder of the git repository that a folder is in. */
function repositoryOf(folder: string): string | undefined {
  if (existsSync(join(folder, ".git"))) return folder;
  const above = dirname(folder);
  return above === folder ? undefined : repositoryOf(above);
}
