/** The commands of `nixgen podman`, and the way back by `nixgen import`, with real rootless podman. */
import type { Words } from "../../src/settings/setting.ts";
import { deviationsOf, wordsIn } from "../../src/settings/words.ts";
import { observeContainer } from "../../src/settings/observe.ts";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parseImage } from "../../src/podman/image.ts";
import { type Inspect } from "../../src/podman/inspect.ts";
import { runCli } from "../support/cli.ts";
import { type Files, loadFiles, writeFiles } from "../support/fleet.ts";
import { withoutCommand } from "../support/inspected.ts";
import { type Component, drill, fleetFiles, IMAGE, recoverOf, tree } from "./recovery.ts";

const PROGRAM = join(process.cwd(), "dist/nixgen.cjs");

beforeAll(() => {
  const { status, stderr } = spawnSync("npx", ["tsx", "scripts/build.ts"], { encoding: "utf8" });
  expect(status, stderr).toBe(0);
});

const serve = (port: number, ...args: string[]): string[] => [
  ...["sh", "-c", `exec busybox httpd -f -p ${port} -h /`, "sh"],
  ...args,
];

const DIGEST = "0".repeat(64);

/** Definitions that a careless translation breaks, one a component. */
const AWKWARD: readonly Omit<Component, "name">[] = [
  { cmd: serve(80, "two words", "  blanks  ") },
  { cmd: serve(80, "it's", '"quoted"', "`id`", "$(id)") },
  { cmd: serve(80, "$HOME", "${HOME}", "$$", "\\$x") },
  { cmd: serve(80, "line\nbreak\n", "\n") },
  { cmd: serve(80, "grüße", "漢字", "😀") },
  { cmd: serve(80, "--name", "-d", "--", "-") },
  { cmd: serve(80, "", "", "x", "") },
  { cmd: serve(80, "a=b", "=c", "A==") },
  { cmd: serve(80, "\\", "\\\\n", "a\\") },
  { cmd: serve(80, "tab\t", "\u0001", "\u001b[31m") },
  { cmd: serve(80, "*", "?", "[a]", "{a,b}", "~", "!", "#x", ";", "&", "|", ">") },
  { cmd: serve(80, "x".repeat(5000)) },
  { cmd: serve(80, "{{.Name}}", "%s", "%n") },
  {
    cmd: serve(80),
    env: ["A=b c", "B=", "C=a=b", "D=it's", "E=$HOME", "F=\n1\n", "G=ü", "_h.i-j=1"],
  },
  { cmd: serve(80), env: ["PATH=/bin", "HOME=/data", "TERM=dumb", "container=no"] },
  { cmd: serve(80), env_files: ["/srv/with space.env"], env: ["BOTH=definition"] },
  { cmd: serve(80), ports: ["[2001:DB8:0::10]:18080:80", "127.0.0.1:18081:80/tcp"] },
  { cmd: serve(80), ports: ["127.0.0.1:18100-18102:80-82", "192.0.2.10:18110:53/udp"] },
  { cmd: serve(80), ports: ["18120:80", "0.0.0.0:18121:80"] },
  { cmd: serve(80), ports: ["127.0.0.1::80", "81"] },
  { cmd: serve(18130), network: "host", health: { kind: "listen", port: 18130 } },
  { cmd: serve(80), network: "inner" },
  { cmd: serve(80), networks: ["inner:alias=db,alias=db.example", "outer:interface_name=eth7"] },
  { cmd: ["sh", "-c", "exec busybox sleep 1000"], network: "none" },
  { cmd: serve(8080), user: "12" },
  { cmd: serve(8080), user: "12:34" },
  { cmd: serve(80), volumes: ["/srv/a:/a:ro", "/srv/a/../b/:/b"] },
  { cmd: serve(80), volumes: ['/srv/it\'s a $HOME "x":/c', "/srv/ü:/ü"] },
  { cmd: serve(80), volumes: ["named:/n", "other-1:/o:ro"] },
  { cmd: serve(80), volumes: ["/srv/a:/a:rw,noexec"] },
  { cmd: serve(80), image: `localhost/drill@sha256:${DIGEST}`, restart: "always" },
  { cmd: serve(80), image: "drill:v1", restart: "on-failure:3", pull: "never" },
  {
    cmd: serve(80),
    restart: "no",
    routes: [
      { name: "rest", port: 443 },
      { name: "admin", port: 8443 },
    ],
  },
];

/** What inspect does not show, or shows without one in the definition as well, for the image may have it. */
const UNSEEN: ReadonlySet<string> = new Set([
  "healthcheck",
  "labels",
  "hostname",
  "workdir",
  "entrypoint",
  "devices",
  "sysctls",
  "stop_signal",
  "platform",
  "userns",
  "log_driver",
  "log_options",
]);

const idle = ["sh", "-c", "exec busybox sleep 1000"];

/** Every setting that the sandbox can have: without cgroup controllers, an init or time zones. */
const SETTINGS: readonly Omit<Component, "name">[] = [
  { cmd: idle, labels: { "a.b/c": "x=y, z", empty: "" }, annotations: { "org.example.a": "b c" } },
  {
    cmd: idle,
    hostname: "mail.example.org",
    workdir: "/proc",
    extra_hosts: ["db.internal:10.0.0.5"],
  },
  { entrypoint: ["sh", "-c"], cmd: ["exec busybox sleep 1000"] },
  { cmd: idle, dns: ["192.0.2.53"], dns_search: ["example.org"], dns_option: ["ndots:2"] },
  { cmd: idle, cap_add: ["NET_ADMIN"], cap_drop: ["CHOWN", "KILL"] },
  { cmd: idle, cap_drop: ["ALL"] },
  { cmd: idle, security_opt: ["no-new-privileges"], read_only: true, tmpfs: ["/scratch:size=1m"] },
  { cmd: idle, devices: ["/dev/null:/dev/nothing"], group_add: ["1234"] },
  { cmd: idle, sysctls: { "net.ipv4.ip_unprivileged_port_start": "80" } },
  {
    cmd: idle,
    ulimits: ["nofile=512:1024"],
    shm_size: "32m",
    stop_signal: "SIGINT",
    stop_timeout: 3,
  },
  {
    cmd: idle,
    memory: "512m",
    memory_reservation: "256m",
    memory_swap: "768m",
    cpus: 1.5,
    cpu_shares: 512,
  },
  { cmd: idle, pids_limit: 100, userns: "keep-id", tty: true, interactive: true },
  { cmd: idle, privileged: true, platform: "linux/amd64" },
  {
    cmd: idle,
    healthcheck: {
      command: ["sh", "-c", 'exit "0"'],
      interval: "7s",
      timeout: "500ms",
      start_period: "120s",
      retries: 5,
      on_failure: "kill",
    },
  },
  { cmd: idle, healthcheck: { command: ["none"] } },
  { cmd: idle, log_driver: "k8s-file", log_options: { "max-size": "1m" } },
];

/** Values that are podman's own, and settings whose outcomes podman shows together: none is a difference. */
const COMBINED: readonly Omit<Component, "name">[] = [
  { cmd: idle, cap_drop: ["ALL"], cap_add: ["CHOWN", "NET_ADMIN"] },
  { cmd: idle, cap_drop: ["ALL"], cap_add: ["CHOWN"], user: "12:34" },
  { cmd: idle, cap_drop: ["NET_RAW", "MKNOD"], cap_add: ["CAP_CHOWN", "KILL"] },
  { cmd: idle, cap_add: ["ALL"], cap_drop: ["KILL"] },
  { cmd: idle, stop_timeout: 10, pids_limit: 2048, shm_size: "64000k", stop_signal: "TERM" },
  { cmd: idle, ulimits: ["nofile=1024:1024", "nproc=512"], pids_limit: -1 },
  { cmd: idle, tmpfs: ["/tmp", "/run:size=1m"], read_only: true },
  { cmd: idle, security_opt: ["no-new-privileges:true", "label=disable", "seccomp=unconfined"] },
  { cmd: idle, security_opt: ["unmask=all"] },
  { cmd: idle, extra_hosts: ["host.docker.internal:host-gateway"] },
  { cmd: idle, userns: "host", ipc: "private", pid: "private", workdir: "/" },
  { cmd: idle, init: false, tty: false, privileged: false, read_only: false, cap_add: [] },
  { cmd: idle, labels: {}, cpus: 2, healthcheck: { command: ["true"], interval: "30s" } },
  { cmd: idle, privileged: true, cap_drop: ["KILL"] },
  { cmd: idle, memory: "64m", memory_swap: "128m" },
  { cmd: idle, memory: "64m", memory_swap: "-1" },
  { cmd: idle, network: "container:all-c0", hostname: "other" },
];

/** The definitions that the program makes of containers, by the containers' names. */
async function importedFrom(inspect: string, files: Files) {
  const { "nixgen.toml": inventory = "" } = files;
  const folder = writeFiles({ "nixgen.toml": inventory });
  const argv = ["import", "podman", "--strict", "--node", "box", "--out", "services", inspect];
  const run = spawnSync(process.execPath, [PROGRAM, ...argv], { cwd: folder, encoding: "utf8" });
  expect(run).toMatchObject({ status: 0, stderr: "", stdout: "services/all.toml\n" });
  const text = readFileSync(join(folder, "services/all.toml"), "utf8");
  const fleet = await loadFiles({ "nixgen.toml": inventory, "services/all.toml": text });
  const components = fleet.services.flatMap((service) => service.components);
  return new Map(components.map(({ container, definition }) => [container, definition]));
}

describe.skipIf(tree === undefined)("the commands of nixgen podman", () => {
  it("make containers that podman describes as they were defined, and recover.sh agrees", async () => {
    const components = [...AWKWARD, ...SETTINGS, ...COMBINED].map((definition, at) => ({
      name: `c${at}`,
      health: { kind: "exec", command: ["sh", "-c", "exit 0"] },
      ...definition,
    }));
    const files = fleetFiles([{ name: "", services: { all: components } }]);
    const commands = await runCli(writeFiles(files), ["podman"]);
    expect(commands, commands.stderr).toMatchObject({ status: 0 });
    const run = drill(
      `
mkdir -p /srv/a /srv/b "/srv/it's a \\$HOME \\"x\\"" /srv/ü
printf 'FROM_FILE=x y\\nBOTH=file\\n' >'/srv/with space.env'
chown -R drill /srv
digest=$(as drill podman image inspect --format '{{.Digest}}' ${IMAGE})
sed -i "s/sha256:${DIGEST}/$digest/" /sandbox/commands.sh /sandbox/recover.sh
as drill bash /sandbox/commands.sh >/dev/null
as drill podman inspect $(as drill podman ps --quiet --no-trunc) >/sandbox/inspect.json
for at in 127.0.0.1:18081 '[2001:db8::10]:18080' 127.0.0.1:18100 127.0.0.1:18120 127.0.0.1:18130; do
  answers "$at" bin/sh | cmp - "$(command -v busybox)"
done
containers >/sandbox/before
recover 0 recover.sh
containers >/sandbox/after
`,
      { "commands.sh": commands.stdout, "recover.sh": await recoverOf(files) },
    );
    const read = (name: string): string => readFileSync(join(run.folder, name), "utf8");
    expect(read("after")).toBe(read("before"));

    const inspected = JSON.parse(read("inspect.json")) as Inspect[];
    expect(inspected).toHaveLength(components.length);
    const imported = await importedFrom(join(run.folder, "inspect.json"), files);
    const fleet = await loadFiles(files);
    const first = components.length - COMBINED.length;
    const isOwn = (container: string): boolean => Number(container.replace("all-c", "")) >= first;
    for (const { container, definition, routes } of fleet.services.flatMap((s) => s.components)) {
      const inspect = inspected.find((one) => one["Name"] === container);
      if (inspect === undefined) throw new Error(`${container} does not run`);
      const observed = observeContainer(inspect);
      const routePorts = routes.map(({ hostPort = 0 }) => `127.0.0.1:${hostPort}:${hostPort}`);
      const routeEnv = routes.map(({ variable, hostPort = 0 }) => `${variable}=${hostPort}`);
      const meant = {
        network: definition.network,
        networks: definition.networks,
        user: definition.user,
        restart: definition.restart ?? "unless-stopped",
        pull: definition.pull,
        ports: [...definition.ports.map((port) => port.replace("DB8:0:", "db8:")), ...routePorts],
        volumes: definition.volumes,
        cmd: definition.cmd,
        env: [...definition.env, ...routeEnv],
      };
      const envFiles = definition.env_files;
      const words = wordsIn(definition);
      expect(observed.words, container).toEqual(words);
      expect(deviationsOf(words, inspect), container).toEqual([]);
      for (const [key, value] of Object.entries(isOwn(container) ? {} : words)) {
        // Without the key, or with another value, the container is not as it was defined.
        const other = { ...words, [key]: undefined } as Words;
        const told = [...new Set(deviationsOf(other, inspect).map((each) => each.key))];
        expect(told, `${container}: ${key} = ${JSON.stringify(value)}`).toEqual(
          UNSEEN.has(key) ? [] : [key],
        );
      }
      expect(observed, container).toMatchObject({
        ...meant,
        name: container,
        envFiles,
        leftovers: [],
      });
      // Imported, it is what it was defined as; what podman does not have is not there.
      const { name, image } = definition;
      const again = imported.get(container);
      expect({ ...again, image: undefined }, container).toEqual({
        ...meant,
        ...words,
        dns: definition.dns,
        name,
        image: undefined,
        env_files: envFiles,
        routes: [],
        depends_on: [],
      });
      const found = parseImage(again?.image ?? "");
      if (image.includes("@"))
        expect(found).toMatchObject({ name: "localhost/drill", tag: undefined });
      else expect(again?.image, container).toBe(IMAGE);
      // The same by what podman made of it, and not by the command that it remembers.
      const made = observeContainer(withoutCommand(inspect));
      if (Object.keys(words).length === 0) expect(made.words, container).toEqual({});
      expect(made.cmd, container).toEqual(definition.cmd);
      // With keep-id podman shows the user of the host.
      if (words.userns === undefined) expect(made.user, container).toBe(definition.user);
      const env = (inspect["Config"] as { Env: string[] }).Env;
      expect(env, container).toEqual(expect.arrayContaining([...definition.env, ...routeEnv]));
      if (definition.env_files.length > 0) expect(env).toContain("FROM_FILE=x y");
    }
  });
});

describe.skipIf(tree === undefined)("recover.sh --status", () => {
  it("knows containers that are less isolated than they were defined", async () => {
    const changes = [
      "--privileged",
      "--read-only",
      "--cap-add NET_ADMIN",
      "--security-opt seccomp=unconfined",
      "--security-opt label=disable",
    ];
    const components = changes.map((_, at) => ({ name: `c${at}`, cmd: idle }));
    const files = fleetFiles([{ name: "", services: { all: components } }]);
    const { folder } = drill(
      `
${changes
  .map(
    (change, at) =>
      `as drill podman run --detach --restart unless-stopped --name all-c${at} ${change} ${IMAGE} sh -c 'exec busybox sleep 1000' >/dev/null`,
  )
  .join("\n")}
recover 1 recover.sh --status
`,
      { "recover.sh": await recoverOf(files) },
    );
    const said = readFileSync(join(folder, "last"), "utf8");
    for (const change of changes) {
      expect(said).toContain(`not defined, but it has: option ${change}\n`);
    }
  });
});
