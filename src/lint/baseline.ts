/**
 * The baseline: findings that were there when a fleet got nixgen, and that are dealt with later. New
 * ones count. A finding is known again by its rule, its file and its message, so that lines may move.
 */
import { compareText } from "../text/order.ts";
import { type Finding, type Suppression, unsuppressed } from "../finding/finding.ts";
import { groupBy } from "../text/group.ts";
import type { Baseline } from "../fleet/model.ts";
import { rules } from "./rules/index.ts";

/** What a finding is known again by, as one text. */
function fingerprint({ rule, location: { file }, message }: Identity): string {
  return JSON.stringify([rule, file, message]);
}

type Identity = Pick<Finding, "rule" | "message"> & {
  readonly location: { readonly file: string };
};

/** The entries of a baseline, each for as many findings as it counts. */
export class AcceptedFindings {
  /** How many findings each entry, by its number, may still take; none where that is 0. */
  readonly left = new Map<number, number>();
  readonly #entries = new Map<string, number[]>();

  constructor(baseline: Baseline | undefined) {
    for (const [number, { rule, file, message, count }] of (baseline?.findings ?? []).entries()) {
      const key = fingerprint({ rule, location: { file }, message });
      // After a merge an entry may be there twice.
      this.#entries.set(key, [...(this.#entries.get(key) ?? []), number]);
      this.left.set(number, count);
    }
  }

  /** Takes a finding off the entry that it is in; undefined where it is in none. */
  take(finding: Finding): Suppression | undefined {
    if (this.left.size === 0) return undefined;
    const numbers = this.#entries.get(fingerprint(finding)) ?? [];
    const number = numbers.find((each) => this.left.has(each));
    if (number === undefined) return undefined;
    const left = (this.left.get(number) ?? 0) - 1;
    if (left > 0) this.left.set(number, left);
    else this.left.delete(number);
    return { kind: "baseline", reason: "it is in the baseline" };
  }
}

/**
 * The text of a baseline that accepts all findings that count, but those that nothing may silence and
 * those about suppressions. One line an entry, sorted, so that two branches merge line by line.
 */
export function baselineText(findings: readonly Finding[]): { text: string; accepted: number } {
  const excluded = new Set(
    rules.filter(({ unsuppressible, last }) => unsuppressible ?? last).map(({ id }) => id),
  );
  const accepted = unsuppressed(findings).filter(({ rule }) => !excluded.has(rule));
  const entries = [...groupBy(accepted, fingerprint).values()].flatMap(([finding, ...more]) => {
    if (finding === undefined) return [];
    const { rule, location, message } = finding;
    const entry = { rule, file: location.file, message };
    return [more.length === 0 ? entry : { ...entry, count: more.length + 1 }];
  });
  const lines = entries
    .sort(
      (a, b) =>
        compareText(a.file, b.file) ||
        compareText(a.rule, b.rule) ||
        compareText(a.message, b.message),
    )
    .map((entry) => `    ${oneLine(entry)}`);
  const list = lines.length === 0 ? "" : `\n${lines.join(",\n")}\n  `;
  return { text: `{\n  "version": 1,\n  "findings": [${list}]\n}\n`, accepted: accepted.length };
}

/** An object of JSON in one line, spaced as by hand. */
function oneLine(entry: Readonly<Record<string, string | number>>): string {
  const members = Object.entries(entry).map(([key, value]) => `"${key}": ${JSON.stringify(value)}`);
  return `{ ${members.join(", ")} }`;
}
