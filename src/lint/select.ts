import { InputError } from "../text/input-error.ts";
import { suggestion } from "../text/suggest.ts";
import { rules } from "./rules/index.ts";

/**
 * The ids that --rule or --no-rule names, several with commas between them.
 * @throws {InputError} for a rule that there is not, or that may not be switched off.
 */
export function ruleIds(option: "rule" | "no-rule", values: readonly string[]): string[] {
  const ids = values.flatMap((value) => value.split(",")).map((id) => id.trim());
  for (const id of ids) {
    const rule = rules.find((candidate) => candidate.id === id);
    if (rule === undefined) {
      throw new InputError(
        `--${option} names no rule: ${JSON.stringify(id)}`,
        suggestion(
          id,
          rules.map((each) => each.id),
        ),
      );
    }
    if (option === "no-rule" && rule.unsuppressible === true) {
      throw new InputError(
        `${id} cannot be switched off`,
        "A change that was made on purpose is accepted with nixgen lock accept.",
      );
    }
  }
  return ids;
}
