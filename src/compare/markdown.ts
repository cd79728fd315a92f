/** A comparison as a comment of a pull request. */
import { heading, inlineCode } from "../text/markdown.ts";
import type { HostComparison } from "./compare.ts";
import { hostLines, type Marks } from "./lines.ts";
import { summaryText } from "./summary.ts";

/** GitHub takes 65,536 characters; the rest is for what somebody puts around. */
const LONGEST = 60_000;

const MARKS: Marks = { value: inlineCode, command: inlineCode, arrow: "→" };

/**
 * The summary, and a list for each host; what is too much for a comment is left out, which is said.
 * @param against what was compared with.
 */
export function markdownComparison(hosts: readonly HostComparison[], against: string): string {
  const lists = hosts.flatMap((host) => {
    const items = hostLines(host, MARKS).map(({ label, text }) => `- **${label}** ${text}\n`);
    return [
      `${heading(3, inlineCode(host.host))}\n\n`,
      ...items.slice(0, -1),
      `${items.at(-1) ?? ""}\n`,
    ];
  });
  const end = `Compared with ${inlineCode(against)} by nixgen.\n`;
  return fitting([`**${summaryText(hosts)}**\n\n`, ...lists, end]).join("");
}

/** As many of the pieces as there is room for, from the first. */
function fitting(pieces: readonly string[]): string[] {
  let left = LONGEST;
  const cut = pieces.findIndex((piece) => (left -= piece.length) < 0);
  if (cut === -1) return [...pieces];
  return [
    ...pieces.slice(0, cut),
    `\n… and ${pieces.length - cut} more lines, for which a comment has no room: ${inlineCode("nixgen diff")} has them.\n`,
  ];
}
