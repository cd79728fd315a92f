/**
 * Lines that GitHub's runner would take for commands to itself: it looks through all that a step prints. By
 * its source (actions/runner, ActionCommand.cs) "::" begins one behind any white space, and "##[" wherever it
 * stands in a line; and .NET compares texts as if what cannot be seen were not there.
 */

import { numbered } from "./printable.ts";

/** Makes a filter for texts that are printed one after the other: in what comes out of it nothing is a command. */
export function withoutWorkflowCommands(): (text: string) => string {
  /** What of the line so far could be the first half of a command. */
  let begun = "";
  return (text) => {
    const whole = begun + text;
    const before = begun.length;
    begun = beginningOf(
      whole.slice(Math.max(whole.lastIndexOf("\n"), whole.lastIndexOf("\r")) + 1),
    );
    if (!MAY_HAVE.test(whole)) return text;
    // Its last character is shown by its number, as `printable` does, and is never in what came before.
    return whole.replaceAll(commands(), numbered).slice(before);
  };
}

/** A quick look without tables of Unicode, which V8 takes 1 ms to make. */
const MAY_HAVE = /^[^!-~\n]*:[^!-~\n]*:|#[^!-~\n]*#[^!-~\n]*\[/m;

/** The last character of what begins a command, in a text of lines. */
const commands = (): RegExp => {
  const unseen = String.raw`(?:(?![\n\r])[\p{C}\p{M}\p{Default_Ignorable_Code_Point}])*`;
  const blank = String.raw`(?:(?![\n\r])[\p{C}\p{M}\p{Z}\p{Default_Ignorable_Code_Point}])*`;
  return new RegExp(`(?<=(?:^|[\\n\\r])${blank}:${unseen}):|(?<=#${unseen}#${unseen})\\[`, "gu");
};

/** What to remember of a line that has not ended: never more than three characters. */
function beginningOf(line: string): string {
  const visible = line.replaceAll(/[^!-~]+/g, "");
  if (visible === "" || visible === ":") return visible;
  return `x${/#{0,2}$/.exec(visible)?.[0] ?? ""}`;
}
