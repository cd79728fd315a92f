/** Where a build writes: a folder of its own, for it is replaced as a whole. */
import { join, relative, resolve, sep } from "node:path";
import { boundaryOf, followLink, isThere, linkBetween } from "../files/boundary.ts";
import type { Fleet } from "../fleet/model.ts";
import { InputError } from "../text/input-error.ts";
import { isGlob } from "../text/glob.ts";
import { isWithin } from "../text/path.ts";

/**
 * The folder that a build of a fleet writes.
 * @param root the fleet's folder.
 * @param named what --out names, which may lead anywhere: it is the operator's. What the inventory names
 *   is inside of the repository, and nothing on the way there is a link.
 * @returns its absolute path, which is the real one where it is there.
 * @throws {InputError} where it is no folder of nixgen's own.
 */
export function outputFolder(
  fleet: Fleet,
  root: string,
  cwd: string,
  named: string | undefined,
): string {
  const realRoot = followLink(root);
  const out =
    named === undefined
      ? resolve(realRoot, fleet.inventory.fleet.out)
      : followLink(resolve(cwd, named));
  if (named === undefined) requireInside(boundaryOf(root), out);
  const inIt = whatIsIn(fleet, realRoot, out);
  if (inIt === undefined) return out;
  throw new InputError(
    `${out} cannot be the output folder: ${inIt}`,
    "Name a folder of its own with --out, or in fleet.out.",
  );
}

/** @throws {InputError} where a path leaves a folder, by its steps or by a link. */
function requireInside(boundary: string, out: string): void {
  if (!isWithin(boundary, out)) {
    throw new InputError(
      `fleet.out leads to ${out}, which is not below ${boundary}`,
      "Name a folder of the repository in fleet.out, or any other one with --out.",
    );
  }
  const link = linkBetween(boundary, out);
  if (link === undefined) return;
  throw new InputError(
    `${link} is a link, and fleet.out leads through it`,
    "Put a folder in its place, or name where it leads to with --out.",
  );
}

/** What of a fleet, or of git, is in a folder that is to be the output folder; undefined where nothing is. */
function whatIsIn(fleet: Fleet, root: string, out: string): string | undefined {
  if (isWithin(out, root)) return "the fleet itself is in it";
  if (out.split(sep).includes(".git") || isThere(join(out, ".git")))
    return "git's own files are in it";
  const has = (path: string): boolean => isWithin(out, resolve(root, path));
  const { facts, services } = fleet.inventory.fleet;
  if (has(facts)) return "fleet.facts is in it";
  const pattern = services.find((each) => !each.startsWith("!") && has(plainPart(each)));
  if (pattern !== undefined) return `fleet.services looks for ${JSON.stringify(pattern)} in it`;
  const file = [...fleet.sources.keys()].find(has);
  return file === undefined
    ? undefined
    : `${relative(out, resolve(root, file))} is in it, which is an input`;
}

/** The folder that a pattern looks in, whatever it matches. */
function plainPart(pattern: string): string {
  const steps = pattern.split("/");
  const first = steps.findIndex(isGlob);
  return steps.slice(0, first === -1 ? undefined : first).join("/");
}
