/** Fixes: which of them are made, in what order, and that each cures what it is for. */
import type { Edit } from "../../src/document/edit.ts";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Finding, Fix } from "../../src/finding/finding.ts";
import { overlay } from "../../src/files/file-tree.ts";
import { fleetOnDisk, loadFleet } from "../../src/fleet/load.ts";
import { parseToml } from "../../src/document/source.ts";
import { lint } from "../../src/lint/engine.ts";
import { fixAll, type FixResult, type Look } from "../../src/lint/fix.ts";
import { temporaryFolder, writeFiles } from "../support/fleet.ts";
import { CASES } from "./cases.ts";
import { readMarks } from "./marks.ts";

const everywhere = (): boolean => true;

function finding(message: string, edits: readonly Edit[]): Finding {
  const location = { file: "a.toml", line: 1, column: 1, endLine: 1, endColumn: 1 };
  const fix: Fix = { title: message, edits };
  return { rule: "made-up", severity: "error", message, help: "", location, related: [], fix };
}

/** What is found in files by a check of their texts, and what becomes of them. */
async function fixTexts(
  files: Readonly<Record<string, string>>,
  check: (texts: Readonly<Record<string, string>>, round: number) => Finding[],
  isEditable: (file: string) => boolean = everywhere,
) {
  let rounds = 0;
  const look = (texts: ReadonlyMap<string, string>): Promise<Look> => {
    const now = { ...files, ...Object.fromEntries(texts) };
    const sources = new Map(
      Object.entries(now).map(([file, text]) => [file, parseToml(file, text)] as const),
    );
    return Promise.resolve({ findings: check(now, rounds++), sources });
  };
  const result = await fixAll(await look(new Map()), look, isEditable);
  return {
    fixed: result.fixed.map(({ message }) => message),
    refused: result.refused.map(({ message }) => message),
    texts: Object.fromEntries(result.texts),
    rounds,
  };
}

const at = (path: Edit["at"]["path"], file = "a.toml") => ({ file, path });

describe("fixes", () => {
  it("of the same place are made one after the other: the first wins, and the rest is looked at again", async () => {
    const result = await fixTexts({ "a.toml": "a = []\n" }, ({ "a.toml": text = "" }) =>
      ["x", "y"]
        .filter((value) => !text.includes(`"${value}"`))
        .map((value) => finding(value, [{ kind: "append", at: at(["a"]), values: [value] }])),
    );
    expect(result).toEqual({
      fixed: ["x", "y"],
      refused: [],
      texts: { "a.toml": 'a = ["x", "y"]\n' },
      rounds: 3,
    });
  });

  it("of different places are made at once", async () => {
    const result = await fixTexts({ "a.toml": "a = 1\n[t]\n" }, (_, round) =>
      round > 0
        ? []
        : [
            finding("a", [{ kind: "replace", at: at(["a"]), value: 2 }]),
            finding("t", [{ kind: "add", at: at(["t"]), key: "b", value: 1 }]),
            finding("u", [{ kind: "add", at: at(["t"]), key: "c", value: 1 }]),
          ],
    );
    expect(result.texts).toEqual({ "a.toml": "a = 2\n[t]\nb = 1\nc = 1\n" });
    expect(result.rounds).toBe(2);
  });

  it.each<[name: string, first: Edit, second: Edit]>([
    [
      "one is inside the other",
      { kind: "rename", at: at(["t"]), key: "u" },
      { kind: "replace", at: at(["t", "a"]), value: 2 },
    ],
    [
      "both make one key",
      { kind: "rename", at: at(["b"]), key: "c" },
      { kind: "add", at: at([]), key: "c", value: 3 },
    ],
  ])("wait for the next round where %s", async (_, first, second) => {
    const result = await fixTexts({ "a.toml": "b = 1\n[t]\na = 1\n" }, (_, round) =>
      round > 0 ? [] : [finding("first", [first]), finding("second", [second])],
    );
    expect(result).toMatchObject({ fixed: ["first"], refused: [], rounds: 2 });
  });

  it("that several findings share are made once", async () => {
    const edits: Edit[] = [{ kind: "append", at: at(["a"]), values: ["x"] }];
    const result = await fixTexts({ "a.toml": "a = []\n" }, (_, round) =>
      round > 0 ? [] : [finding("one", edits), finding("two", edits)],
    );
    expect(result).toMatchObject({ fixed: ["one"], texts: { "a.toml": 'a = ["x"]\n' } });
  });

  it("are made wholly or not at all", async () => {
    const files = { "a.toml": "a = 1\n", "b.toml": "b = 1\n" };
    const edits: Edit[] = [
      { kind: "replace", at: at(["a"]), value: 2 },
      { kind: "add", at: at([], "b.toml"), key: "b", value: 2 },
    ];
    const result = await fixTexts(files, () => [finding("both", edits)]);
    expect(result).toEqual({ fixed: [], refused: ["both"], texts: {}, rounds: 1 });
  });

  it("are not made in files that may not be edited, or were not read", async () => {
    const fixes = () =>
      ["a.toml", "b.toml"].map((file) =>
        finding(file, [{ kind: "add", at: at([], file), key: "x", value: 1 }]),
      );
    const result = await fixTexts({ "a.toml": "" }, fixes, (file) => file !== "a.toml");
    expect(result).toEqual({ fixed: [], refused: ["a.toml", "b.toml"], texts: {}, rounds: 1 });
  });

  it("that do not help are made once, and those that never end not for ever", async () => {
    const same = finding("same", [{ kind: "append", at: at(["a"]), values: ["x"] }]);
    expect(await fixTexts({ "a.toml": "a = []\n" }, () => [same])).toMatchObject({
      fixed: ["same"],
      texts: { "a.toml": 'a = ["x"]\n' },
      rounds: 2,
    });
    const result = await fixTexts({ "a.toml": "" }, (_, round) => [
      finding("more", [{ kind: "add", at: at([]), key: `k${round}`, value: round }]),
    ]);
    expect(result.rounds).toBeLessThan(100);
  });

  it("of suppressed findings are not made", async () => {
    const found = finding("ignored", [{ kind: "add", at: at([]), key: "a", value: 1 }]);
    const result = await fixTexts({ "a.toml": "" }, () => [
      { ...found, suppression: { kind: "comment", reason: "so it is" } },
    ]);
    expect(result).toEqual({ fixed: [], refused: [], texts: {}, rounds: 1 });
  });
});

/** Fixes a fleet in a folder, which stays as it is. */
async function fixFleet(folder: string): Promise<FixResult<Look>> {
  const look = async (texts?: ReadonlyMap<string, string>): Promise<Look> => {
    const inventory = join(folder, "nixgen.toml");
    const tree = overlay(fleetOnDisk(inventory, false), texts ?? new Map());
    const loaded = await loadFleet(inventory, undefined, false, tree);
    return loaded.fleet === undefined ? loaded : { ...loaded, findings: lint(loaded.fleet) };
  };
  return fixAll(await look(), look, everywhere);
}

/** The fleets of all rules' cases that have something to fix, with what is found in them. */
const WRONG = Object.entries(CASES).flatMap(([id, { wrong }]) =>
  wrong.map(({ name, files }) => ({ id, name, files: readMarks(files).files })),
);

describe("every fix of every rule", () => {
  it.each(WRONG)("cures what it is for: $id: $name", async ({ files }) => {
    const { fixed, refused, texts, left } = await fixFleet(writeFiles(files));
    expect(refused).toEqual([]);
    const edits = fixed.map(({ fix }) => fix?.edits);
    const still = left.findings.filter(({ fix }) =>
      edits.some((each) => JSON.stringify(each) === JSON.stringify(fix?.edits)),
    );
    expect(still).toEqual([]);
    // A second run finds nothing more to fix.
    const again = await fixFleet(writeFiles({ ...files, ...Object.fromEntries(texts) }));
    expect(again.fixed).toEqual([]);
  });

  it("is made in the incident's files", async () => {
    const folder = temporaryFolder();
    cpSync("examples/incident", folder, { recursive: true });
    const { fixed, refused } = await fixFleet(folder);
    expect(fixed.map(({ rule }) => rule)).toContain("dns-no-fallback");
    expect(refused).toEqual([]);
  });
});
