/** What the emitted module writes down of a host's firewall, and the script that collects it. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { hostFolder } from "../generate/host-configurations.ts";
import { evaluateText, sharedFolder } from "../generate/support.ts";
import { writeFiles } from "../support/fleet.ts";
import { runCli } from "../support/cli.ts";
import { lacks } from "../support/tools.ts";

const SCRIPT = readFileSync("templates/facts/collect.sh", "utf8");

/** What the script makes of a file. */
function collected(text: string): string {
  const file = join(writeFiles({ "firewall.json": text }), "firewall.json");
  const functions = SCRIPT.replace(/^main .*$/m, "");
  const { stdout, stderr } = spawnSync("sh", ["-s"], {
    encoding: "utf8",
    input: `${functions}\ntext() { cat '${file}'; }\nsection firewall firewall\n`,
  });
  expect(stderr).toBe("");
  return stdout;
}

const RIGHT =
  '{"enable":true,"interfaces":{"tailscale0":{"tcp":[8443],"tcp_ranges":[],"udp":[],"udp_ranges":[]}},"open":{"tcp":[22,443],"tcp_ranges":[{"from":8000,"to":8010}],"udp":[53],"udp_ranges":[]},"rules":false,"trusted":["lo","virbr+"]}';

describe("the firewall of a host", () => {
  it.skipIf(lacks("nix-instantiate"))("is written down by the module, and collected", async () => {
    const folder = await hostFolder(sharedFolder(), { name: "", config: "" });
    const { text } = evaluateText(`
      (import ${join(import.meta.dirname, "../generate/nixos.nix")} {
        folder = ${JSON.stringify(folder)};
        modules = [
          {
            networking.firewall = {
              allowedTCPPorts = [ 22 443 ];
              allowedTCPPortRanges = [ { from = 8000; to = 8010; } ];
              allowedUDPPorts = [ 53 ];
              interfaces.tailscale0 = {
                allowedTCPPorts = [ 8443 ];
                allowedTCPPortRanges = [ ];
                allowedUDPPorts = [ ];
                allowedUDPPortRanges = [ ];
              };
              trustedInterfaces = [ "lo" "virbr+" ];
            };
          }
        ];
      }).config.environment.etc."nixgen/firewall.json"
    `) as { text: string };
    expect(text).toBe(RIGHT);
    expect(collected(text)).toBe(`,\n  "firewall": ${RIGHT}`);
    const facts = `{ "schema": 1, "host": "alpha"${collected(text)} }`;
    expect((await runCli("/", ["facts", "check", "-"], {}, facts)).status).toBe(0);
  });

  it.each([
    ["more than that", RIGHT.replace(/\}$/, ',"more":1}')],
    ["a port that is no number", RIGHT.replace("8443", '"8443"')],
    ["a name with a quote in it", RIGHT.replace("tailscale0", 'a\\"b')],
    ["two lines", `${RIGHT}\n,"podman": []`],
    ["nothing", ""],
  ])("is left out if the file has %s", (_, text) => {
    expect(collected(text)).toBe("");
  });
});
