/**
 * Whatever links, manifests and locks a branch brings along: nothing outside of the repository is opened by any
 * command, as strace sees it, and nothing there changes.
 */
import fc from "fast-check";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { inventory, temporaryFolder } from "../support/fleet.ts";
import { holds } from "../support/fuzz.ts";
import { lacks } from "../support/tools.ts";

const PROGRAM = join(process.cwd(), "dist/nixgen.cjs");

beforeAll(() => {
  const { status, stderr } = spawnSync("npx", ["tsx", "scripts/build.ts"], { encoding: "utf8" });
  expect(status, stderr).toBe(0);
});

const SERVICE = `name = "NAME"
node = "alpha"

[[components]]
name = "NAME"
image = "registry.example/web:latest"
ports = "8080:8080"
`;

/** What is beside the repository; each is something that nixgen would like to read. */
const SECRETS: Readonly<Record<string, string>> = {
  credentials: "aws_secret = AKIASECRET\n",
  "web.toml": SERVICE.replaceAll("NAME", "secret"),
  "alpha.json": '{ "schema": 1, "host": "alpha" }\n',
  "manifest.json": '{ "version": 1, "files": {} }\n',
  "nixgen.lock": "version = 2\n",
  "alpha/users.nix": "{ }\n",
  "old/a": "old",
  "new/a": "new",
};

/** Where something of the branch's may be. */
const PLACES = [
  "services",
  "services/a.toml",
  "services/b.toml",
  "services/deep/c.toml",
  "facts",
  "facts/alpha.json",
  "nixgen.lock",
  "nixgen.baseline.json",
  "out",
  "out/manifest.json",
  "out/alpha",
  "out/alpha/users.nix",
  "out/b",
  ".out.nixgen-4194399",
  ".out.nixgen-4194398/mark",
  "more",
];

/** Where a link may lead: out of the repository, around in it, or nowhere. */
const TARGETS = [...Object.keys(SECRETS), "", "alpha", "old"].map((name) => `SECRET/${name}`);
const OTHERS = ["/proc/self/environ", "services/a.toml", "../fleet/services", "more", ".", "out/b"];

type Entry =
  | { readonly kind: "link"; readonly to: string; readonly isAbsolute: boolean }
  | { readonly kind: "file"; readonly text: string };

const text = fc.oneof(
  fc.constantFrom(...Object.values(SECRETS)),
  fc.constantFrom(SERVICE.replaceAll("NAME", "a"), SERVICE.replaceAll("NAME", "b"), "", "{", "}"),
  fc
    .subarray([
      "b/credentials",
      "b/alpha/users.nix",
      "alpha/users.nix",
      "alpha/x",
      "b",
      "manifest.json",
      "../secret/credentials",
    ])
    .map((names) =>
      JSON.stringify({ version: 1, files: Object.fromEntries(names.map((name) => [name, "0"])) }),
    ),
);

const entry: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({
    kind: fc.constant("link" as const),
    to: fc.constantFrom(...TARGETS, ...OTHERS),
    isAbsolute: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("file" as const), text }),
);

const tree = fc.record({
  entries: fc.dictionary(fc.constantFrom(...PLACES), entry, { minKeys: 1, maxKeys: 7 }),
  services: fc.constantFrom(
    '["services/*.toml"]',
    '["services/**/*.toml", "more/*"]',
    '["services/a.toml"]',
  ),
  out: fc.constantFrom("out", "out", "out/b", "more", "../secret", "../secret/alpha", ".git"),
  facts: fc.constantFrom("facts", "facts", "more"),
  isGit: fc.boolean(),
});

const CALLS = [
  ["lint"],
  ["build", "--check"],
  ["build", "--force"],
  ["audit"],
  ["lint", "--fix"],
  ["recover", "--host", "alpha"],
  ["diff"],
] as const;

/** Makes the tree; what cannot be in one place with another entry is left out. */
function make(
  top: string,
  { entries, services, out, facts, isGit }: typeof tree extends fc.Arbitrary<infer T> ? T : never,
): string {
  rmSync(top, { recursive: true, force: true });
  const root = join(top, "fleet");
  mkdirSync(root, { recursive: true });
  for (const [name, content] of Object.entries(SECRETS))
    put(join(top, "secret"), name, { kind: "file", text: content }, top);
  const settings = `name = "test"\nservices = ${services}\nout = ${JSON.stringify(out)}\nfacts = ${JSON.stringify(facts)}`;
  writeFileSync(join(root, "nixgen.toml"), inventory().replace('name = "test"', settings));
  // The folders come first: what would be behind a link is not made.
  for (const place of Object.keys(entries).sort()) {
    const its = entries[place];
    const above = Object.keys(entries).some((other) => place.startsWith(`${other}/`));
    if (its !== undefined && !above) put(root, place, its, top);
  }
  if (isGit) {
    const git = (...argv: readonly string[]) =>
      spawnSync("git", ["-C", root, "-c", "user.name=x", "-c", "user.email=x@y", ...argv]);
    git("init", "-q");
    git("add", "--all");
    git("commit", "-qm", "x");
  }
  return root;
}

function put(folder: string, name: string, its: Entry, top: string): void {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  if (its.kind === "file") writeFileSync(path, its.text);
  else {
    const up = "../".repeat(name.split("/").length);
    symlinkSync(
      its.to.replace("SECRET", its.isAbsolute ? join(top, "secret") : `${up}secret`),
      path,
    );
  }
}

describe.skipIf(lacks("strace"))("a branch's links, manifests and locks", () => {
  it("have nothing opened that is outside of the repository", async () => {
    const top = join(temporaryFolder(), "top");
    const trace = join(dirname(top), "trace");
    await holds(
      fc.property(tree, fc.constantFrom(...CALLS), (made, argv) => {
        const root = make(top, made);
        const { status, signal, stderr } = spawnSync(
          "strace",
          [
            "-f",
            "-qq",
            "-y",
            "--seccomp-bpf",
            "-e",
            "trace=open,openat,openat2",
            "-e",
            "status=successful",
            "-o",
            trace,
            process.execPath,
            PROGRAM,
            ...argv,
          ],
          { cwd: root, encoding: "utf8", timeout: 60_000, maxBuffer: 1 << 28 },
        );
        expect(signal, stderr).toBe(null);
        expect(status, stderr).toBeLessThan(3);
        const opened = [...readFileSync(trace, "latin1").matchAll(/ = \d+<([^>]*)>/g)].map(
          ([, path = ""]) => path,
        );
        // Otherwise strace has seen nothing.
        expect(opened).toContain(PROGRAM);
        const outside = opened.filter(
          (path) => path.startsWith(join(top, "secret")) || path.endsWith("/environ"),
        );
        expect(outside).toEqual([]);
        for (const [name, content] of Object.entries(SECRETS)) {
          expect(readFileSync(join(top, "secret", name), "utf8")).toBe(content);
        }
      }),
      25,
    );
  });
});
