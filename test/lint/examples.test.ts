/** The two reference fleets: the one of the incident, and the one after it. */
import { compareText } from "../../src/text/order.ts";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Finding } from "../../src/finding/finding.ts";
import { loadFleet } from "../../src/fleet/load.ts";
import { lint } from "../../src/lint/engine.ts";
import { type Files, inventory, lintFiles, loadFiles } from "../support/fleet.ts";
import { placeOf } from "./marks.ts";

const SERVICES = ["mc-proxy", "mcdoc", "mcns", "mcp-master", "mcq", "mcr", "metacrypt"];

async function example(name: string): Promise<Finding[]> {
  const { fleet } = await loadFleet(join(process.cwd(), "examples", name, "nixgen.toml"));
  if (fleet === undefined) throw new Error(`${name} does not load`);
  return lint(fleet);
}

/** The example's files, so that a test can change them. */
function filesOf(name: string): Record<string, string> {
  const paths = [
    "nixgen.toml",
    "facts/orion.json",
    ...SERVICES.map((service) => `services/${service}.toml`),
  ];
  return Object.fromEntries(
    paths.map((path) => [path, readFileSync(join("examples", name, path), "utf8")]),
  );
}

describe("the fleet of the incident", () => {
  it("has both places of the uid that mcp and sshd share on orion", async () => {
    const [finding, ...more] = (await example("incident")).filter(
      ({ rule }) => rule === "uid-collision",
    );
    expect(more).toEqual([]);
    expect(finding).toMatchObject({
      severity: "error",
      message: "uid 995 on orion belongs to sshd, but is pinned for user mcp",
    });
    expect(finding && [finding.location, ...finding.related].map(placeOf)).toEqual([
      "nixgen.toml:12:16",
      "facts/orion.json:10:30",
    ]);
  });

  it("has all that its README lists, and nothing else", async () => {
    const findings = await example("incident");
    const summary = findings.map(({ rule, severity, message }) => [rule, severity, message]);
    expect(summary.filter(([, severity]) => severity === "error")).toEqual([
      ["uid-collision", "error", "uid 995 on orion belongs to sshd, but is pinned for user mcp"],
      [
        "dns-no-fallback",
        "error",
        "every name on orion and rift is resolved through mcns (192.168.88.181, 100.95.252.120) and nothing else",
      ],
      [
        "dns-unsplit",
        "error",
        "resolved cannot keep internal and public names apart on orion and rift: NixOS 25.11 reads no dns-delegate files",
      ],
      [
        "single-address-binding",
        "error",
        "the agent of rift listens on 100.95.252.120 only (port 9444/tcp), and rift has 2 addresses",
      ],
      [
        "single-address-binding",
        "error",
        "the agent of orion listens on 100.64.0.12 only (port 9444/tcp), and orion has 2 addresses",
      ],
    ]);
    expect(summary.filter(([, severity]) => severity !== "error")).toEqual([
      [
        "uid-in-allocation-path",
        "warning",
        "uid 995 is pinned for user mcp, but NixOS gives 999 and below to system users and groups, and there are no facts of rift",
      ],
      [
        "uid-in-allocation-path",
        "warning",
        "gid 988 is pinned for group mcp, but NixOS gives 999 and below to system users and groups, and there are no facts of rift",
      ],
      [
        "uid-in-allocation-path",
        "warning",
        "gid 988 is pinned for group mcp, but is the 9th that orion hands out next (997, 996, 995, 994, …), and orion does not have mcp yet",
      ],
      [
        "subid-in-allocation-path",
        "warning",
        "the subordinate ids of mcp on orion, rift are 100000 to 165535, but NixOS and useradd give 100000 to 524287 to normal users as subordinate ids, and no facts show that mcp has them",
      ],
      [
        "boot-unstaged",
        "warning",
        "there is no boot sequence: nothing orders the start of mc-proxy, mcdoc, mcns, mcp-master, mcq, mcr and metacrypt",
      ],
    ]);
  });

  it("must not get the fix that was chosen: from 995 to 850, once 995 is locked", async () => {
    const files = filesOf("incident");
    const findings = await lintFiles({
      ...files,
      "nixgen.toml": (files["nixgen.toml"] ?? "").replace("= 995", "= 850"),
      "nixgen.lock": 'version = 1\n[uids]\n"mcp@orion" = 995\n"mcp@rift" = 995\n',
    });
    const changed = findings.filter(({ rule }) => rule === "uid-changed");
    expect(changed.map(({ message }) => message)).toEqual([
      "user mcp on orion was locked to uid 995, which must not become 850",
      "user mcp on rift was locked to uid 995, which must not become 850",
    ]);
    expect(changed[0]?.help).toContain("give that user another uid");
    expect(changed[0]?.help).toContain("[[nodes]] user = { uid = 995 }");
    expect(changed[0]?.related.map(placeOf)).toEqual(["nixgen.lock:3:15"]);
  });

  it("may get the fix that is safe: a uid of orion's own, where mcp never ran", async () => {
    const files = filesOf("incident");
    const findings = await lintFiles({
      ...files,
      "nixgen.toml": (files["nixgen.toml"] ?? "").replace(
        'name          = "orion"',
        'name          = "orion"\nuser = { uid = 850, gid = 988 }',
      ),
      "nixgen.lock": 'version = 1\n[uids]\n"mcp@rift" = 995\n',
    });
    const ids = findings.filter(({ rule }) => rule.startsWith("uid-"));
    expect(ids.filter(({ severity }) => severity === "error")).toEqual([]);
  });
});

describe("the fleet after the incident", () => {
  it("has no error", async () => {
    const findings = await example("metacircular");
    expect(findings.map(({ rule, severity }) => `${severity} ${rule}`).sort()).toEqual([
      "info boot-unstaged",
      "info boot-unstaged",
      "warning health-unprobeable",
      "warning health-unprobeable",
      "warning subid-in-allocation-path",
    ]);
  });
});

describe("the order of the input", () => {
  /** Findings without their places, as a set. */
  async function said(files: Files): Promise<string[]> {
    const findings = await lintFiles(files);
    return findings
      .map((finding) => {
        const related = finding.related.map(({ message }) => message).sort(compareText);
        return JSON.stringify([finding.rule, finding.message, finding.help, related]);
      })
      .sort(compareText);
  }

  it("of the tables makes no difference", async () => {
    const files = filesOf("incident");
    const blocks = (files["nixgen.toml"] ?? "").split(/\n(?=\[)/);
    const turned = blocks.reverse().join("\n");
    expect(turned).not.toBe(files["nixgen.toml"]);
    expect(await said({ ...files, "nixgen.toml": turned })).toEqual(await said(files));
  });

  it("of the hosts makes no difference to what is said of several at once", async () => {
    const text = inventory().replace("uid = 850\ngid = 850\n", "");
    const [head = "", alpha = "", beta = ""] = text.split("[[nodes]]");
    const turned = [head, beta, alpha].join("[[nodes]]");
    expect(await said({ "nixgen.toml": turned })).toEqual(await said({ "nixgen.toml": text }));
  });

  it("of the files makes no difference, whatever they are called", async () => {
    const files = filesOf("incident");
    const renamed = Object.fromEntries(
      Object.entries(files).map(([path, text], index) => [
        path.replace(/services\/.*/, `services/${90 - index}.toml`),
        text,
      ]),
    );
    expect(await said(renamed)).toEqual(await said(files));
  });

  it("of the rules makes no difference to the findings", async () => {
    const { rules } = await import("../../src/lint/rules/index.ts");
    const fleet = await loadFiles(filesOf("incident"));
    expect(lint(fleet, { rules: [...rules].reverse() })).toEqual(lint(fleet, { rules }));
  });
});

describe("the engine", () => {
  it("orders by file, line and column, and says nothing twice", async () => {
    const findings = await example("incident");
    const keys = findings.map(({ location: { file, line, column }, rule }) =>
      [file, String(line).padStart(5), String(column).padStart(5), rule].join(" "),
    );
    expect(keys).toEqual([...keys].sort(compareText));
    const all = findings.map((finding) => JSON.stringify(finding));
    expect(new Set(all).size).toBe(all.length);
  });

  it("does not hide a rule that points to a file that was not read", async () => {
    const fleet = await loadFiles({ "nixgen.toml": inventory() });
    const report = { message: "m", help: "h", at: { file: "gone.toml", path: [] } };
    expect(() =>
      lint(fleet, {
        rules: [{ id: "x", group: "boot", severity: "info", summary: "s", check: () => [report] }],
      }),
    ).toThrow("a place is in gone.toml, which was not read");
  });
});
