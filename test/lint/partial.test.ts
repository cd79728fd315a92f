/**
 * A file that cannot be used does not hide what is wrong in the others, and nothing is found in those that
 * would not be found if it could be used: one cause is one finding.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { overlay } from "../../src/files/file-tree.ts";
import type { Finding } from "../../src/finding/finding.ts";
import { fleetOnDisk, loadFleet } from "../../src/fleet/load.ts";
import { lint } from "../../src/lint/engine.ts";
import { runCli } from "../support/cli.ts";
import { inventory, writeFiles } from "../support/fleet.ts";
import { CASES } from "./cases.ts";
import { service } from "./cases/case.ts";
import { readMarks } from "./marks.ts";

/** Rule and place; a message may count what is there. */
function keyOf({ rule, location }: Finding): string {
  return `${rule} ${location.file}:${location.line}`;
}

/** What is found in a fleet in which one file is no TOML and no JSON, that is not found if it is right. */
async function added(root: string, file: string, audit: boolean): Promise<string[]> {
  const inventoryFile = join(root, "nixgen.toml");
  const whole = await loadFleet(inventoryFile);
  if (whole.fleet === undefined) return [];
  const tree = overlay(fleetOnDisk(inventoryFile, false), new Map([[file, "}"]]));
  const part = await loadFleet(inventoryFile, undefined, undefined, tree);
  if (part.fleet !== undefined) throw new Error(`${file} is not read`);
  expect(part.findings.map(({ location }) => location.file)).toEqual([file]);
  if (part.rest === undefined) throw new Error(`${file} hides the others`);
  const known = new Set(lint(whole.fleet, { audit }).map(keyOf));
  return lint(part.rest, { audit, isPartial: true })
    .map(keyOf)
    .filter((key) => !known.has(key));
}

const FLEETS = Object.entries(CASES).flatMap(([id, { wrong, right }]) =>
  [...wrong, ...right].map(({ name, files }) => ({ id, name, files: readMarks(files).files })),
);

const CORPUS = ["wrong", "right"].flatMap((kind) =>
  readdirSync(join("test/corpus", kind)).map((name) => join("test/corpus", kind, name)),
);

describe("without one of its files a fleet has no findings more", () => {
  it.each(FLEETS)("$id: $name", async ({ files }) => {
    const parts = Object.keys(files).filter((file) =>
      /^(?:services|facts)\/[^/]*\.(?:toml|json)$/.test(file),
    );
    const root = writeFiles(files);
    for (const file of parts) {
      for (const audit of [false, true]) expect(await added(root, file, audit), file).toEqual([]);
    }
  });

  it.each(CORPUS)("%s", async (root) => {
    const files = readdirSync(root, { recursive: true, encoding: "utf8" });
    // What is a draft is not read at all.
    for (const file of files.filter((name) =>
      /^(?:services|facts)\/[^/]*\.(?:toml|json)$/.test(name),
    )) {
      for (const audit of [false, true]) expect(await added(root, file, audit), file).toEqual([]);
    }
  });
});

describe("nixgen lint with a file that cannot be used", () => {
  const run = async (files: Readonly<Record<string, string>>) => {
    const root = writeFiles({ "nixgen.toml": inventory(), ...files });
    const { status, stdout } = await runCli(root, ["lint", "--format", "json"]);
    const { findings } = JSON.parse(stdout) as { findings: readonly Finding[] };
    return {
      status,
      found: findings.map(({ rule, location, fix }) => [rule, location.file, fix === undefined]),
    };
  };
  const LATEST = service("db").replace("v1.0.0", "latest");

  it("says what is wrong in the others, without fixes, and ends as for a file that cannot be used", async () => {
    expect(await run({ "services/a.toml": "name = ", "services/db.toml": LATEST })).toEqual({
      status: 2,
      found: [
        ["syntax", "services/a.toml", true],
        ["image-latest", "services/db.toml", true],
      ],
    });
    expect(await run({ "facts/alpha.json": "{", "services/db.toml": LATEST })).toEqual({
      status: 2,
      found: [
        ["syntax", "facts/alpha.json", true],
        ["image-latest", "services/db.toml", true],
      ],
    });
  });

  it("says what is wrong with values that no schema knows, too", async () => {
    const port = service("db", 'ports = ["8080:"]');
    expect(await run({ "services/a.toml": "name = ", "services/db.toml": port })).toEqual({
      status: 2,
      found: [
        ["syntax", "services/a.toml", true],
        ["schema", "services/db.toml", true],
      ],
    });
  });

  it("says nothing of the others where what they belong to is unknown", async () => {
    const files = { "services/db.toml": LATEST };
    expect((await run({ ...files, "nixgen.lock": "version = " })).found).toEqual([
      ["syntax", "nixgen.lock", true],
    ]);
    expect((await run({ ...files, "nixgen.toml": "[fleet" })).found).toEqual([
      ["syntax", "nixgen.toml", true],
    ]);
  });
});
