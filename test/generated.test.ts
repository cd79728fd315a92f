/** What is made from another file is as `npm run generate` makes it now. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { generatedFiles } from "../scripts/generate.ts";

const files = await generatedFiles();

describe("generated files", () => {
  it.each([...files.keys()])("%s is not stale", (path) => {
    expect(readFileSync(path, "utf8") === files.get(path), `run npm run generate`).toBe(true);
  });
});
