/** A comparison for people at a terminal. */
import { styleText } from "node:util";
import { printable } from "../text/printable.ts";
import type { HostComparison } from "./compare.ts";
import { hostLines, type Marks, type Weight } from "./lines.ts";
import { summaryText } from "./summary.ts";

const STYLES: Readonly<Record<Weight, Parameters<typeof styleText>[0]>> = {
  danger: ["bold", "red"],
  restart: ["bold", "yellow"],
  gone: "red",
  new: "green",
  note: "bold",
};

/** Values that are hard to see where they stand among words are quoted. */
const MARKS: Marks = {
  value: (text) => printable(/^[^\s"',;:]\S*$/.test(text) ? text : JSON.stringify(text)),
  command: printable,
  arrow: "->",
};

/** The summary, and a block for each host. */
export function prettyComparison(hosts: readonly HostComparison[], colour: boolean): string {
  const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
    colour ? styleText(style, text, { validateStream: false }) : text;
  const blocks = hosts.map((host) =>
    [
      paint("bold", printable(host.host)),
      ...hostLines(host, MARKS).map(
        ({ weight, label, text }) => `  ${paint(STYLES[weight], label)} ${text}`,
      ),
    ].join("\n"),
  );
  return `${[summaryText(hosts), ...blocks].join("\n\n")}\n`;
}
