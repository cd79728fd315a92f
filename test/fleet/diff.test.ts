import { createTwoFilesPatch } from "diff";
import fc from "fast-check";
import { expect, it } from "vitest";
import { unifiedDiff } from "../../src/text/diff.ts";

const text = fc
  .array(fc.constantFrom("a", "-", "+", " ", "\n", "\r", "\\", "@@", "\u2028", "é"))
  .map((parts) => parts.join(""));

/** What the library makes of it, which goes through all lines. */
function byLibrary(from: string, to: string, before: string, after: string): string {
  const options = { context: 3 };
  const patch = createTwoFilesPatch(from, to, before, after, undefined, undefined, options);
  return patch.slice(patch.indexOf("---"));
}

it("shows a new file as the library does", () => {
  fc.assert(
    fc.property(text, (after) => {
      const diff = unifiedDiff([{ path: "x", before: undefined, after }], "out");
      expect(diff).toBe(byLibrary("/dev/null", "b/out/x", "", after));
    }),
  );
});

it("shows a file that is gone as the library does", () => {
  fc.assert(
    fc.property(text, (before) => {
      const diff = unifiedDiff([{ path: "x", before, after: undefined }], "");
      expect(diff).toBe(byLibrary("a/x", "/dev/null", before, ""));
    }),
  );
});
