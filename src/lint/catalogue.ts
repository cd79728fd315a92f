/** Everything that a finding can be reported under: the rules, and what keeps a file from being read. */
import { compareText } from "../text/order.ts";
import { homepage, version } from "../../package.json";
import { type Severity } from "../finding/finding.ts";
import { PROBLEMS } from "../finding/problem.ts";
import { type Group, GROUPS, type Rule } from "./rule.ts";

/** The group of what keeps a file from being read. */
export const LOADING = "loading";

/** What is known of a rule, or of a problem of loading, without its explanation. */
export interface Entry {
  readonly id: string;
  readonly group: Group | typeof LOADING;
  readonly severity: Severity;
  readonly summary: string;
  /** Whether `nixgen lint --fix` can put right some of what it finds. */
  readonly fixable: boolean;
  /** Whether findings may be ignored, or made less than they are. */
  readonly suppressible: boolean;
  readonly audit?: Rule["audit"];
  /** Its part of docs/rules.md. */
  readonly url: string;
}

/** Rules and the problems of loading, in the order of the groups and then of the ids. */
export function catalogue(rules: readonly Rule[]): Entry[] {
  const ofRules = rules.map((rule): Entry => {
    const { id, group, severity, summary, fixable = false, unsuppressible = false, audit } = rule;
    return {
      id,
      group,
      severity,
      summary,
      fixable,
      suppressible: !unsuppressible,
      ...(audit !== undefined && { audit }),
      url: documentation(id),
    };
  });
  const ofLoading = Object.entries(PROBLEMS).map(([id, summary]): Entry => ({
    id,
    group: LOADING,
    severity: "error",
    summary,
    fixable: false,
    suppressible: false,
    url: documentation(id),
  }));
  const order: readonly string[] = [...GROUPS, LOADING];
  return [...ofRules, ...ofLoading].sort(
    (a, b) => order.indexOf(a.group) - order.indexOf(b.group) || compareText(a.id, b.id),
  );
}

/** Where a rule is explained, for this version. */
function documentation(id: string): string {
  return `${homepage}/blob/v${version}/docs/rules.md#${id}`;
}
