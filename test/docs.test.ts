/** docs/: no row of incident.md is empty, each key and each rule about DNS is told of, and what is named is there. */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { rules } from "../src/lint/rules/index.ts";

/** The rows of all tables: the line of the report, what prevents it, and what proves it. */
function rows(): { line: string; prevention: string; proof: string }[] {
  return readFileSync("docs/incident.md", "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| ") && !/^\| (?:-+|what the report says) +\|/.test(line))
    .map((line) => {
      const [, said = "", prevention = "", proof = "", ...rest] = line
        .split(" | ")
        .flatMap((cell, index, all) =>
          index === 0
            ? ["", cell.slice(2)]
            : index === all.length - 1
              ? [cell.slice(0, -2)]
              : [cell],
        );
      if (rest.length > 0) throw new Error(`a row of other than three cells: ${line}`);
      return { line: said.trim(), prevention: prevention.trim(), proof: proof.trim() };
    });
}

const ROWS = rows();
const RULES = new Set(rules.map(({ id }) => id));

describe("docs/incident.md", () => {
  it("has every root cause, lesson and action item of the report", () => {
    const lines = ROWS.map(({ line }) => line);
    for (const [part, count] of [
      ["Root cause", 5],
      ["Lesson", 6],
      ["Action item", 7],
    ] as const) {
      const numbers = lines.flatMap((line) => new RegExp(`^${part} (\\d+):`).exec(line)?.[1] ?? []);
      const wanted = Array.from({ length: count }, (_, index) => String(index + 1));
      expect([...new Set(numbers)].sort(), part).toEqual(wanted);
    }
  });

  it.each(ROWS)("$line", ({ prevention, proof }) => {
    const ids = [...prevention.matchAll(/\(rules\.md#([a-z-]+)\)/g)].map(([, id]) => id ?? "");
    const files = [...prevention.matchAll(/\(\.\.\/(out\/[^)]+)\)/g)].map(([, file]) => file ?? "");
    expect(ids.length + files.length, "a rule or an emitted file").toBeGreaterThan(0);
    for (const id of ids) expect(RULES, "the rules").toContain(id);
    for (const file of files) expect(existsSync(file), file).toBe(true);

    const proofs = [...proof.matchAll(/\[“([^”]+)”\]\(\.\.\/(test\/[^)]+)\)/g)];
    expect(proofs, "a test").not.toEqual([]);
    for (const [, title = "", file = ""] of proofs) {
      expect(readFileSync(file, "utf8"), file).toContain(title);
    }
  });
});

describe("docs/files.md", () => {
  const page = readFileSync("docs/files.md", "utf8");

  it.each(["nixgen", "service"])("has every key of the schema %s", (name) => {
    const schema: unknown = JSON.parse(readFileSync(`schemas/${name}.schema.json`, "utf8"));
    // A heading ends with the name of its table.
    const missing = keysIn(schema).filter(
      (key) => !new RegExp(`(?:\`|[[.])${key}[\`\\]]`).test(page),
    );
    expect(missing.filter((key) => key !== "kind" && key !== "boot")).toEqual([]);
  });
});

describe("docs/dns.md", () => {
  const page = readFileSync("docs/dns.md", "utf8");

  it("has every rule of the group dns, and no rule that is not there", () => {
    const named = new Set([...page.matchAll(/\(rules\.md#([a-z-]+)\)/g)].map(([, id = ""]) => id));
    const wanted = rules.filter(({ group }) => group === "dns").map(({ id }) => id);
    expect(wanted.filter((id) => !named.has(id))).toEqual([]);
    expect([...named].filter((id) => !RULES.has(id))).toEqual([]);
  });

  it.each(
    [...page.matchAll(/\]\(([a-z]+\.md)#([a-z-]+)\)/g)].map(([, file, anchor]) => ({
      file,
      anchor,
    })),
  )("links to a heading: $file#$anchor", ({ file, anchor }) => {
    const headings = readFileSync(`docs/${String(file)}`, "utf8")
      .split("\n")
      .filter((line) => line.startsWith("#"));
    // As GitHub makes them.
    const anchors = headings.map((line) =>
      line
        .replace(/^#+ /, "")
        .toLowerCase()
        .replace(/[^a-z0-9 _-]/g, "")
        .replaceAll(" ", "-"),
    );
    expect(anchors).toContain(anchor);
  });
});

/** The names of all properties in a schema, at any depth. */
function keysIn(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const { properties } = schema as { properties?: object };
  return [...Object.keys(properties ?? {}), ...Object.values(schema).flatMap(keysIn)];
}

describe("SECURITY.md", () => {
  const [before = "", after = ""] = readFileSync("SECURITY.md", "utf8").split(
    "## What holds the promises",
  );
  const promises = [...before.matchAll(/^- \*\*([^*]+?)\.?\*\*/gm)].map(([, words = ""]) => words);
  const table = (after.split("\n## ")[0] ?? "")
    .split("\n")
    .filter((line) => line.startsWith("| ") && !/^\| (?:-+|Promise) /.test(line))
    .map((line) => line.split("|").map((cell) => cell.trim()));

  it("has a row for each promise, in their order", () => {
    expect(promises.length).toBeGreaterThan(5);
    expect(table.length).toBe(promises.length);
    for (const [index, promise] of promises.entries()) {
      expect(table[index]?.[1] ?? "").toContain(promise);
    }
  });

  it.each(table)("|%s %s| is held by tests that there are", (_, promise, tests = "") => {
    const files = [...tests.matchAll(/`(test\/[^`]+\.test\.ts)`/g)].map(([, file = ""]) => file);
    expect(files, promise).not.toEqual([]);
    for (const file of files) expect(readFileSync(file, "utf8"), file).toMatch(/\bit(?:\.each)?\(/);
  });
});
