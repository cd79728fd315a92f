/** The baseline: what is written, what it accepts, and what is wrong with it. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EXIT } from "../../src/cli/io.ts";
import { runCli } from "../support/cli.ts";
import { type Files, inventory, problemsOf, writeFiles } from "../support/fleet.ts";

const BASELINE = "nixgen.baseline.json";

/** Two services on alpha with two images each that have no tag: two pairs of equal messages. */
function services(): Record<string, string> {
  const component = (name: string): string =>
    `[[components]]\nname = "${name}"\nimage = "registry.example/${name}:v1"\nports = ["192.168.1.99:80${name.length}0:80"]\n`;
  return {
    "services/web.toml": `name = "web"\nnode = "alpha"\n${component("a")}${component("bb")}`,
  };
}

/** A fleet with errors and warnings. */
function messy(): Record<string, string> {
  return {
    "nixgen.toml": inventory().replace('"1.1.1.1", "8.8.8.8"', '"1.1.1.1"'),
    ...services(),
  };
}

interface Json {
  readonly findings: readonly {
    readonly rule: string;
    readonly message: string;
    readonly suppression?: { readonly kind: string };
  }[];
}

/** What lint says: "rule", or "(rule)" where the baseline has it. */
async function lintIn(folder: string, argv: readonly string[] = []): Promise<string[]> {
  const { stdout } = await runCli(folder, ["lint", "--format", "json", ...argv]);
  return (JSON.parse(stdout) as Json).findings.map(({ rule, suppression }) =>
    suppression?.kind === "baseline" ? `(${rule})` : rule,
  );
}

describe("--write-baseline", () => {
  it("accepts all that is found, and only that, whatever lines it moves to", async () => {
    const folder = writeFiles(messy());
    const before = await lintIn(folder);
    expect(before).toContain("dns-single-resolver");
    expect(before).toContain("unknown-bind-address");
    expect((await runCli(folder, ["lint"])).status).toBe(EXIT.findings);

    const written = await runCli(folder, ["lint", "--write-baseline", "--fail-on", "info"]);
    expect(written).toEqual({
      status: EXIT.ok,
      stdout: `no findings, ${before.length} suppressed\n`,
      stderr: `${BASELINE}: ${before.length} findings accepted\n`,
    });
    expect(await lintIn(folder)).toEqual(before.map((rule) => `(${rule})`));

    const moved = Object.fromEntries(
      Object.entries(messy()).map(([path, text]) => [path, `# a line\n\n${text}`]),
    );
    writeFiles(moved, folder);
    expect(await lintIn(folder)).toEqual(before.map((rule) => `(${rule})`));

    const text = (moved["nixgen.toml"] ?? "").replace("uid = 850", "uid = 0");
    writeFiles({ "nixgen.toml": text }, folder);
    expect((await runCli(folder, ["lint"])).status).toBe(EXIT.findings);
    expect((await lintIn(folder)).filter((rule) => !rule.startsWith("("))).toEqual([
      "uid-collision",
    ]);
  });

  it("lets build go on, which what is new still stops", async () => {
    const folder = writeFiles(messy());
    expect((await runCli(folder, ["build"])).status).toBe(EXIT.findings);
    await runCli(folder, ["lint", "--write-baseline"]);
    expect((await runCli(folder, ["build", "--baseline", "none.json"])).status).toBe(EXIT.usage);
    expect(await runCli(folder, ["build"])).toMatchObject({ status: EXIT.ok, stderr: "" });
  });

  it("has an entry in a line, in an order that nothing but the findings decides", async () => {
    const folder = writeFiles(messy());
    await runCli(folder, ["lint", "--write-baseline"]);
    const text = readFileSync(join(folder, BASELINE), "utf8");
    const lines = text.split("\n").slice(3, -3);
    expect(text).toBe(`{\n  "version": 1,\n  "findings": [\n${lines.join("\n")}\n  ]\n}\n`);
    const keys = lines.map((line) => {
      const entry = JSON.parse(line.replace(/,$/, "")) as Record<string, string>;
      return [entry["file"], entry["rule"], entry["message"]].join(" ");
    });
    expect(keys.length).toBeGreaterThan(2);
    expect(keys).toEqual([...keys].sort());
    await runCli(folder, ["lint", "--write-baseline"]);
    expect(readFileSync(join(folder, BASELINE), "utf8")).toBe(text);
  });

  it("leaves out what is ignored, what must not be silenced, and what is about ignores", async () => {
    const files: Files = {
      "nixgen.toml": inventory(
        '[lint.rules]\nno-such-rule = "off"\n# nixgen: ignore[dns-unsplit]\n',
      ).replace(
        'public = ["1.1.1.1", "8.8.8.8"]',
        'public = ["1.1.1.1"] # nixgen: ignore[dns-single-resolver] why',
      ),
      "nixgen.lock": 'version = 1\n[uids]\n"pod@alpha" = 900\n',
    };
    const folder = writeFiles(files);
    const { stderr, status } = await runCli(folder, ["lint", "--write-baseline"]);
    expect({ stderr, status }).toEqual({
      stderr: `${BASELINE}: 0 findings accepted\n`,
      status: EXIT.findings,
    });
    expect(readFileSync(join(folder, BASELINE), "utf8")).toBe(
      '{\n  "version": 1,\n  "findings": []\n}\n',
    );
    expect((await lintIn(folder)).sort()).toEqual([
      "dns-single-resolver",
      "ignore-without-reason",
      "uid-changed",
      "unknown-rule",
    ]);
  });

  it("writes another file with --baseline, from any folder", async () => {
    const folder = writeFiles({ ...messy(), "sub/x": "" });
    const argv = ["--baseline", "accepted.json"];
    const missing = await runCli(join(folder, "sub"), ["lint", ...argv]);
    expect(missing.status).toBe(EXIT.usage);
    expect(missing.stderr).toBe(
      "nixgen: accepted.json does not exist\nWrite it with nixgen lint --write-baseline --baseline accepted.json.\n",
    );
    const { stderr } = await runCli(join(folder, "sub"), ["lint", "--write-baseline", ...argv]);
    expect(stderr).toMatch(/^accepted\.json: \d+ findings accepted\n$/);
    expect((await runCli(join(folder, "sub"), ["lint", ...argv])).status).toBe(EXIT.ok);
    expect((await runCli(folder, ["lint"])).status).toBe(EXIT.findings);
  });

  it("is a file, for it is read again; /dev/null is none to be read", async () => {
    const folder = writeFiles(messy());
    const { stdout } = await runCli(folder, ["lint"]);
    for (const baseline of [".", "/dev/null"]) {
      const run = await runCli(folder, ["lint", "--write-baseline", "--baseline", baseline]);
      expect(run).toEqual({
        status: EXIT.usage,
        stdout: "",
        stderr: `nixgen: ${baseline} is not a regular file\nEvery later run reads the baseline: name a file for it.\n`,
      });
    }
    await runCli(folder, ["lint", "--write-baseline"]);
    expect((await runCli(folder, ["lint"])).stdout).not.toBe(stdout);
    const without = await runCli(folder, ["lint", "--baseline", "/dev/null"]);
    expect(without).toMatchObject({ status: EXIT.findings, stdout });
    const build = await runCli(folder, ["build", "--baseline", "/dev/null"]);
    expect(build.status).toBe(EXIT.findings);
  });

  it("is of all rules", async () => {
    const { status, stderr } = await runCli(writeFiles(messy()), [
      "lint",
      "--write-baseline",
      "--rule",
      "uid-collision",
    ]);
    expect(status).toBe(EXIT.usage);
    expect(stderr).toMatch(/^nixgen: a baseline is of all rules, not of some\n/);
  });

  it("writes nothing for a fleet that cannot be read", async () => {
    const folder = writeFiles({ "nixgen.toml": "[" });
    expect((await runCli(folder, ["lint", "--write-baseline"])).status).toBe(EXIT.usage);
    expect(() => readFileSync(join(folder, BASELINE))).toThrow("ENOENT");
  });
});

describe("a baseline", () => {
  it("takes as many findings as it counts", async () => {
    const folder = writeFiles({
      "nixgen.toml": inventory(),
      "services/a.toml":
        'name = "a"\nnode = "alpha"\n[[components]]\nname = "a"\nimage = "a:v1"\ndepends_on = ["gone"]\n[[components]]\nname = "b"\nimage = "a:v1"\ndepends_on = ["gone", "gone"]\n',
    });
    await runCli(folder, ["lint", "--write-baseline"]);
    const path = join(folder, BASELINE);
    const text = readFileSync(path, "utf8");
    const counted = (JSON.parse(text) as { findings: { rule: string; count?: number }[] }).findings;
    const [twice] = counted.filter(({ count }) => count !== undefined);
    expect(twice).toMatchObject({ rule: "unknown-service", count: 2 });
    const kept = async (count: number): Promise<string[]> => {
      writeFileSync(path, text.replace('"count": 2', `"count": ${count}`));
      return (await lintIn(folder)).filter((rule) => !rule.startsWith("("));
    };
    expect(await kept(2)).toEqual([]);
    expect(await kept(1)).toEqual(["unknown-service"]);
    expect(await kept(3)).toEqual(["stale-baseline"]);
  });

  const DAMAGED: readonly [string, string, string, string][] = [
    ["no JSON", '{ "version": 1,', "syntax", "the text ends before this is complete"],
    ["no object", "[]", "schema", "the file must be a table, but is an array"],
    [
      "another version",
      '{"version": 2, "findings": []}',
      "schema",
      "nixgen.baseline.json has format 2",
    ],
    [
      "an unknown key",
      '{"version": 1, "findings": [{"rule": "x", "file": "f", "message": "m", "line": 3}]}',
      "unknown-key",
      "unknown key findings[0].line",
    ],
    [
      "a count of nothing",
      '{"version": 1, "findings": [{"rule": "x", "file": "f", "message": "m", "count": 0}]}',
      "schema",
      "findings[0].count must be at least 1, but is 0",
    ],
    [
      "a merge conflict",
      '{"version": 1,\n"findings": [\n<<<<<<< HEAD\n=======\n>>>>>>> x\n]}',
      "syntax",
      "nixgen.baseline.json has the markers of an unresolved merge conflict",
    ],
  ];

  it.each(DAMAGED)("that is damaged is located: %s", async (_, text, rule, message) => {
    const files = { "nixgen.toml": inventory(), [BASELINE]: text };
    const problems = await problemsOf(files);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ rule, location: { file: BASELINE } });
    expect(problems[0]?.message).toContain(message);
    const folder = writeFiles(files);
    expect((await runCli(folder, ["lint"])).status).toBe(EXIT.usage);
    // It can always be written anew.
    expect((await runCli(folder, ["lint", "--write-baseline"])).status).toBe(EXIT.ok);
    expect((await runCli(folder, ["lint"])).status).toBe(EXIT.ok);
  });
});
