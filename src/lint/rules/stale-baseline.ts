import type { Annotated } from "../../finding/finding.ts";
import type { Rule } from "../rule.ts";

/**
 * The baseline has findings that are not there any more.
 *
 * They were corrected, which is what a baseline is for. Left there, they would accept the same
 * mistakes when they come back.
 *
 * Ignore it by switching it off in [lint.rules] while many people work the baseline down at once.
 *
 * @bad
 * ```json nixgen.baseline.json
 * {
 *   "version": 1,
 *   "findings": [
 *     { "rule": "dns-single-resolver", "file": "nixgen.toml", "message": "there is only one" }
 *   ]
 * }
 * ```
 * @good
 * ```json nixgen.baseline.json
 * { "version": 1, "findings": [] }
 * ```
 */
export const rule: Rule = {
  id: "stale-baseline",
  group: "inventory",
  severity: "warning",
  last: true,
  summary: "the baseline has findings that are not there any more",
  needsAll: true,
  *check({ baseline }, { stale, known, chosen }) {
    if (baseline === undefined) return;
    const places = baseline.baseline.findings.flatMap(
      ({ rule, file, count }, index): Annotated[] => {
        const left = stale.get(index);
        if (left === undefined || known.get(rule)?.unsuppressible === true) return [];
        // Of a rule that did not run nothing can be said; one that is gone finds nothing for ever.
        if (known.has(rule) && !chosen.has(rule)) return [];
        const times = count === 1 ? "" : `${left} of ${count} times `;
        return [
          {
            file: baseline.file,
            path: ["findings", index],
            message: `${times}not found in ${file}`,
          },
        ];
      },
    );
    const [first, ...others] = places;
    if (first === undefined) return;
    yield {
      message:
        others.length === 0
          ? `an entry of ${baseline.file} is not found any more`
          : `${places.length} entries of ${baseline.file} are not found any more`,
      help: "Remove what is no longer found, so that it counts if it comes back. nixgen lint --write-baseline does that, and accepts all that is new as well.",
      at: first,
      related: others,
    };
  },
};
