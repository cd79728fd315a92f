import { expect, it } from "vitest";
import { named } from "../../src/lint/queries/named.ts";

it.each([
  ["none", []],
  ["rift", ["rift"]],
  ["orion and rift", ["rift", "orion"]],
  ["a, b and c", ["c", "a", "b"]],
  ["a, b, c, d, e, f, g, h and i", [..."abcdefghi"]],
  ["a, b, c, d, e, f, g, h and 2 more", [..."jihgfedcba"]],
])("says %s", (said, names) => {
  expect(named(names)).toBe(said);
});
