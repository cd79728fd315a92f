/** What a doc comment says, as Markdown: for docs/rules.md, and for the viewers of SARIF. */
import type { RuleDoc } from "../generated/rule-docs.js";

/** The explanation and the examples. */
export function ruleMarkdown({ text, bad, good }: RuleDoc): string {
  return [escapeHtml(text), ...example("Wrong", bad), ...example("Right", good)].join("\n\n");
}

function example(title: string, files: RuleDoc["bad"]): string[] {
  return Object.entries(files).map(
    ([name, text]) =>
      `${title}: \`${name}\`\n\n\`\`\`${name.endsWith(".json") ? "json" : "toml"}\n${text}\`\`\``,
  );
}

/** Markdown in which <uid> is no HTML; code stays as it is. */
function escapeHtml(markdown: string): string {
  return markdown
    .split(/(`[^`]*`)/)
    .map((part, index) => (index % 2 === 0 ? part.replaceAll("<", "\\<") : part))
    .join("");
}
