import type { Rule } from "../rule.ts";

/**
 * Something is to silence a rule that must not be silenced.
 *
 * The rules about what an identity was and has become are errors, for ever: after the change from 995
 * to 850 every container of rift was gone (incident, root cause 2), and a comment would have been
 * written as easily as the new number. The findings stay, whatever else the comment, [[lint.ignore]],
 * [lint.rules] or the baseline says.
 *
 * Never ignore it. A change that was made on purpose, with podman's data moved to it, is accepted with
 * `nixgen lock accept`, which records it.
 *
 * @bad
 * ```toml nixgen.toml
 * [user]
 * name = "pod"
 * gid = 850
 * uid = 850 # nixgen: ignore[uid-changed] we know what we do
 * ```
 * @good
 * ```toml nixgen.toml
 * [user]
 * name = "pod"
 * gid = 850
 * uid = 850
 * ```
 */
export const rule: Rule = {
  id: "ignore-not-allowed",
  group: "inventory",
  severity: "error",
  last: true,
  summary: "something is to silence a rule that must not be silenced",
  *check({ inventory, file, baseline }, { ignores, known }) {
    const help =
      "Remove it. Where podman's data was moved to the new id on purpose, run nixgen lock accept.";
    const isSuppressed = (id: string): boolean => known.get(id)?.unsuppressible === true;
    for (const { rule: id, at } of ignores) {
      if (isSuppressed(id)) yield { message: `${id} cannot be ignored`, help, at };
    }
    for (const [id, severity] of Object.entries(inventory.lint.rules)) {
      if (!isSuppressed(id) || severity === "error") continue;
      const at = { file, path: ["lint", "rules", id] };
      yield { message: `${id} is always an error, and not ${severity}`, help, at };
    }
    for (const [index, { rule: id }] of (baseline?.baseline.findings ?? []).entries()) {
      if (baseline === undefined || !isSuppressed(id)) continue;
      const at = { file: baseline.file, path: ["findings", index] };
      yield { message: `${id} cannot be accepted by a baseline`, help, at };
    }
  },
};
