/**
 * Whatever is in the files, each command says where they are wrong or does what it is for: it is never
 * a bug, what is said may go to a terminal, and what is written is Nix and bash.
 */
import fc from "fast-check";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Finding } from "../../src/finding/finding.ts";
import { parseFiles, sharedFolder } from "../generate/support.ts";
import { type Run, runCli } from "../support/cli.ts";
import { holds } from "../support/fuzz.ts";
import { lacks } from "../support/tools.ts";
import {
  type ByteFiles,
  COMPOSE_FILES,
  FLEETS,
  INSPECTED,
  KINDS,
  mutated,
  RULES_OFF,
} from "./mutations.ts";

const folder = sharedFolder();
const root = join(folder, "fleet");
const out = join(folder, "out");

function write(files: ByteFiles): void {
  rmSync(root, { recursive: true, force: true });
  rmSync(out, { recursive: true, force: true });
  for (const [name, bytes] of files) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), bytes);
  }
}

/** Runs a command that may not like its input, but must cope with it. */
async function run(...argv: readonly string[]): Promise<Run> {
  const result = await runCli(root, argv);
  expect([0, 1, 2], `${argv.join(" ")}: ${result.stderr}`).toContain(result.status);
  expectPrintable(result.stderr);
  return result;
}

/** Nothing but line breaks that moves the cursor, and nothing that cannot be seen. */
function expectPrintable(text: string): void {
  expect(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.exec(text)?.[0]).toBeUndefined();
}

/** Every place is inside of a file, or at the beginning of something that is none. */
function expectPlaces(findings: readonly Finding[], files: ByteFiles): void {
  const lines = new Map<string, readonly string[]>();
  for (const { location, related } of findings) {
    for (const { file, line, column, endLine, endColumn } of [location, ...related]) {
      const text =
        files
          .get(file)
          ?.toString("utf8")
          .replace(/^\uFEFF/, "") ?? "";
      if (!lines.has(file)) lines.set(file, text.split("\n"));
      const place = `${file}:${line}:${column}-${endLine}:${endColumn}`;
      const of = (number: number): number => lines.get(file)?.[number - 1]?.length ?? -1;
      expect(column, place).toBeGreaterThan(0);
      expect(column, place).toBeLessThanOrEqual(of(line) + 1);
      expect(endLine, place).toBeGreaterThanOrEqual(line);
      // The place of an end of line or file is one column wide, behind it.
      expect(endColumn, place).toBeLessThanOrEqual(of(endLine) + 2);
      if (line === endLine) expect(endColumn, place).toBeGreaterThanOrEqual(column);
    }
  }
}

/** Everything that was emitted, each text once; looked at when the properties have ended. */
const emitted = { nix: join(folder, "nix"), sh: join(folder, "sh") };

function keep(extension: keyof typeof emitted, text: string): void {
  mkdirSync(emitted[extension], { recursive: true });
  const name = createHash("sha256").update(text).digest("hex").slice(0, 20);
  writeFileSync(join(emitted[extension], `${name}.${extension}`), text);
}

/** Keeps what is in a folder. */
function keepAll(built: string): void {
  for (const name of readdirSync(built, { recursive: true, encoding: "utf8" })) {
    const extension = /\.(nix|sh)$/.exec(name)?.[1];
    if (extension !== undefined) {
      keep(extension as keyof typeof emitted, readFileSync(join(built, name), "utf8"));
    }
  }
}

describe("whatever a fleet's files hold", () => {
  const withRulesOff = (files: ByteFiles): ByteFiles => {
    const inventory = files.get("nixgen.toml") ?? Buffer.alloc(0);
    if (inventory.includes("[lint")) return files;
    return new Map([...files, ["nixgen.toml", Buffer.concat([inventory, Buffer.from(RULES_OFF)])]]);
  };
  const fleets = fc.oneof(
    mutated(FLEETS),
    mutated(FLEETS, KINDS.gentle),
    mutated(FLEETS, KINDS.gentle).map(withRulesOff),
  );

  it("commands say what is wrong, or do what they are for", async () => {
    let loaded = 0;
    let built = 0;
    await holds(
      fc.asyncProperty(fleets, async (files) => {
        write(files);
        const { status, stdout } = await run("lint", "--format", "json");
        expectPrintable(stdout);
        const { findings } = JSON.parse(stdout) as { findings: readonly Finding[] };
        expectPlaces(findings, files);
        expectPrintable((await run("lint")).stdout);
        expect((await run("lint", "--format", "json")).stdout).toBe(stdout);
        await run("lint", "--fix", "--dry-run");
        await run(
          "facts",
          "check",
          ...[...files.keys()].filter((name) => /^facts\/[^/]*\.json$/.test(name)),
        );
        if (status === 2) {
          expect(findings).not.toEqual([]);
          return;
        }
        loaded += 1;
        const build = await run("build", "--out", out);
        // What lint finds no fault with is written, unless rules are off.
        const isWhole = !(files.get("nixgen.toml")?.includes("[lint") ?? false);
        if (status === 0 && isWhole) expect(build.status, build.stderr).toBe(0);
        if (build.status === 0) {
          built += 1;
          keepAll(out);
          expect((await run("build", "--out", out)).stdout).toContain("up to date");
          expect((await run("build", "--out", out, "--check")).stdout).toBe("");
        }
        expectPrintable((await run("audit")).stdout);
        await run("podman");
        const json = await run("podman", "--json");
        const hosts = json.status === 0 ? (JSON.parse(json.stdout) as { host: string }[]) : [];
        for (const host of new Set(hosts.map((entry) => entry.host))) {
          const recover = await run("recover", "--host", host);
          if (recover.status === 0) keep("sh", recover.stdout);
        }
      }),
      100,
    );
    // Otherwise it would say nothing about what comes after loading.
    expect(loaded).toBeGreaterThan(10);
    expect(built).toBeGreaterThan(5);
  });
});

describe("whatever is imported", () => {
  it.each([
    ["compose", COMPOSE_FILES],
    ["podman", INSPECTED],
  ])("becomes definitions that load, or is refused: %s", async (kind, all) => {
    let imported = 0;
    const sets = [...all].map(([, bytes]): ByteFiles => new Map([["input", bytes]]));
    await holds(
      fc.asyncProperty(mutated(sets), async (files) => {
        write(files);
        const { status, stdout } = await run("import", kind, "--out", "services", "input");
        if (status === 2) return;
        imported += 1;
        expectPrintable(stdout);
        write(new Map([["nixgen.toml", Buffer.from(FLEET)]]));
        writeFileSync(join(root, "input"), files.get("input") ?? "");
        expect((await run("import", kind, "--out", "services", "input")).stdout).toBe(stdout);
        expect((await run("lint")).status).not.toBe(2);
      }),
      60,
    );
    expect(imported).toBeGreaterThan(2);
  });
});

const FLEET = `[fleet]
name = "fleet"

[user]
name = "pod"
uid = 850
`;

describe("what was emitted", () => {
  const files = (extension: keyof typeof emitted): string[] =>
    readdirSync(emitted[extension]).map((name) => join(emitted[extension], name));

  it.skipIf(lacks("nix-instantiate"))("is Nix", () => {
    const all = files("nix");
    expect(all.length).toBeGreaterThan(50);
    for (let at = 0; at < all.length; at += 1000) parseFiles(all.slice(at, at + 1000));
  });

  it("is bash", () => {
    const script = 'for file; do bash -n "$file" || exit 1; done';
    const { status, stderr } = spawnSync("bash", ["-c", script, "bash", ...files("sh")], {
      encoding: "utf8",
    });
    expect(status, stderr).toBe(0);
  });
});
