import type { Rule } from "../rule.ts";

/**
 * A comment, or an entry of [[lint.ignore]], suppresses nothing.
 *
 * What it was written for has been corrected or has moved. Left there, it would one day hide a new
 * finding that nobody has looked at.
 *
 * Ignore it by switching it off in [lint.rules] while several branches are being merged.
 *
 * @bad
 * ```toml nixgen.toml
 * [dns]
 * # nixgen: ignore[dns-single-resolver] the router forwards it to two
 * public = ["1.1.1.1", "8.8.8.8"]
 * ```
 * @good
 * ```toml nixgen.toml
 * [dns]
 * # nixgen: ignore[dns-single-resolver] the router forwards it to two
 * public = ["1.1.1.1"]
 * ```
 */
export const rule: Rule = {
  id: "unused-ignore",
  group: "inventory",
  severity: "warning",
  last: true,
  summary: "a comment, or an entry of [[lint.ignore]], suppresses nothing",
  needsAll: true,
  *check(_, { ignores, malformed, known, chosen, used }) {
    for (const at of malformed) {
      yield {
        message: "this comment is meant for nixgen, but not of the form that suppresses something",
        help: "Write # nixgen: ignore[RULE] REASON, with commas between several rules.",
        at,
      };
    }
    for (const ignore of ignores) {
      const rule = known.get(ignore.rule);
      // What has no reason or may not be ignored has findings of its own; of a rule that did not run
      // nothing can be said.
      if (rule === undefined || rule.unsuppressible === true || ignore.reason === "") continue;
      if (used.has(ignore) || !chosen.has(rule.id)) continue;
      yield {
        message:
          ignore.kind === "comment"
            ? `this comment ignores nothing: ${rule.id} finds nothing in the line that it is about`
            : `this ignores nothing: ${rule.id} finds nothing there`,
        help:
          rule.last === true
            ? `Remove it. ${rule.id} is about ignores and cannot be ignored, but set to off in [lint.rules].`
            : "Remove it, or move it to the line of the finding or the one above.",
        at: ignore.at,
      };
    }
  },
};
