/** `nixgen audit`: which rules it runs, and about which hosts. */
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCli } from "../support/cli.ts";
import { inventory, writeFiles } from "../support/fleet.ts";
import {
  container,
  PODMAN_VERSIONS,
  type PodmanVersion,
  withoutCommand,
  withResolver,
} from "../support/inspected.ts";

const SERVICES = {
  "services/mcr.toml": `name = "mcr"
node = "alpha"

[[components]]
name = "api"
image = "registry.example:5000/team/app:v2.1.0"
restart = "unless-stopped"
ports = ["127.0.0.1:28443:8443"]
volumes = ["/srv/data/data:/srv/mcr"]
cmd = ["sleep 500"]
`,
  "services/nixos.toml": `name = "nixos"
node = "beta"

[[components]]
name = "nixos"
image = "localhost/busybox:v1.0.0"
network = "mcpnet"
ports = ["127.0.0.1:18086:86"]
volumes = ["/srv/data/data:/srv/nixos"]
env = ["MODE=unit"]
cmd = ["sleep", "1000"]
`,
};

/** Facts with the containers that podman had. */
function facts(host: string, ...names: readonly string[]): string {
  return JSON.stringify({ schema: 1, host, podman: podman(names) });
}

function podman(names: readonly string[], version: PodmanVersion = "5.4.2"): unknown {
  const containers = names.map((name) => withResolver(withoutCommand(container(version, name))));
  return [{ user: "pod", containers }];
}

/** Facts without gaps, of a host that is as it is defined. */
function fullFacts(host: string, name: string, port: number): Record<string, unknown> {
  return {
    schema: 2,
    host,
    system: { id: "nixos", version: "25.11" },
    passwd: [{ name: "pod", uid: 850, gid: 850 }],
    group: [{ name: "pod", gid: 850 }],
    subuid: [{ name: "pod", start: 100000, count: 65536 }],
    subgid: [{ name: "pod", start: 100000, count: 65536 }],
    sub_ids: { read_by: "getsubids" },
    nixos_uid_map: { pod: 850 },
    addresses: ["192.168.1", "100.64.0"].map((network) => ({
      interface: "eth0",
      address: `${network}.${host === "alpha" ? 10 : 11}`,
    })),
    linger: ["pod"],
    runtime_dirs: [{ path: "/run/user/850", uid: 850 }],
    srv: [],
    resolver: { nameservers: ["127.0.0.1", "::1"] },
    listeners: [{ protocol: "tcp", address: "127.0.0.1", port }],
    firewall: { enable: true, open: { tcp: [port] } },
    podman: podman([name]),
  };
}

function fleet(files: Readonly<Record<string, string>>): string {
  return writeFiles({ "nixgen.toml": inventory(), ...SERVICES, ...files });
}

const AS_DEFINED = {
  "facts/alpha.json": facts("alpha", "mcr-api"),
  "facts/beta.json": facts("beta", "nixos"),
};

async function rulesOf(folder: string, ...argv: readonly string[]): Promise<string[]> {
  const { stdout } = await runCli(folder, ["audit", "--format", "json", ...argv]);
  const { findings } = JSON.parse(stdout) as { findings: { rule: string; message: string }[] };
  return findings.map(({ rule, message }) => `${rule}: ${message}`);
}

describe("nixgen audit", () => {
  it("says nothing where hosts have what is defined, by hand or by a unit", async () => {
    const folder = fleet({
      "facts/alpha.json": JSON.stringify(fullFacts("alpha", "mcr-api", 28443)),
      "facts/beta.json": JSON.stringify(fullFacts("beta", "nixos", 18086)),
    });
    const { status, stderr } = await runCli(folder, ["audit"]);
    expect({ status, stderr, rules: await rulesOf(folder) }).toEqual({
      status: 0,
      stderr: "",
      rules: [],
    });
  });

  it.each(PODMAN_VERSIONS)("knows what podman %s shows of a container", async (version) => {
    const definition = (volume: string): Readonly<Record<string, string>> => ({
      "nixgen.toml": inventory(),
      "facts/alpha.json": JSON.stringify({
        ...fullFacts("alpha", "volumes", 0),
        listeners: [],
        firewall: { enable: true, open: {} },
        podman: podman(["volumes"], version),
      }),
      "services/volumes.toml": `name = "volumes"
node = "alpha"

[[components]]
name = "volumes"
image = "localhost/busybox:v1.0.0"
# podman shows no U, z or Z.
volumes = ["/srv/data/web:/web:ro", "named:/named", "/srv/data/data:/data:rw,U", "/srv/data/with space:/with space",
  "other-named:/other:ro,nocopy", "/srv/data/web:/mounted:ro", "${volume}:/trailing:Z"]
tmpfs = ["/scratch:size=1m"]
restart = "no"
cmd = ["sleep", "1000"]
`,
    });
    expect(await rulesOf(writeFiles(definition("/srv/data/data")))).toEqual([]);
    // All else is compared.
    expect(await rulesOf(writeFiles(definition("/srv/data/other")))).toEqual([
      "runtime-drift: volumes on alpha is not what its definition says: it mounts /srv/data/data at /trailing",
    ]);
  });

  it("says which parts the facts do not have", async () => {
    const { linger, system, ...most } = fullFacts("alpha", "mcr-api", 28443);
    expect([linger, system]).not.toContain(undefined);
    const folder = fleet({ "facts/alpha.json": JSON.stringify(most) });
    const { stdout, stderr, status } = await runCli(folder, ["audit", "--host", "alpha"]);
    expect({ stdout, status }).toEqual({ stdout: "no findings\n", status: 0 });
    expect(stderr).toBe(
      "facts/alpha.json is without system, linger: what that hides, nixgen facts check facts/alpha.json says\n",
    );
  });

  it("asks for facts of today's format", async () => {
    const folder = fleet({ "facts/alpha.json": facts("alpha", "mcr-api") });
    const { stderr } = await runCli(folder, ["audit", "--host", "alpha"]);
    expect(stderr).toContain(
      "facts/alpha.json has facts of format 1, and the script collects more now. Collect them: ssh root@alpha sh -s < <(nixgen facts script) > facts/alpha.json\n",
    );
  });

  it("finds what differs, what is missing and what nothing defines, on all hosts or on some", async () => {
    const folder = fleet({
      "facts/alpha.json": facts("alpha", "plain"),
      "facts/beta.json": facts("beta", "nixos").replace("busybox:v1.0.0", "busybox:v0.9.0"),
    });
    const alpha = [
      "undefined-container: alpha has a container plain that no definition has",
      "missing-container: alpha does not have the container mcr-api",
    ];
    const beta =
      "runtime-drift: nixos on beta is not what its definition says: it has image localhost/busybox:v0.9.0";
    expect(await rulesOf(folder)).toEqual([...alpha, beta]);
    expect(await rulesOf(folder, "--host", "beta")).toEqual([beta]);
    expect(await rulesOf(folder, "--host", "beta", "alpha")).toEqual([...alpha, beta]);
    expect((await runCli(folder, ["audit"])).status).toBe(1);
    expect((await runCli(folder, ["audit", "--host", "beta"])).status).toBe(1);
    const lenient = await runCli(folder, ["audit", "--host", "beta", "--fail-on", "error"]);
    expect(lenient.status).toBe(0);
  });

  it("leaves what only it looks at to itself, and what lint looks at to lint", async () => {
    const folder = fleet({
      ...AS_DEFINED,
      "facts/alpha.json": facts("alpha"),
      "services/late.toml": 'name = "late"\nnode = "beta"\ncomponents = []\n',
    });
    expect(await rulesOf(folder)).toEqual([
      "missing-container: alpha does not have the container mcr-api",
    ]);
    const { stdout } = await runCli(folder, ["lint", "--format", "json"]);
    expect(stdout).not.toContain("missing-container");
  });

  it("says how to collect the facts of a host that has none", async () => {
    const folder = fleet({ "facts/alpha.json": AS_DEFINED["facts/alpha.json"] });
    const command = "ssh root@beta sh -s < <(nixgen facts script) > facts/beta.json";
    const all = await runCli(folder, ["audit"]);
    expect(all.status).toBe(0);
    expect(all.stderr).toContain("there are no facts of beta: what was looked at is");
    expect(all.stderr).toContain(command);
    const one = await runCli(folder, ["audit", "--host", "beta"]);
    expect(one.status).toBe(2);
    expect(one.stderr).toContain(command);
    expect((await runCli(fleet({}), ["audit"])).status).toBe(2);
  });

  it("names files as they are seen from where it is called, in formats for programs", async () => {
    const folder = fleet({ "facts/alpha.json": facts("alpha") });
    const argv = ["audit", "--config", join(folder, "nixgen.toml"), "--format", "compact"];
    const { stdout } = await runCli(join(folder, ".."), argv);
    expect(stdout).toContain(`${basename(folder)}/services/mcr.toml:5:8: error[missing-container]`);
  });

  it("knows its hosts", async () => {
    const { status, stderr } = await runCli(fleet(AS_DEFINED), ["audit", "--host", "alfa"]);
    expect(status).toBe(2);
    expect(stderr).toContain('there is no host "alfa"');
    expect(stderr).toContain("alpha");
  });

  it("reports unreadable files like lint", async () => {
    const folder = fleet({ "facts/alpha.json": "{" });
    const { status, stdout } = await runCli(folder, [
      "audit",
      "--config",
      join(folder, "nixgen.toml"),
    ]);
    expect(status).toBe(2);
    expect(stdout).toContain("syntax");
  });
});
