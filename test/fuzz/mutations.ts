/**
 * Files that are nearly right: real ones with a few changes, which get deeper into whoever reads them
 * than random bytes do. Changes are data, so that fast-check can leave out those that do not matter.
 */
import fc from "fast-check";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { catalogue } from "../../src/lint/catalogue.ts";
import { rules } from "../../src/lint/rules/index.ts";
import { HOSTILE } from "../support/hostile.ts";

/** Files by path. */
export type ByteFiles = ReadonlyMap<string, Buffer>;

function readFolder(folder: string, pattern: RegExp): ByteFiles {
  return new Map(
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => pattern.test(name))
      .sort()
      .map((name) => [name, readFileSync(join(folder, name))]),
  );
}

/** Every fleet that the examples and the tests have. */
export const FLEETS: readonly ByteFiles[] = ["examples", "test/corpus", "test/golden"]
  .flatMap((top) => [...readFolder(top, /\/nixgen\.toml$/).keys()].map((name) => join(top, name)))
  .map((inventory) => readFolder(dirname(inventory), /\.(?:toml|json|lock)$/));

export const COMPOSE_FILES: ByteFiles = readFolder("test/fixtures/compose", /\.yml$/);

export const INSPECTED: ByteFiles = readFolder("test/fixtures/inspect", /\.json$/);

/** A table that switches off every rule that can be, so that what is wrong gets further. */
export const RULES_OFF = `
[lint.rules]
${catalogue(rules)
  .filter(({ suppressible, audit }) => suppressible && audit !== "only")
  .map(({ id }) => `${id} = "off"\n`)
  .join("")}`;

/** What ends, begins or changes something in TOML, JSON or YAML, and values at the edge of what is allowed. */
const TOKENS: readonly string[] = [
  ..."[]{}()\"'#=,.:-+\\/|&*!%@`<>~$? \n\r\t\0",
  '"""', "'''", "[[", "]]", "{}", "[]", "\r\n", "\\u0000", "\\ud800", "\\U0010FFFF", "\\x41", "# nixgen: ignore[uid-collision] x\n",
  "true", "null", "nan", "-inf", "0", "-0", "-1", "1e308", "1e999", "0x7fffffffffffffff", "9007199254740993", "4294967295", "65536", "1979-05-27T07:32:00Z", "07:32",
  "__proto__", "constructor", "toString", "length", "\ufeff", "\u0085", "\u202e", "é", "😀", "\ufffd",
  "x = 1\n", "[x]\n", "[[x]]\n", "a.b.c = 1\n", '"" = ""\n', "&a ", "*a", "<<: *a\n", "!!binary ", "? ", "- ", "---\n", "%YAML 1.2\n", "|2-\n", ">\n",
  '"0.0.0.0:53:53/udp"', '"[::]:1-65535:1-65535"', '"/srv/a:/b:ro,Z"', '":::"', '"a:b:c:d"', '"127.0.0.1"', '"fe80::1%eth0"', '"host"', '"*"', '".."', '"/"', '""', '" "',
]; // prettier-ignore

/** Bytes that are no UTF-8, or the edges of it. */
const BYTES: readonly Buffer[] = [
  [0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82], [0x80], [0xef, 0xbb, 0xbf], [0], [0x1b, 0x5b],
].map((bytes) => Buffer.from(bytes)); // prettier-ignore

/** A change of a text; numbers stand for places and choices, whatever the text has of them. */
interface Mutation {
  readonly kind: (typeof KINDS)[keyof typeof KINDS][number];
  readonly file: number;
  /** Where, as a part of the whole. */
  readonly at: number;
  readonly length: number;
  readonly which: number;
}

/** What mostly breaks a file, and what mostly makes it say something else. */
export const KINDS = {
  rough: ["insert token", "replace token", "remove", "repeat", "splice", "flip", "bytes", "cut"],
  gentle: ["replace string", "swap strings", "remove line", "repeat line", "move line"],
} as const;

function mutation(kinds: readonly Mutation["kind"][]): fc.Arbitrary<Mutation> {
  return fc.record({
    kind: fc.constantFrom(...kinds),
    file: fc.nat(),
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    length: fc.nat(40),
    which: fc.nat(),
  });
}

function pick<T>(items: readonly T[], which: number): T {
  const item = items[which % items.length];
  if (item === undefined) throw new RangeError("nothing to pick from");
  return item;
}

/** A text with one change. Latin-1 keeps every byte as it is. */
function mutate(bytes: Buffer, { kind, at, length, which }: Mutation, other: Buffer): Buffer {
  const text = bytes.toString("latin1");
  const start = Math.floor(at * (text.length + 1));
  const put = (from: number, to: number, inserted: string | Buffer): Buffer =>
    Buffer.concat([
      bytes.subarray(0, from),
      typeof inserted === "string" ? Buffer.from(inserted) : inserted,
      bytes.subarray(to),
    ]);
  const lines = text.split(/(?<=\n)/);
  const line = Math.floor(at * lines.length);
  const withLines = (changed: readonly string[]): Buffer => Buffer.from(changed.join(""), "latin1");
  switch (kind) {
    case "insert token":
      return put(start, start, pick(TOKENS, which));
    case "replace token":
    case "replace string":
    case "swap strings": {
      const pattern =
        kind === "replace token"
          ? /"(?:[^"\\\n]|\\.)*"|[A-Za-z0-9_.-]+|[^\sA-Za-z0-9_.-]/g
          : /"(?:[^"\\\n]|\\.)*"/g;
      const tokens = [...text.matchAll(pattern)];
      if (tokens.length === 0) return bytes;
      const { index, 0: token } = pick(tokens, Math.floor(at * tokens.length));
      // Strings of the same file fit where this one stands, and mean something else there.
      const choices = {
        "replace token": TOKENS,
        "replace string": HOSTILE.map((value) => JSON.stringify(value)),
        "swap strings": tokens.map(([inner]) => Buffer.from(inner, "latin1").toString()),
      };
      return put(index, index + token.length, pick(choices[kind], which));
    }
    case "remove":
      return put(start, start + length, "");
    case "repeat":
      return put(start, start, bytes.subarray(start, start + length));
    case "remove line":
      return withLines(lines.toSpliced(line, 1 + (which % 3)));
    case "repeat line":
      return withLines(lines.toSpliced(line, 0, ...lines.slice(line, line + 1 + (length % 8))));
    case "move line":
      return withLines(
        lines.toSpliced(line, 1).toSpliced(which % lines.length, 0, lines[line] ?? ""),
      );
    case "splice": {
      const from = which % Math.max(1, other.length);
      return put(start, start + length, other.subarray(from, from + 8 * length));
    }
    case "flip": {
      const copy = Buffer.from(bytes);
      if (start < copy.length) copy[start] = (copy[start] ?? 0) ^ (1 << (which % 8));
      return copy;
    }
    case "bytes":
      return put(start, start, pick(BYTES, which));
    case "cut":
      return bytes.subarray(0, start);
  }
}

/** One of these sets of files, with a few changes to some of them. */
export function mutated(
  sets: readonly ByteFiles[],
  kinds: readonly Mutation["kind"][] = [...KINDS.rough, ...KINDS.gentle],
): fc.Arbitrary<ByteFiles> {
  const all = sets.flatMap((files) => [...files.values()]);
  return fc
    .tuple(fc.nat(), fc.array(mutation(kinds), { minLength: 1, maxLength: 4 }))
    .map(([set, mutations]) => {
      const files = new Map(pick(sets, set));
      for (const change of mutations) {
        const name = pick([...files.keys()], change.file);
        const before = files.get(name) ?? Buffer.alloc(0);
        files.set(name, mutate(before, change, pick(all, change.which)));
      }
      return files;
    });
}
