/** `nixgen explain` and `nixgen rules`. */
import { describe, expect, it } from "vitest";
import { EXIT } from "../../src/cli/io.ts";
import { ruleDocs } from "../../src/generated/rule-docs.js";
import { rules } from "../../src/lint/rules/index.ts";
import { runCli } from "../support/cli.ts";

const PROBLEMS = ["schema", "syntax", "unknown-key", "unreadable"];

describe("explain", () => {
  it("shows what there is to know of a rule", async () => {
    const { status, stdout, stderr } = await runCli("/", ["explain", "dns-no-fallback"]);
    expect({ status, stderr }).toEqual({ status: EXIT.ok, stderr: "" });
    expect(stdout).toMatchInlineSnapshot(`
      "dns-no-fallback
        severity  error
        group     dns
        fix       nixgen lint --fix
        run by    nixgen lint

      Every resolver of a host is served by the fleet itself.

      When the fleet's DNS container is down, no name resolves any more, not even
      those that are needed to bring it back: the registry's, the time server's. In
      the incident every host resolved names through MCNS alone, and google.com was
      NXDOMAIN on all of them (root cause 4).

      Ignore it where a host must not resolve names outside of the fleet at all.

      Wrong: nixgen.toml

          [dns]
          zones = ["svc.example.org"]
          service = "ns"
          public = []

      Wrong: services/ns.toml

          name = "ns"
          node = "alpha"

          [[components]]
          name = "ns"
          image = "registry.example/ns:v1.0.0"
          ports = ["192.168.1.10:53:53/udp", "100.64.0.10:53:53/udp"]

      Right: nixgen.toml

          [dns]
          zones = ["svc.example.org"]
          service = "ns"
          public = ["1.1.1.1", "8.8.8.8"]

      Right: services/ns.toml

          name = "ns"
          node = "alpha"

          [[components]]
          name = "ns"
          image = "registry.example/ns:v1.0.0"
          ports = ["192.168.1.10:53:53/udp", "100.64.0.10:53:53/udp"]

      https://github.com/metacircular/nixgen/blob/v0.1.0/docs/rules.md#dns-no-fallback
      "
    `);
  });

  it.each([...rules.map(({ id }) => id), ...PROBLEMS])("%s fits a terminal", async (id) => {
    const { status, stdout } = await runCli("/", ["explain", id]);
    expect(status).toBe(EXIT.ok);
    expect(stdout.startsWith(`${id}\n`)).toBe(true);
    const [text = ""] = stdout.split(/^Wrong: |^https:/m);
    for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
    const words = (prose: string): string => prose.split(/\s+/).join(" ");
    expect(words(stdout)).toContain(words(ruleDocs[id]?.text ?? "?"));
  });

  it("has all of it for programs, too", async () => {
    const { stdout } = await runCli("/", ["explain", "--json", "uid-changed"]);
    expect(JSON.parse(stdout)).toEqual({
      version: 1,
      rule: {
        id: "uid-changed",
        group: "identity",
        severity: "error",
        summary: "the container user's uid differs from the one it had",
        fixable: expect.any(Boolean) as boolean,
        suppressible: false,
        audit: rules.find(({ id }) => id === "uid-changed")?.audit,
        url: expect.stringMatching(/^https:.*#uid-changed$/) as string,
        ...ruleDocs["uid-changed"],
      },
    });
  });

  it("is bold where there is colour", async () => {
    const { stdout } = await runCli("/", ["explain", "schema"], { FORCE_COLOR: "1" });
    expect(stdout).toMatch(/^\u001B\[1mschema\u001B\[22m\n/);
  });

  it.each([
    [[], "which rule is to be explained?\nnixgen rules lists all of them.\n"],
    [["uid-colision"], 'there is no rule "uid-colision"\nDid you mean "uid-collision"?\n'],
    [["unknown_key"], 'there is no rule "unknown_key"\nDid you mean "unknown-key"?\n'],
    [["xyzzy"], 'there is no rule "xyzzy"\nnixgen rules lists all of them.\n'],
    [["constructor"], 'there is no rule "constructor"\nnixgen rules lists all of them.\n'],
    [["schema", "syntax"], 'nixgen explain takes one rule, not "syntax" as well\n'],
  ])("cannot explain %j", async (argv, message) => {
    expect(await runCli("/", ["explain", ...argv])).toEqual({
      status: EXIT.usage,
      stdout: "",
      stderr: `nixgen: ${message}`,
    });
  });
});

describe("rules", () => {
  it("is a table of all that can be found", async () => {
    const { status, stdout } = await runCli("/", ["rules"]);
    expect(status).toBe(EXIT.ok);
    const [head, ...rows] = stdout.trimEnd().split("\n");
    expect(head).toMatch(/^rule +severity +group +found where$/);
    expect(rows.length).toBe(rules.length + PROBLEMS.length);
    const column = head?.indexOf("found where");
    for (const { id, summary } of rules) {
      const row = rows.find((line) => line.startsWith(`${id} `));
      expect(row?.slice(column)).toBe(summary);
    }
  });

  it("has all of it for programs, too", async () => {
    const { stdout } = await runCli("/", ["rules", "--json"]);
    const report = JSON.parse(stdout) as { version: number; rules: { id: string }[] };
    expect(report.version).toBe(1);
    expect(report.rules.map(({ id }) => id).sort()).toEqual(
      [...rules.map(({ id }) => id), ...PROBLEMS].sort(),
    );
  });

  it("takes no argument", async () => {
    expect((await runCli("/", ["rules", "dns"])).status).toBe(EXIT.usage);
  });
});
