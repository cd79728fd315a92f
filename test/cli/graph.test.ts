/** `nixgen graph`: what is drawn of which hosts, and when. */
import { describe, expect, it } from "vitest";
import { runCli } from "../support/cli.ts";
import { inventory, referenceFleet, writeFiles } from "../support/fleet.ts";

const BOOT = `
[registry]
host = "registry.example:5000"
service = "registry"

[[boot.sequence]]
name = "first"
services = ["ns", "db"]

[[boot.sequence]]
name = "second"
services = ["registry"]
on_failure = "block"

[[boot.sequence]]
name = "third"
services = ["web"]

[[nodes]]
name = "edge"
os = "debian"
role = "edge"
addresses = { lan = "192.168.1.12", vpn = "100.64.0.12" }

[[nodes]]
name = "idle"
os = "fedora"
role = "edge"
`;

/** Two stages on one host and two on another, a container in none, and one that depends on another host's. */
const SMALL = {
  "nixgen.toml": inventory(BOOT).replace("[dns]", '[dns]\nzones = ["example"]\nservice = "ns"'),
  "services/ns.toml": `
name = "ns"
node = "alpha"
[[components]]
name = "exporter"
image = "docker.io/example/exporter:1"
depends_on = ["ns"]
[[components]]
name = "ns"
image = "docker.io/example/ns:1"
ports = ["192.168.1.10:53:53/udp", "100.64.0.10:53:53/udp"]
`,
  "services/registry.toml": `
name = "registry"
node = "alpha"
[[components]]
name = "registry"
image = "docker.io/library/registry:2"
depends_on = ["ns/ns"]
`,
  "services/db.toml": `
name = "db"
node = "beta"
[[components]]
name = "db"
image = "registry.example:5000/db:1"
`,
  "services/web.toml": `
name = "web"
node = "beta"
[[components]]
name = "web"
image = "registry.example:5000/web:1"
depends_on = ["db", "ns/ns"]
`,
  "services/relay.toml": `
name = "relay"
node = "edge"
[[components]]
name = "relay"
image = "registry.example:5000/relay:1"
`,
  "services/old.toml": `
name = "old"
node = "idle"
active = false
[[components]]
name = "old"
image = "docker.io/example/old:1"
`,
};

describe("nixgen graph", () => {
  it("draws every host that has containers, and what depends on another host", async () => {
    const run = await runCli(writeFiles(SMALL), ["graph"]);
    expect(run.stdout).toMatchInlineSnapshot(`
      "flowchart TD
        subgraph h1["alpha"]
          direction TB
          subgraph h1s1["1. first"]
            h1c1["ns (DNS)"]
            h1c2["ns-exporter"]
          end
          subgraph h1s2["2. second"]
            h1c3["registry (registry)"]
          end
          h1s1 -->|only if healthy| h1s2
          h1c1 -.-> h1c2
          h1c1 -.-> h1c3
        end
        subgraph h2["beta"]
          direction TB
          subgraph h2s1["1. first"]
            h2c1["db"]
          end
          subgraph h2s2["2. third"]
            h2c2["web"]
          end
          h2s1 -->|only if healthy| h2s2
          h2c1 -.-> h2c2
        end
        subgraph h3["edge"]
          direction TB
          subgraph h3late["in no stage"]
            h3c1["relay"]
          end
        end
        h1c1 -.-> h2c2
      "
    `);
    expect(run.stderr).toBe("nixgen lint finds 1 error in this fleet\n");
    expect(run.status).toBe(0);
  });

  it("draws it for dot, with where names and images come from", async () => {
    const run = await runCli(writeFiles(SMALL), ["graph", "--format", "dot"]);
    expect(run.stdout).toMatchInlineSnapshot(`
      "digraph boot {
        label="Boot order of test"; labelloc=t;
        compound=true; newrank=true; nodesep=0.2; ranksep=0.25;
        graph [fontname="Helvetica,Arial,sans-serif", style=rounded, color=gray60];
        node [fontname="Helvetica,Arial,sans-serif", fontsize=12, shape=box, style=rounded, height=0.35];
        edge [fontname="Helvetica,Arial,sans-serif", fontsize=11, color=gray30];
        subgraph cluster_h1 {
          label="alpha\\nNixOS 25.11";
          subgraph cluster_h1s1 {
            label="1. first";
            h1c1 [label="ns (DNS)"];
            h1c2 [label="ns-exporter"];
          }
          subgraph cluster_h1s2 {
            label="2. second";
            h1c3 [label="registry (registry)"];
          }
          h1s2_after [label="only if healthy", shape=plaintext, fontsize=11, height=0.2];
          h1c2 -> h1s2_after [ltail=cluster_h1s1, arrowhead=none];
          h1s2_after -> h1c3 [lhead=cluster_h1s2];
          {h1c1} -> h1s2_after -> {} [style=invis];
        }
        h1c1 -> h1c2 [style=dashed];
        h1c1 -> h1c3 [style=dashed];
        subgraph cluster_h2 {
          label="beta\\nNixOS 25.11\\nnames from ns on alpha\\nimages from registry on alpha";
          subgraph cluster_h2s1 {
            label="1. first";
            h2c1 [label="db"];
          }
          subgraph cluster_h2s2 {
            label="2. third";
            h2c2 [label="web"];
          }
          h2s2_after [label="only if healthy", shape=plaintext, fontsize=11, height=0.2];
          h2c1 -> h2s2_after [ltail=cluster_h2s1, arrowhead=none];
          h2s2_after -> h2c2 [lhead=cluster_h2s2];
        }
        h2c1 -> h2c2 [style=dashed];
        subgraph cluster_h3 {
          label="edge\\ndebian: nothing is emitted for it\\nimages from registry on alpha";
          subgraph cluster_h3late {
            label="in no stage";
            h3c1 [label="relay"];
          }
        }
        h1c1 -> h2c2 [style=dashed];
      }
      "
    `);
  });

  it("draws a picture that needs nothing from elsewhere, the same one each time", async () => {
    const folder = writeFiles(SMALL);
    const { stdout } = await runCli(folder, ["graph", "--format", "svg"]);
    expect(stdout).toContain('<svg xmlns="http://www.w3.org/2000/svg"');
    expect(stdout).toContain("@media (prefers-color-scheme:dark)");
    expect(stdout.replace("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|<script|@import/);
    expect(stdout).toContain(
      "edge (debian: nothing is emitted for it, images from registry on alpha)",
    );
    expect((await runCli(folder, ["graph", "--format", "svg"])).stdout).toBe(stdout);
  });

  it.each([
    [["--host", "beta"], ["beta"]],
    [
      ["--host", "edge", "alpha"],
      ["alpha", "edge"],
    ],
    [
      ["--host", "edge", "--host", "idle"],
      ["edge", "idle"],
    ],
  ])("with %j draws these hosts alone", async (argv, hosts) => {
    const { stdout, status } = await runCli(writeFiles(SMALL), ["graph", ...argv]);
    const drawn = [...stdout.matchAll(/^ {2}subgraph h\d+\["(.*)"\]$/gm)].map(([, name]) => name);
    expect(drawn).toEqual(hosts);
    // What the other host has is not there to lead an arrow from.
    expect(stdout).not.toMatch(/^ {2}h\d+c/m);
    expect(status).toBe(0);
  });

  it("says that a fleet has nothing to start", async () => {
    const folder = writeFiles({ "nixgen.toml": inventory() });
    const { stdout } = await runCli(folder, ["graph", "--format", "dot"]);
    expect(stdout.match(/no containers/g)).toHaveLength(2);
    const picture = await runCli(folder, ["graph", "--format", "svg"]);
    expect(picture.stdout).toContain(
      "alpha (NixOS 25.11) starts no containers. beta (NixOS 25.11) starts no containers.",
    );
  });

  it.each([
    ["few names", 50, 100, false],
    ["more characters than it takes", 50, 900, true],
    ["as many arrows as it takes", 1, 501, false],
    ["more arrows", 1, 502, true],
  ])("says whether mermaid will draw %s", async (_, length, count, isRefused) => {
    const components = Array.from({ length: count }, (__, index) => {
      const needs = index === 0 || length > 1 ? "" : `depends_on = ["a${index - 1}"]\n`;
      return `[[components]]\nname = "${"a".repeat(length)}${index}"\nimage = "docker.io/example/a:1"\n${needs}`;
    });
    const folder = writeFiles({
      "nixgen.toml": inventory(),
      "services/a.toml": `name = "x"\nnode = "alpha"\n${components.join("")}`,
    });
    const run = await runCli(folder, ["graph"]);
    expect(run.stderr).toBe(
      isRefused
        ? "mermaid does not draw a diagram of this size: choose hosts with --host, or use --format svg\n"
        : "",
    );
    expect(run.status).toBe(0);
    expect(run.stdout.length).toBeGreaterThan(1000);
    expect((await runCli(folder, ["graph", "--format", "dot"])).stderr).toBe("");
  });

  it("has the stages of a host as its runbook has them", async () => {
    const folder = writeFiles(referenceFleet());
    const { stdout } = await runCli(folder, ["recover", "--host", "rift"]);
    const starts = [...stdout.matchAll(/^ {2}(stage|container) (\S+)/gm)].map(([, , name]) => name);
    const graph = await runCli(folder, ["graph", "--host", "rift"]);
    const drawn = [...graph.stdout.matchAll(/^ {4}.*\["(?:\d\. )?([^" ]+)/gm)].map(
      ([, name]) => name,
    );
    expect(drawn.map((name) => (name === "in" ? "-" : name))).toEqual(starts);
  });

  it.each([
    [["--host", "alpa"], 'there is no host "alpa"', 'Did you mean "alpha"?'],
    [["--format", "png"], '--format cannot be "png"', "Use one of mermaid, dot, svg."],
    [["alpha"], 'nixgen graph takes no argument "alpha"', "See nixgen graph --help."],
  ])("refuses %j", async (argv, message, help) => {
    const run = await runCli(writeFiles(SMALL), ["graph", ...argv]);
    expect(run).toMatchObject({ status: 2, stdout: "" });
    expect(run.stderr.endsWith(`nixgen: ${message}\n${help}\n`)).toBe(true);
  });

  it("says what keeps a fleet from being read", async () => {
    const run = await runCli(writeFiles({ "nixgen.toml": "[fleet]\n" }), ["graph"]);
    expect(run.stderr).toContain("error[schema]");
    expect(run).toMatchObject({ status: 2, stdout: "" });
  });
});
