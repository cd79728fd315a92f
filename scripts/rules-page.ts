/** Writes docs/rules.md: every rule with what its doc comment says. */
import { catalogue, type Entry, LOADING } from "../src/lint/catalogue.ts";
import { type Group, GROUPS, type Rule } from "../src/lint/rule.ts";
import { ruleMarkdown } from "../src/lint/rule-markdown.ts";
import type { RuleDoc } from "./rule-docs.ts";

const TITLES: Readonly<Record<Group | typeof LOADING, string>> = {
  identity: "Users and groups",
  dns: "DNS",
  addresses: "Addresses and ports",
  boot: "Boot order",
  containers: "Containers",
  inventory: "Inventory",
  loading: "Reading the files",
};

/**
 * The groups that have rules, with their titles.
 * @param rules as they are in their files; the generated list of them may be older.
 */
export function rulesByGroup(rules: readonly Rule[]): { title: string; entries: Entry[] }[] {
  const entries = catalogue(rules);
  return ([...GROUPS, LOADING] as const)
    .map((group) => ({
      title: TITLES[group],
      entries: entries.filter((entry) => entry.group === group),
    }))
    .filter((group) => group.entries.length > 0);
}

/** The page. The heading of a rule is its id, so that its anchor is as well. */
export function rulesPage(
  rules: readonly Rule[],
  docs: readonly RuleDoc[],
  notice: string,
): string {
  const groups = rulesByGroup(rules);
  const contents = groups.map(
    ({ title, entries }) => `- ${title}: ${entries.map(({ id }) => `[${id}](#${id})`).join(", ")}`,
  );
  const sections = groups.flatMap(({ title, entries }) => [
    `## ${title}`,
    ...entries.map((entry) => section(entry, docs)),
  ]);
  return [
    `<!-- ${notice} -->`,
    "# Rules",
    "What `nixgen lint` finds, why that hurts, and when it may be ignored. `nixgen explain RULE` shows the same in a terminal. Examples have only what matters; the rest of the fleet is taken to be right.",
    contents.join("\n"),
    ...sections,
    "",
  ].join("\n\n");
}

function section(entry: Entry, docs: readonly RuleDoc[]): string {
  const { id } = entry;
  const doc = docs.find((candidate) => candidate.id === id);
  if (doc === undefined) throw new Error(`there is no explanation of ${id}`);
  return [`### ${id}`, `_${traits(entry).join(" · ")}_`, ruleMarkdown(doc)].join("\n\n");
}

function traits({ severity, audit, fixable, suppressible }: Entry): string[] {
  return [
    severity,
    ...(audit === undefined
      ? []
      : [`${audit === "also" ? "also run" : "run"} by \`nixgen audit\``]),
    ...(fixable ? ["`nixgen lint --fix` puts it right"] : []),
    ...(suppressible ? [] : ["cannot be suppressed"]),
  ];
}
