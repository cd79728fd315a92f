/** `nixgen import compose`: files as people have them, and the commands that come out at the end. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadFleet } from "../../src/fleet/load.ts";
import { lint } from "../../src/lint/engine.ts";
import { runCli } from "../support/cli.ts";
import { inventory, temporaryFolder, writeFiles } from "../support/fleet.ts";

const FIXTURES = join(import.meta.dirname, "../fixtures/compose");

const names = readdirSync(FIXTURES).sort();

/** A fleet with the services of a Compose file, and what was said when it was imported. */
async function importFixture(name: string): Promise<{ fleet: string; said: string }> {
  const files: Record<string, string> = { "nixgen.toml": inventory() };
  for (const file of ["compose.yml", ".env"]) {
    const path = join(FIXTURES, name, file);
    if (existsSync(path)) files[`${name}/${file}`] = readFileSync(path, "utf8");
  }
  const fleet = writeFiles(files);
  const argv = ["--accept-loss", "--profile", "*", "--node", "alpha", "--out", "services"];
  argv.push("--project-directory", `/srv/${name}`);
  const run = await runCli(fleet, ["import", "compose", ...argv, `${name}/compose.yml`]);
  expect(run).toMatchObject({ status: 0 });
  return { fleet, said: run.stderr };
}

describe("a Compose file", () => {
  it("is there in many styles", () => {
    expect(names.length).toBeGreaterThanOrEqual(12);
  });

  it.each(names)("%s becomes the commands of podman that are expected", async (name) => {
    const { fleet, said } = await importFixture(name);
    const notes = readdirSync(join(fleet, "services"))
      .sort()
      .map((file) => readFileSync(join(fleet, "services", file), "utf8").match(/^# .*$/gm) ?? []);
    const { stdout } = await runCli(fleet, ["podman"]);
    const text = [stdout, ...notes.flat(), said].join("\n");
    await expect(text).toMatchFileSnapshot(join(FIXTURES, name, "expected.txt"));
  });

  it.each(names)("%s becomes definitions without errors of form", async (name) => {
    const { fleet: folder } = await importFixture(name);
    const { fleet } = await loadFleet(join(folder, "nixgen.toml"));
    if (fleet === undefined) throw new Error("not loaded");
    const errors = lint(fleet).filter(({ severity }) => severity === "error");
    const form = errors.filter(({ rule }) => /^(?:name-not-safe|unknown-|duplicate-)/.test(rule));
    expect(form.map(({ message }) => message)).toEqual([]);
  });
});

const SMALL = "services:\n  web:\n    image: example.com/web:${TAG}\n    environment: [A, B=$B]\n";

describe("nixgen import compose", () => {
  it("takes the values of variables from files, and from the environment when told to", async () => {
    const folder = writeFiles({
      "shop/compose.yml": SMALL,
      "shop/.env": "TAG=1\nB=file\nA=one\n",
      "more.env": "TAG=2\nB=more\n",
      "last.env": "B=${TAG}-last\n",
    });
    const env = { TAG: "9", B: "mine", A: "two" };
    const run = async (...argv: string[]): Promise<string[]> => {
      const { stdout } = await runCli(
        folder,
        ["import", "compose", ...argv, "shop/compose.yml"],
        env,
      );
      return stdout.split("\n").filter((line) => /^(?:image|env|# not)/.test(line));
    };
    expect(await run()).toEqual(['image = "example.com/web:1"', 'env = ["A=one", "B=file"]']);
    expect(await run("--env-file", "more.env", "--env-file", "last.env")).toEqual([
      expect.stringContaining("# not carried over: environment.A"),
      'image = "example.com/web:2"',
      'env = ["B=2-last"]',
    ]);
    expect(await run("--environment")).toEqual([
      'image = "example.com/web:9"',
      'env = ["A=two", "B=mine"]',
    ]);
  });

  it("reads standard input, and takes a project's name", async () => {
    const folder = temporaryFolder();
    const argv = ["import", "compose", "--project", "shop", "-"];
    const text = "services: {web: {image: a, volumes: [./x:/x]}}";
    const run = await runCli(folder, argv, {}, text);
    expect(run.status).toBe(0);
    expect(run.stdout).toContain('# shop.toml\nname = "shop"\n\n[[components]]\nname = "web"\n');
    expect(run.stdout).toContain(`volumes = ["${folder}/x:/x"]`);
  });

  it("says at which places a file is wrong, exit 2", async () => {
    const folder = writeFiles({
      "compose.yml": "services:\n  web:\n    imagee: x\n    ports: 80\n",
    });
    const run = await runCli(folder, ["import", "compose", "compose.yml"]);
    expect(run.status).toBe(2);
    expect(run.stdout).toBe("");
    expect(run.stderr).toContain('error[unknown-key]: services.web: unknown key "imagee"');
    expect(run.stderr).toContain(" --> compose.yml:3:5\n3 |     imagee: x\n  |     ^^^^^^");
    expect(run.stderr).toContain(" --> compose.yml:4:12\n");
    expect(run.stderr).toContain('Did you mean "image"?');
  });

  it("shows no control characters of a file", async () => {
    const text = 'services: {web: {image: a, "\\e[2J": 1, labels: ["\\e[2J"]}}';
    const wrong = await runCli(temporaryFolder(), ["import", "compose", "-"], {}, text);
    expect(wrong.status).toBe(2);
    const right = text.replace('"\\e[2J": 1, ', "");
    const run = await runCli(temporaryFolder(), ["import", "compose", "-"], {}, right);
    expect(run.status).toBe(0);
    for (const { stdout, stderr } of [wrong, run]) expect(stdout + stderr).not.toContain("\x1b");
  });

  it.each([
    ["network_mode: 'container:vpn'", 'services.web.network_mode is "container:vpn"'],
    ["runtime: runsc", 'services.web.runtime is "runsc"'],
    ['security_opt: ["a\\nb"]', "services.web.security_opt is"],
    [
      "networks: {other: {link_local_ips: [169.254.8.8]}}",
      "services.web.networks.other.link_local_ips is",
    ],
  ])(
    "refuses %s, without which less is isolated or something else reached",
    async (line, message) => {
      const text = `services:
  vpn: {image: a}
  web:
    image: a
    ${line}
networks:
  other:
`;
      const argv = ["import", "compose", "--project", "shop", "--out", "services", "-"];
      const folder = temporaryFolder();
      const run = await runCli(folder, argv, {}, text);
      expect(run).toMatchObject({ status: 2, stdout: "" });
      expect(run.stderr).toContain(message);
      expect(run.stderr).toContain(" --> standard input:5:");
      expect(run.stderr).toContain("--accept-loss");
      expect(readdirSync(folder)).toEqual([]);
      const accepted = await runCli(
        folder,
        ["import", "compose", "--accept-loss", ...argv.slice(2)],
        {},
        text,
      );
      expect(accepted).toMatchObject({ status: 0, stdout: "services/shop.toml\n" });
    },
  );

  it("puts a container into the network of a service, or of the service whose container is called so", async () => {
    const text = `services:
  vpn: {image: a, container_name: my-vpn}
  web: {image: a, network_mode: "service:vpn"}
  job: {image: a, network_mode: "container:my-vpn"}
`;
    const argv = ["import", "compose", "--project", "shop", "-"];
    const run = await runCli(temporaryFolder(), argv, {}, text);
    expect(run).toMatchObject({ status: 0 });
    expect(run.stdout.match(/^network = .*/gm)).toEqual([
      'network = "container:my-vpn"',
      'network = "container:my-vpn"',
    ]);
  });

  it("defines networks with what they are made with, with the first service on each", async () => {
    const text = `services:
  web: {image: a, networks: [front, back, theirs]}
networks:
  front: {driver: bridge, driver_opts: {com.docker.network.driver.mtu: 1400, x: y}}
  back: {internal: true, enable_ipv6: true, ipam: {driver: default, config: [{subnet: 10.9.0.0/24, gateway: 10.9.0.1}]}}
  theirs: {external: true, internal: true}
  over: {driver: overlay, internal: true}
`;
    const argv = ["import", "compose", "--project", "shop", "-"];
    const run = await runCli(temporaryFolder(), argv, {}, text);
    expect(run).toMatchObject({ status: 0 });
    expect(run.stdout).toContain(`name = "shop"

[[networks]]
name = "shop_front"
options = { mtu = "1400" }

[[networks]]
name = "shop_back"
subnets = ["10.9.0.0/24"]
ipv6 = true
internal = true

[[components]]
`);
    expect(run.stderr.match(/networks\S+: .* makes/g)).toEqual([
      'networks.front.driver_opts.x: "y" (podman makes',
      'networks.back.ipam.config[0].gateway: "10.9.0.1" (podman makes',
      'networks.over.driver: "overlay" (podman makes',
    ]);
  });

  it("leaves out a service that is only built, and says so", async () => {
    const text = "services: {web: {image: a, depends_on: [api]}, api: {build: .}}";
    const run = await runCli(
      temporaryFolder(),
      ["import", "compose", "--project", "shop", "-"],
      {},
      text,
    );
    expect(run.status).toBe(0);
    expect(run.stdout).toContain('image = "docker.io/library/a"');
    expect(run.stdout).not.toContain('name = "api"');
    expect(run.stdout).not.toContain("depends_on");
    expect(run.stderr).toContain("services.api: it is only built here");
  });

  it("leaves out services of profiles that are not asked for", async () => {
    const text = "services: {web: {image: a}, tool: {image: b, profiles: [tools, more]}}";
    const run = async (...argv: string[]) =>
      runCli(temporaryFolder(), ["import", "compose", "--project", "s", ...argv, "-"], {}, text);
    const plain = await run();
    expect(plain.stdout).not.toContain('name = "tool"');
    expect(plain.stderr).toContain("services.tool: it is in a profile; ask for it with --profile");
    for (const name of ["more", "*"]) {
      expect((await run("--profile", name)).stdout).toContain('name = "tool"');
    }
  });

  it("takes files of variables that may be missing only where they are there", async () => {
    const text =
      "services: {web: {image: a, env_file: [{path: a.env, required: false}, {path: b.env, required: false}]}}";
    const folder = writeFiles({ "compose.yml": text, "a.env": "" });
    const argv = ["import", "compose", "--project", "s", "--project-directory", "/srv/s"];
    const run = await runCli(folder, [...argv, "compose.yml"]);
    expect(run.stdout).toContain('env_files = ["/srv/s/a.env"]');
    expect(run.stderr).toContain("b.env is no file here, and may be missing: it is left out");
  });

  it.each([
    ["gpus: all", 'devices = ["nvidia.com/gpu=all"]'],
    [
      "deploy: {resources: {limits: {pids: 9}, reservations: {devices: [{capabilities: [gpu], count: 2}]}}}",
      'devices = ["nvidia.com/gpu=0", "nvidia.com/gpu=1"]\npids_limit = 9',
    ],
    [
      "deploy: {restart_policy: {condition: on-failure, max_attempts: 3}}",
      'restart = "on-failure:3"',
    ],
    ["mem_limit: 1g\n    memswap_limit: 2g", 'memory = "1g"\nmemory_swap = "2g"'],
    ['ports: [":8081:80"]', 'ports = ["8081:80"]'],
    [
      "environment: ['A=100$ off', 'B=(:[0-9]+)?$', 'C=$$x$/', 'D=($$|/)$$']",
      'env = ["A=100$ off", "B=(:[0-9]+)?$", "C=$x$/", "D=($|/)$"]',
    ],
    ["environment: ['A=$COMPOSE_PROJECT_NAME']", 'env = ["A=s"]'],
    [
      "volumes: ['films:/media']\nvolumes:\n  films: {driver_opts: {type: none, o: bind, device: /mnt/films}}",
      'volumes = ["/mnt/films:/media"]',
    ],
    [
      "secrets: [pw, {source: pw, target: db/pw, mode: 256}]\n    configs: [conf, {source: conf, target: /etc/x.conf}]\nsecrets: {pw: {file: /srv/pw}}\nconfigs: {conf: {file: /srv/conf}}",
      'volumes = [\n  "/srv/pw:/run/secrets/pw:ro",\n  "/srv/pw:/run/secrets/db/pw:ro",\n  "/srv/conf:/conf:ro",\n  "/srv/conf:/etc/x.conf:ro",\n]',
    ],
    ["cap_drop: [all]", 'cap_drop = ["ALL"]'],
    ["expose: [80]\n    scale: 1\n    read_only: 'false'", 'name = "web"'],
  ])("carries over %s", async (line, definition) => {
    const text = `services:\n  web:\n    image: a\n    ${line}\n`;
    const argv = ["import", "compose", "--strict", "--project", "s", "-"];
    const run = await runCli(temporaryFolder(), argv, {}, text);
    expect(run).toMatchObject({ status: 0 });
    expect(run.stdout).toContain(definition);
    expect(run.stdout).not.toContain("not carried over");
  });

  it("takes the project's name of the variables, before the file's and the folder's", async () => {
    const text =
      "name: file\nservices: {db: {image: a, volumes: ['data:/d']}}\nvolumes: {data: {}}\n";
    const folder = writeFiles({
      "shop/compose.yml": text,
      "shop/.env": "COMPOSE_PROJECT_NAME: papers\n",
    });
    const run = await runCli(folder, ["import", "compose", "shop/compose.yml"]);
    expect(run.stdout).toContain('name = "papers"');
    expect(run.stdout).toContain('volumes = ["papers_data:/d"]');
    const named = writeFiles({ "compose.yml": text.replace("file", "My.App_1") });
    const lowered = await runCli(named, ["import", "compose", "compose.yml"]);
    // Compose leaves out what no name of its own can have: the volumes are there under this name.
    expect(lowered.stdout).toContain('volumes = ["myapp_1_data:/d"]');
    const asked = await runCli(folder, ["import", "compose", "--project", "p", "shop/compose.yml"]);
    expect(asked.stdout).toContain('volumes = ["p_data:/d"]');
  });

  it("notes secrets and configs that are no files", async () => {
    const text = `services: {web: {image: a, secrets: [pw], configs: [conf]}}
secrets: {pw: {environment: PW}}
configs: {conf: {content: x}}
`;
    const run = await runCli(
      temporaryFolder(),
      ["import", "compose", "--project", "s", "-"],
      {},
      text,
    );
    expect(run.stdout).toContain('# not carried over: secrets[0]: "pw" (it is no file');
    expect(run.stdout).toContain('# not carried over: configs[0]: "conf" (it is no file');
    const unknown = text.replace("secrets: {pw", "secrets: {other");
    const refused = await runCli(temporaryFolder(), ["import", "compose", "-"], {}, unknown);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain('names "pw", which the file does not define');
  });

  it("refuses a volume that is elsewhere, for podman would make an empty one", async () => {
    const text = `services: {web: {image: a, volumes: ["share:/share"]}}
volumes: {share: {driver_opts: {type: nfs, o: "addr=192.0.2.1", device: ":/x"}}}
`;
    const argv = ["import", "compose", "--project", "s", "-"];
    const run = await runCli(temporaryFolder(), argv, {}, text);
    expect(run).toMatchObject({ status: 2, stdout: "" });
    expect(run.stderr).toContain(
      "services.web.volumes[0] names a volume of which volumes.share.driver_opts is",
    );
    expect(run.stderr).toContain(" --> standard input:1:");
    const accepted = await runCli(temporaryFolder(), [...argv, "--accept-loss"], {}, text);
    expect(accepted.stdout).toContain("# not carried over: volumes[0]");
  });

  it("exits 1 with --strict where something was not carried over", async () => {
    const argv = ["import", "compose", "--strict", "--project", "shop", "-"];
    const run = async (text: string): Promise<number> =>
      (await runCli(temporaryFolder(), argv, {}, text)).status;
    expect(await run("services: {web: {image: a}}")).toBe(0);
    expect(await run("services: {web: {image: a, domainname: b}}")).toBe(1);
    expect(await run("services: {web: {image: a}}\nsecrets: {a: {environment: b}}")).toBe(1);
  });

  it.each([
    [["a.yml", "b.yml"], "nixgen import compose reads one file"],
    [["missing.yml"], "missing.yml cannot be read"],
    [["--env-file", "missing.env", "a.yml"], "missing.env cannot be read"],
    [["--env-file", "bad.env", "a.yml"], "bad.env:1:1: write NAME=VALUE"],
    [["--project", "../x", "a.yml"], '--project cannot be "../x"'],
  ])("refuses %j, exit 2", async (argv, message) => {
    const text = "services: {web: {image: a}}";
    const folder = writeFiles({ "a.yml": text, "b.yml": text, "bad.env": "bad" });
    const run = await runCli(folder, ["import", "compose", ...argv]);
    expect(run.status).toBe(2);
    expect(run.stderr).toContain(message);
  });

  it("is the only one that has its options", async () => {
    const run = await runCli(temporaryFolder(), ["import", "podman", "--environment", "x.json"]);
    expect(run.status).toBe(2);
    expect(run.stderr).toContain("--environment is for nixgen import compose only");
  });
});
