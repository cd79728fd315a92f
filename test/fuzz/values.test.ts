/**
 * Whatever text stands in a fleet, it is refused or it is data: each string of real fleets is changed to
 * a harmless word and to something hostile, and what is emitted for the two differs in that text alone,
 * as Nix, shells and a Markdown parser read it.
 */
import fc from "fast-check";
import MarkdownIt from "markdown-it";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { parse, stringify, type TomlTable, type TomlValue } from "smol-toml";
import { describe, expect, it } from "vitest";
import { evaluateFile, FLEETS, sharedFolder } from "../generate/support.ts";
import { runCli } from "../support/cli.ts";
import { type Files, writeFiles } from "../support/fleet.ts";
import { holdsForAll } from "../support/fuzz.ts";
import { CANARY, HOSTILE } from "../support/hostile.ts";
import { lacks } from "../support/tools.ts";
import { RULES_OFF } from "./mutations.ts";

/** A word that means nothing to anybody. */
const WORD = "xwordx";

const folder = sharedFolder();

/** The inventory and the definitions of a fleet, by file. */
type Documents = Readonly<Record<string, TomlTable>>;

function readDocuments(files: Files): Documents {
  return Object.fromEntries(
    Object.entries(files).map(([name, text]) => [
      name,
      parse(name === "nixgen.toml" ? `${String(text)}${RULES_OFF}` : String(text)),
    ]),
  );
}

function exampleFiles(root: string): Files {
  const names = readdirSync(root, { recursive: true, encoding: "utf8" });
  return Object.fromEntries(
    names
      .filter((name) => name.endsWith(".toml"))
      .map((name) => [name, readFileSync(join(root, name), "utf8")]),
  );
}

const DOCUMENTS: readonly Documents[] = [
  readDocuments(FLEETS.everything),
  readDocuments(exampleFiles("examples/metacircular")),
];

/** Where a string is: the steps from the documents to it. */
type Steps = readonly (string | number)[];

function stringsIn(value: TomlValue | Documents, steps: Steps = []): Steps[] {
  if (typeof value === "string") return [steps];
  if (typeof value !== "object") return [];
  return Object.entries(value)
    .filter(([key]) => key !== "lint")
    .flatMap(([key, inner]: [string, TomlValue]) =>
      stringsIn(inner, [...steps, Array.isArray(value) ? Number(key) : key]),
    );
}

function changed<T>(value: T, [step, ...rest]: Steps, change: (text: string) => string): T {
  if (step === undefined) return change(value as string) as T;
  const copy = structuredClone(value) as Record<string | number, unknown>;
  copy[step] = changed(copy[step], rest, change);
  return copy as T;
}

/** A string of a fleet, and what becomes of it. */
interface Sample {
  readonly documents: Documents;
  readonly steps: Steps;
  readonly value: string;
  readonly change: (text: string, value: string) => string;
}

const CHANGES: readonly Sample["change"][] = [
  (_, value) => value,
  (text, value) => text + value,
  (text, value) => value + text,
];

const samples: fc.Arbitrary<Sample> = fc
  .constantFrom(...DOCUMENTS)
  .chain((documents) =>
    fc.record({
      documents: fc.constant(documents),
      steps: fc.constantFrom(...stringsIn(documents)),
      value: fc.constantFrom(...HOSTILE),
      change: fc.constantFrom(...CHANGES),
    }),
  )
  // In a path or a port these are no part of a name, but what divides it.
  .filter(
    ({ steps, value }) =>
      !(/^(?:volumes|ports)$/.test(String(steps.at(-2))) && /[/:]|^\.+$/.test(value)),
  )
  // Variables are named after routes, in capitals.
  .filter(({ steps }) => steps.at(-3) !== "routes");

/** What is emitted for a fleet, and the commands that start its containers. */
interface Built {
  readonly out: string;
  readonly podman: string;
  readonly argv: readonly (readonly string[])[];
}

/** Builds a fleet; undefined where it is refused, which must have been said. */
async function build(documents: Documents): Promise<Built | undefined> {
  const root = mkdtempSync(join(folder, "fleet-"));
  writeFiles(
    Object.fromEntries(
      Object.entries(documents).map(([name, document]) => [name, stringify(document)]),
    ),
    root,
  );
  const out = join(root, "out");
  // The commands are there for hosts of other kinds as well, so they may be refused by themselves.
  const runs = [
    await runCli(root, ["build", "--out", out]),
    await runCli(root, ["podman"]),
    await runCli(root, ["podman", "--json"]),
  ];
  const refused = runs.find(({ status }) => status !== 0);
  if (refused !== undefined) {
    expect(refused.status, refused.stderr).toBe(2);
    expect(refused.stderr).toMatch(/--> [^\n]+:[0-9]+:[0-9]+\n|^nixgen: ./m);
    return undefined;
  }
  const [, podman = "", json = ""] = runs.map(({ stdout }) => stdout);
  const argv = (JSON.parse(json) as { argv: string[] }[]).map((entry) => entry.argv);
  return { out, podman, argv };
}

/** Calls a program for each word of a command, and keeps the words. */
const RECORD = `#!/bin/sh
printf '%s\\0' podman "$@" >"$LOG/$$"
`;
const programs = join(folder, "programs");
mkdirSync(programs);
writeFileSync(join(programs, "podman"), RECORD);
chmodSync(join(programs, "podman"), 0o755);

/** A program with its first arguments. */
type Shell = readonly [string, ...string[]];

const SHELLS: readonly Shell[] = [["bash"], ["dash"], ["busybox", "sh"]];

/**
 * What a script calls: the words of each command that is no builtin, in no order, for the parts of a
 * pipe have none.
 */
function calls(script: string, [program, ...argv]: Shell = ["bash"]): string[][] {
  const place = mkdtempSync(join(folder, "calls-"));
  const log = join(place, "log");
  mkdirSync(log);
  // Every program is missing, and succeeds; the number is a process's, where one is asked for.
  const head =
    program === "bash"
      ? `command_not_found_handle() { printf '%s\\0' "$@" >"$LOG/$BASHPID"; printf 1; }\nPATH=/nonexistent\n`
      : "";
  writeFileSync(join(place, "script"), head + script);
  const { status, stderr, signal } = spawnSync(program, [...argv, join(place, "script")], {
    cwd: place,
    encoding: "utf8",
    env: { LOG: log, PATH: `${programs}:${process.env["PATH"] ?? ""}` },
    timeout: 20_000,
  });
  expect({ status, stderr, signal, script }).toMatchObject({ status: 0, stderr: "", signal: null });
  expect(readdirSync(place)).not.toContain(CANARY);
  const found = readdirSync(log).map((name) =>
    readFileSync(join(log, name), "utf8").split("\0").slice(0, -1),
  );
  rmSync(place, { recursive: true });
  return inOrder(found);
}

function inOrder<T>(items: readonly T[]): T[] {
  const texts = new Map(items.map((item) => [item, JSON.stringify(item)]));
  return [...items].sort((a, b) => ((texts.get(a) ?? "") < (texts.get(b) ?? "") ? -1 : 1));
}

/** The same with the hostile text in the place of the harmless word. */
function put<T>(value: T, text: string): T {
  if (typeof value === "string") return value.replaceAll(WORD, () => text) as T;
  if (Array.isArray(value)) return value.map((inner: unknown) => put(inner, text)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [put(key, text), put(inner as unknown, text)]),
  ) as T;
}

/** A host's modules as Nix evaluates them, but for what is shell or lines of tmpfiles.d. */
interface Evaluated {
  readonly modules: unknown;
  readonly scripts: readonly string[];
  readonly directories: readonly string[];
}

const EVALUATE = `
  host = folder:
    let
      args = { inherit config pkgs lib; };
      config = {
        virtualisation.podman.package = "podman";
        environment.etc = builtins.mapAttrs (file: _: { source = file; })
          ((import (folder + "/resolvers.nix") args).environment.etc or { });
      };
      pkgs = { dnsutils = "dnsutils"; curl = "curl"; grpc-health-probe = "grpc-health-probe"; runtimeShell = "bash"; };
      lib = { mkForce = value: value; mkDefault = value: value; mkOverride = _: value: value; mkBefore = value: value; };
      each = file: import (folder + "/\${file}.nix") args;
      boot = each "boot";
      users = each "users";
      services = boot.systemd.services or { };
      units = builtins.attrValues services;
    in {
      modules = {
        containers = each "containers";
        resolvers = each "resolvers";
        users = users.users;
        boot = boot.boot or { };
        targets = boot.systemd.targets or { };
        services = builtins.mapAttrs (name: unit: removeAttrs unit [ "script" ]) services;
      };
      scripts = map (unit: unit.script) (builtins.filter (unit: unit ? script) units);
      directories = boot.systemd.tmpfiles.rules or [ ];
    };
`;

/** All modules below these folders, at once. */
function evaluateAll(outs: readonly string[]): Evaluated[][] {
  const script = join(folder, "evaluate.nix");
  const list = outs.map(
    (out) =>
      `(map host [ ${hostsIn(out)
        .map((host) => join(out, host))
        .join(" ")} ])`,
  );
  writeFileSync(script, `let ${EVALUATE} in [\n${list.join("\n")}\n]`);
  return evaluateFile(script) as Evaluated[][];
}

function hostsIn(out: string): string[] {
  return readdirSync(out, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/** The path of a line of tmpfiles.d, as systemd reads it. */
function directoryOf(line: string): string {
  const quoted =
    /^d ("(?:[^"\\]|\\["\\])*"|[^\s"\\]+) :0750 :pod :pod -$|^d ("(?:[^"\\]|\\["\\])*"|[^\s"\\]+) :0750 :(\S+) :\3 -$/.exec(
      line,
    );
  const field = quoted?.[1] ?? quoted?.[2];
  expect(field, line).toBeDefined();
  const text = (field ?? "").replace(/^"(.*)"$/s, (_, inner: string) =>
    inner.replaceAll(/\\(.)/g, "$1"),
  );
  expect(text.replaceAll("%%", "")).not.toContain("%");
  return text.replaceAll("%%", "%");
}

/** What host-check.sh compares its host with. */
function checkCalls(script: string): string[][] {
  const [data = ""] = script.split("\nset +e");
  return calls(`${data}
variables "$HOST" "$POD_USER" "$POD_UID" "$POD_GROUP" "$POD_GID" "$POD_HOME" "$POD_STORAGE" "$POD_SUB_IDS"
for directory in "\${DIRECTORIES[@]}"; do directory "$directory"; done
:`);
}

/** The part of recover.sh that differs between hosts, with what it defines as calls. */
function recoveryCalls(script: string): string[][] {
  const [data = ""] = script.split("\n# ---- How it is done");
  return calls(`${data}
containers
variables "$HOST" "$POD_USER" "$POD_UID" "$POD_GID" "$POD_HOME" "$POD_SUB_IDS"
for directory in "\${DIRECTORIES[@]}"; do directory "$directory"; done
for network in "\${NETWORKS[@]}"; do network "$network"; done
for healthy in $(compgen -A function healthy_); do "$healthy"; done
:`);
}

const markdown = new MarkdownIt({ html: true, linkify: true });

/** What stands between blocks of code, with what it means, and the blocks. */
function readMarkdown(text: string): {
  rest: unknown[];
  code: { info: string; content: string }[];
} {
  const tokens = markdown.parse(text, {}).flatMap((token) => [token, ...(token.children ?? [])]);
  return {
    rest: tokens.map(({ type, tag, info, content, attrs }) =>
      type === "fence" ? info : [type, tag, content, attrs],
    ),
    code: tokens
      .filter(({ type }) => type === "fence")
      .map(({ info, content }) => ({ info, content })),
  };
}

function compareRunbooks(harmless: string, hostile: string, value: string): void {
  const [before, after] = [readMarkdown(harmless), readMarkdown(hostile)];
  expect(after.rest).toEqual(put(before.rest, value));
  for (const [index, { info, content }] of before.code.entries()) {
    const other = after.code[index]?.content ?? "";
    if (!content.includes(WORD)) expect(other).toBe(content);
    else if (info === "sh") expect(calls(other)).toEqual(inOrder(put(calls(content), value)));
    else if (info !== "text") expect(other).toBe(put(content, value));
  }
}

function compare(
  harmless: Built,
  hostile: Built,
  value: string,
  evaluated: readonly Evaluated[][],
): void {
  const [before = [], after = []] = evaluated;
  expect(hostsIn(hostile.out)).toEqual(hostsIn(harmless.out));
  for (const [index, expected] of before.entries()) {
    const found = after[index];
    if (found === undefined) throw new Error("a host is missing");
    expect(found.modules).toEqual(put(expected.modules, value));
    // systemd would read specifiers and quotes in units: they hold names alone.
    const { services } = expected.modules as { services: unknown };
    if (!/^[\w.-]*$/.test(value)) expect(JSON.stringify(services)).not.toContain(WORD);
    expect(found.scripts.map((script) => calls(script))).toEqual(
      expected.scripts.map((script) => inOrder(put(calls(script), value))),
    );
    expect(inOrder(found.directories.map(directoryOf))).toEqual(
      inOrder(put(expected.directories.map(directoryOf), value)),
    );
  }
  for (const host of hostsIn(harmless.out)) {
    const read = ({ out }: Built, name: string): string =>
      readFileSync(join(out, host, name), "utf8");
    compareRunbooks(read(harmless, "RUNBOOK.md"), read(hostile, "RUNBOOK.md"), value);
    expect(checkCalls(read(hostile, "host-check.sh"))).toEqual(
      inOrder(put(checkCalls(read(harmless, "host-check.sh")), value)),
    );
    expect(recoveryCalls(read(hostile, "recover.sh"))).toEqual(
      inOrder(put(recoveryCalls(read(harmless, "recover.sh")), value)),
    );
  }
  expect(hostile.argv).toEqual(put(harmless.argv, value));
  for (const shell of SHELLS) {
    const made = calls(hostile.podman, shell).filter(([, what]) => what === "run");
    expect(made).toEqual(inOrder(hostile.argv));
  }
}

describe.skipIf(["nix-instantiate", "dash", "busybox"].some(lacks))("any string of a fleet", () => {
  it("is refused, or is data in all that is emitted", async () => {
    await holdsForAll(samples, 20, async (batch) => {
      const pairs: { sample: Sample; harmless: Built; hostile: Built }[] = [];
      for (const sample of batch) {
        const { documents, steps, value, change } = sample;
        const hostile = await build(changed(documents, steps, (text) => change(text, value)));
        if (hostile === undefined) continue;
        const harmless = await build(changed(documents, steps, (text) => change(text, WORD)));
        if (harmless !== undefined) pairs.push({ sample, harmless, hostile });
      }
      expect(pairs.length).toBeGreaterThan(batch.length / 10);
      const evaluated = evaluateAll(
        pairs.flatMap(({ harmless, hostile }) => [harmless.out, hostile.out]),
      );
      for (const [index, { sample, harmless, hostile }] of pairs.entries()) {
        const { steps, value, change } = sample;
        try {
          compare(harmless, hostile, value, evaluated.slice(2 * index, 2 * index + 2));
        } catch (error) {
          const what = `${steps.join(".")}: ${JSON.stringify(change("…", value)).slice(0, 200)}`;
          throw new Error(what, { cause: error });
        }
        rmSync(join(harmless.out, ".."), { recursive: true });
        rmSync(join(hostile.out, ".."), { recursive: true });
      }
    });
  });
});
