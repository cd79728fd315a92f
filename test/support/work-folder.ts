/** Work folders as a killed build leaves them. */
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Makes a work folder beside `out`, with the mark by which nixgen knows it.
 * @returns its path.
 */
export function leaveWorkFolder(root: string, pid: number): string {
  const path = join(root, `.out.nixgen-${pid}`);
  mkdirSync(path);
  const { dev, ino } = statSync(path, { bigint: true });
  writeFileSync(join(path, `nixgen-${dev}-${ino}`), "");
  return path;
}
