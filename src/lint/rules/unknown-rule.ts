import type { Location, Where } from "../../document/place.ts";
import type { Fleet } from "../../fleet/model.ts";
import { suggestion, vocabulary } from "../../text/suggest.ts";
import type { LintRun, Rule } from "../rule.ts";

/**
 * An ignore or [lint.rules] names a rule that there is not.
 *
 * It does nothing: the finding that it is about stays, and a severity that was to be raised to error
 * is not. Most often the name is misspelt.
 *
 * Never ignore it: correct the name, or remove it.
 *
 * @bad
 * ```toml nixgen.toml
 * [lint.rules]
 * image-unpined = "error"
 * ```
 * @good
 * ```toml nixgen.toml
 * [lint.rules]
 * image-unpinned = "error"
 * ```
 */
export const rule: Rule = {
  id: "unknown-rule",
  group: "inventory",
  severity: "error",
  last: true,
  summary: "an ignore or [lint.rules] names a rule that there is not",
  *check(fleet, run) {
    const known = vocabulary([...run.known.keys()]);
    for (const { id, at } of namedRules(fleet, run)) {
      if (run.known.has(id)) continue;
      yield {
        message: `there is no rule ${JSON.stringify(id)}`,
        help: suggestion(id, known),
        at,
      };
    }
  },
};

function* namedRules(
  { inventory, file }: Fleet,
  { ignores }: LintRun,
): Generator<{ id: string; at: Where | Location }> {
  for (const id of Object.keys(inventory.lint.rules)) {
    yield { id, at: { file, path: ["lint", "rules", id], part: "key" } };
  }
  for (const { rule, at } of ignores) yield { id: rule, at };
}
