/** What is printed is nothing that GitHub's runner would take for a command to itself. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { withoutWorkflowCommands } from "../../src/text/workflow-commands.ts";
import { holds } from "../support/fuzz.ts";
import { workflowCommands } from "../support/workflow-commands.ts";

/** Texts that are nearly commands. */
const nearly = fc
  .array(fc.constantFrom(":", "::", "#", "##", "##[", "[", "error", " ", "\t", "\n", "\r", "\u00a0", "\u200b", "\u034f", "\u0001", "\u2028", "\u00e9", "\\", "x"), { maxLength: 12 })
  .map((parts) => parts.join("")); // prettier-ignore

describe("what is printed", () => {
  it("has no command in it, in however many pieces it comes", async () => {
    await holds(
      fc.property(fc.array(nearly, { maxLength: 6 }), (pieces) => {
        const filter = withoutWorkflowCommands();
        expect(workflowCommands(pieces.map(filter).join(""))).toEqual([]);
      }),
      20_000,
    );
  });

  it("is as it was where it has none, and shows by its number what makes one", () => {
    const filter = withoutWorkflowCommands();
    for (const text of ["a::b\n", "[::1]:53\n", "# [x]\n", "## x [y]\n", ":\n:\n", "\u00e9::\n", "x: ::1\n"]) {
      expect(filter(text)).toBe(text);
    }
    expect(filter(" ::error file=x::y\n")).toBe(" :\\u{3a}error file=x::y\n");
    expect(filter("a ##[error]x\n")).toBe("a ##\\u{5b}error]x\n");
  }); // prettier-ignore
});
