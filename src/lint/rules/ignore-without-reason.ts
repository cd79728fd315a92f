import type { Rule } from "../rule.ts";

/**
 * A comment ignores a rule and does not say why.
 *
 * Whoever meets it a year later, at night and with the fleet down, cannot tell a decision from an
 * accident. So it suppresses nothing until it has a reason.
 *
 * Never ignore it: write the reason behind the bracket.
 *
 * @bad
 * ```toml nixgen.toml
 * [dns]
 * public = ["1.1.1.1", "8.8.8.8"] # nixgen: ignore[dns-single-resolver]
 * ```
 * @good
 * ```toml nixgen.toml
 * [dns]
 * public = ["1.1.1.1"] # nixgen: ignore[dns-single-resolver] the router forwards it to two
 * ```
 */
export const rule: Rule = {
  id: "ignore-without-reason",
  group: "inventory",
  severity: "error",
  last: true,
  summary: "a comment ignores a rule and does not say why",
  *check(_, { ignores }) {
    for (const { reason, at } of ignores) {
      if (reason !== "") continue;
      yield {
        message: "this comment does not say why, so it suppresses nothing",
        help: "Write the reason behind it: # nixgen: ignore[RULE] REASON.",
        at,
      };
    }
  },
};
