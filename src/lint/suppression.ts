/**
 * What takes findings away: comments, [[lint.ignore]], and the baseline. A comment is for one place, an
 * entry of [[lint.ignore]] for files, and the baseline for what was there when nixgen came.
 */
import type { Location } from "../document/place.ts";
import type { Fleet } from "../fleet/model.ts";
import type { Comment } from "../document/source.ts";
import { matchesGlob } from "../text/glob.ts";
import type { Ignore, LintRun } from "./rule.ts";

/** What a comment must begin with to be meant for nixgen. A file without this has none. */
const MARK = "nixgen:";

/** Every ignore of a fleet's files. */
export function readIgnores(fleet: Fleet): Pick<LintRun, "ignores" | "malformed"> {
  const ignores: Ignore[] = fleet.inventory.lint.ignore.map(
    ({ rule, path, message, reason }, index) => ({
      kind: "config",
      rule,
      reason,
      at: { file: fleet.file, path: ["lint", "ignore", index, "rule"] },
      covers: (finding) =>
        matchesGlob(path, finding.location.file) && finding.message.includes(message ?? ""),
    }),
  );
  const malformed: Location[] = [];
  for (const source of fleet.sources.values()) {
    // nixgen writes the lock file anew, without comments. JSON has none.
    const { file } = source;
    if (file === fleet.lock.file || file.endsWith(".json") || !source.text.includes(MARK)) continue;
    const comments = source.comments();
    const taken = new Set(
      comments.filter(({ alone }) => alone).map(({ location }) => location.line),
    );
    // From the last one up: what a comment is about, the one above it is about too.
    const below = new Map<number, number>();
    for (const line of [...taken].sort((a, b) => b - a)) {
      below.set(line, below.get(line + 1) ?? line + 1);
    }
    for (const comment of comments) {
      if (!comment.text.trimStart().startsWith(MARK)) continue;
      const { line } = comment.location;
      const read = readComment(comment, comment.alone ? (below.get(line) ?? line) : line);
      if (read === undefined) malformed.push(comment.location);
      else for (const ignore of read) ignores.push(ignore);
    }
  }
  return { ignores, malformed };
}

/**
 * The rules that a comment ignores in a line; undefined where it is not of the form that it must have.
 * On a line of its own a comment is about the next one that is no such comment.
 */
function readComment(comment: Comment, line: number): Ignore[] | undefined {
  const form = /^\s*nixgen:\s*ignore\s*\[([^\]]*)\][\s:\u2013\u2014-]*([^]*)$/.exec(comment.text);
  const [, ids = "", reason = ""] = form ?? [];
  const rules = new Set(ids.split(",").map((id) => id.trim()));
  if (form === null || rules.has("")) return undefined;
  const { location: at } = comment;
  return [...rules].map((rule) => ({
    kind: "comment",
    rule,
    reason: reason.trim(),
    at,
    covers: ({ location }) => location.file === at.file && location.line === line,
  }));
}
