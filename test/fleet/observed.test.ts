/** What is read from `podman inspect` of real containers, of two versions of podman. */
import { deviationsOf, podmanOptions } from "../../src/settings/words.ts";
import { observeContainer } from "../../src/settings/observe.ts";
import { describe, expect, it } from "vitest";
import { bindingsOf, type Inspect, isInfra, networksOf } from "../../src/podman/inspect.ts";
import {
  container,
  inspected,
  PODMAN_VERSIONS,
  type PodmanVersion,
  withoutCommand,
} from "../support/inspected.ts";

/** The options that a definition cannot carry, as --OPTION=VALUE. */
function leftovers(inspect: Inspect): string[] {
  return observeContainer(inspect).leftovers.map(
    ({ option, value }) => `--${option}${value === "" ? "" : `=${value}`}`,
  );
}

/** All that is read of a container and was said with an option, whether a definition has words for it or not. */
function said(inspect: Inspect): string[] {
  const { dns, words } = observeContainer(inspect);
  return [
    ...dns.map((address) => `--dns=${address}`),
    ...podmanOptions(words).map(
      ({ name, value }) => `--${name}${value === undefined ? "" : `=${value}`}`,
    ),
    ...leftovers(inspect),
  ];
}

const AWKWARD = [
  "SPACE=a b",
  'QUOTES=it\'s "x"',
  "DOLLAR=$HOME ${x} `id` $(id)",
  "LINES=a\nb\n",
  "UNICODE=grüße ☃ 漢字 😀",
  "EQUALS=a=b==",
  "EMPTY=",
  "DASH=--x",
  "FROM_HOST=host value",
  "TAB=a\tb",
  "BACKSLASH=\\n\\\\",
  "HASH=a # b",
];

describe.each(PODMAN_VERSIONS)("podman %s, with the command line", (version: PodmanVersion) => {
  it("reads what the incident's containers have", () => {
    expect(observeContainer(container(version, "mcns"))).toEqual({
      name: "mcns",
      image: "localhost/busybox:v1.0.0",
      network: undefined,
      networks: [],
      user: undefined,
      restart: "unless-stopped",
      pull: "missing",
      ports: ["127.0.0.1:5353:53/tcp", "127.0.0.1:5353:53/udp", "127.0.0.1:38443:8443"],
      volumes: ["/srv/data/data:/srv/mcns"],
      cmd: ["sleep", "1000"],
      env: [],
      envFiles: [],
      dns: [],
      words: {},
      leftovers: [],
      exact: true,
    });
    expect(observeContainer(container(version, "mc-proxy"))).toMatchObject({
      network: "host",
      restart: "always",
    });
  });

  it("tells what was asked for from what the image has", () => {
    const { user, cmd, env, leftovers: left } = observeContainer(container(version, "mcr-api"));
    expect({ user, cmd, env, left }).toEqual({
      user: undefined,
      cmd: ["sleep 500"],
      env: [],
      left: [],
    });
    expect(observeContainer(container(version, "mcr-web"))).toMatchObject({ user: "0:0", cmd: [] });
  });

  it("reads every variable, and takes those of the caller from the container", () => {
    const { env, envFiles } = observeContainer(container(version, "env"));
    expect(env).toEqual(AWKWARD);
    expect(envFiles).toEqual(["/srv/data/web.env"]);
  });

  it("reads ports in every form", () => {
    expect(observeContainer(container(version, "ports")).ports).toEqual([
      "[::1]:18081:80",
      "127.0.0.1:18000-18002:8000-8002",
      "127.0.0.1:15353:53/udp",
      "9090",
      "18082:82",
      "18083:83",
      "18090-18091:90-91/udp",
      "0.0.0.0:18084:84",
      ":85",
      "127.0.0.1::86",
    ]);
  });

  it("reads volumes and mounts, and says which cannot be carried over", () => {
    const inspect = container(version, "volumes");
    expect(observeContainer(inspect).volumes).toEqual([
      "/srv/data/web:/web:ro",
      "named:/named",
      "/srv/data/data:/data:rw,U",
      "/srv/data/with space:/with space",
      "other-named:/other:ro,nocopy",
      "/srv/data/web:/mounted:ro",
      "/srv/data/data/:/trailing/:z",
    ]);
    expect(leftovers(inspect)).toEqual(["--volume=/anonymous"]);
    expect(observeContainer(inspect).words).toEqual({ tmpfs: ["/scratch:size=1m"] });
  });

  it("shows every container to be what its command line says", () => {
    for (const inspect of inspected(version).values()) {
      const { exact, words } = observeContainer(inspect);
      // A pod's containers share what nothing asked for.
      if (!exact || inspect["Pod"] !== "") continue;
      expect(deviationsOf(words, inspect), String(inspect["Name"])).toEqual([]);
    }
  });

  it("reads networks, with the names that the container has in them", () => {
    const inspect = container(version, "two-nets");
    const networks = ["mcpnet:alias=two", "backnet"];
    expect(observeContainer(inspect)).toMatchObject({ network: undefined, networks });
    expect(leftovers(inspect)).toEqual([]);
    const { networks: seen } = observeContainer(withoutCommand(inspect));
    expect([...seen].sort()).toEqual(["backnet", "mcpnet:alias=two"]);
  });

  it("reads arguments as they were", () => {
    const { cmd } = observeContainer(container(version, "flags"));
    const end = ["--", "--config", "/x", "", "a b", "--flag=$x", "it's", "\n"];
    expect(cmd).toEqual(["sh", "-c", "sleep 1000", ...end]);
  });

  it("reads options in one word", () => {
    const inspect = container(version, "cluster");
    expect(observeContainer(inspect)).toMatchObject({ ports: ["18085:85"], env: ["SHORT=1"] });
    expect(leftovers(inspect)).toEqual([]);
    expect(observeContainer(inspect).words).toEqual({ interactive: true, tty: true });
  });

  it("reads every option, and lists those that a definition has no words for", () => {
    const asked = (inspect: Inspect): string[] =>
      (inspect["Config"] as { CreateCommand: string[] }).CreateCommand.filter((word) =>
        word.startsWith("-"),
      );
    const inspect = container(version, "sink");
    const listed = said(inspect).map((text) => text.replace(/=.*/, ""));
    expect(new Set(listed)).toEqual(
      new Set(
        asked(inspect)
          .filter((word) => word !== "--name")
          .map((word) => (word === "-t" ? "--tty" : word)),
      ),
    );
    expect(leftovers(inspect).map((text) => text.replace(/=.*/, ""))).toEqual([
      "--secret",
      "--label-file",
      "--oom-score-adj",
      "--umask",
      "--expose",
      "--timeout",
    ]);
    expect(observeContainer(container(version, "privileged")).words).toEqual({ privileged: true });
  });

  it("takes nothing of a unit's own options for the container's", () => {
    expect(observeContainer(container(version, "nixos"))).toMatchObject({
      network: "mcpnet",
      restart: undefined,
      ports: ["127.0.0.1:18086:86"],
      env: ["MODE=unit"],
      leftovers: [],
    });
  });

  it("knows a container by the name it has now, and an image by its full name", () => {
    expect(observeContainer(container(version, "new-name")).name).toBe("new-name");
    expect(observeContainer(container(version, "short")).image).toBe("localhost/busybox:v1.0.0");
    expect(observeContainer(container(version, "digest")).image).toMatch(/busybox@sha256:/);
  });

  it("lists values that no definition may have", () => {
    const inspect = container(version, "mcns");
    const config = inspect["Config"] as Record<string, unknown>;
    const image = "localhost/busybox:v1.0.0";
    const command = (...options: string[]): Inspect => {
      const argv = ["podman", "run", ...options, image, "sleep", "1000"];
      return { ...inspect, Config: { ...config, CreateCommand: argv } };
    };
    const strange = command("--env-file", "/a:b", "--env-file", "c", "--user", "a\nb", "-e", "1=2");
    expect(observeContainer(strange)).toMatchObject({ user: undefined, env: [], envFiles: [] });
    expect(leftovers(strange)).toEqual([
      "--env-file=/a:b",
      "--env-file=c",
      "--user=a\nb",
      "--env=1=2",
    ]);
    const empty = command("--user", "");
    expect(observeContainer(empty)).toMatchObject({ user: undefined, leftovers: [] });
  });

  it("does not trust a command line that is not the container's", () => {
    const inspect = container(version, "mcr-api");
    const config = inspect["Config"] as Record<string, unknown>;
    for (const command of [
      ["podman", "run", "localhost/busybox:v1.0.0", "sleep 500"],
      ["podman", "run", "--name", "x", "registry.example:5000/team/app:v2.1.0", "sleep 7"],
      ["podman", "kube", "play", "x.yaml"],
    ]) {
      const other = { ...inspect, Config: { ...config, CreateCommand: command } };
      expect(observeContainer(other).exact).toBe(false);
    }
  });
});

describe.each(PODMAN_VERSIONS)("podman %s, without the command line", (version) => {
  const all = [...inspected(version).values()].filter((each) => !isInfra(each));

  it.each(all.map((inspect) => ({ name: String(inspect["Name"]), inspect })))(
    "reads the same of $name, as far as the data has it",
    ({ inspect }) => {
      const asked = observeContainer(inspect);
      const seen = observeContainer(withoutCommand(inspect));
      expect(seen.exact).toBe(false);
      expect(seen).toMatchObject({ image: asked.image, restart: asked.restart });
      expect(seen.env).toEqual(expect.arrayContaining([...asked.env]));
      if (asked.cmd.length > 0) expect(seen.cmd).toEqual(asked.cmd);
      if (asked.user !== undefined) expect(seen.user).toBe(asked.user);
      const targets = (volumes: readonly string[]) =>
        volumes.map((volume) => volume.split(":").slice(1, 2)).sort();
      expect(targets(seen.volumes)).toEqual(targets(asked.volumes));
    },
  );

  it("reads the ports that podman forwards", () => {
    const bindings = bindingsOf(container(version, "ports"));
    const fixed = bindings.filter(({ container: port }) => ![85, 86, 9090].includes(port));
    expect(fixed).toHaveLength(10);
    expect(fixed).toContainEqual({ address: "::1", host: 18081, container: 80, protocol: "tcp" });
    expect(fixed).toContainEqual({ address: "", host: 18084, container: 84, protocol: "tcp" });
  });

  it("reads the networks", () => {
    const names = ["plain", "mc-proxy", "one-net", "two-nets"];
    const found = names.map((name) => networksOf(container(version, name))?.sort());
    const own = version === "4.3.1" ? "slirp4netns" : "pasta";
    expect(found).toEqual([[own], ["host"], ["mcpnet"], ["backnet", "mcpnet"]]);
  });

  it("lists what deviates from podman's defaults, by the option that asks for it", () => {
    const options = said(withoutCommand(container(version, "sink")));
    for (const option of [
      "--annotation=a.b=c",
      "--cap-add=NET_ADMIN",
      "--cap-drop=CHOWN",
      "--cpus=0.5",
      "--dns=1.1.1.1",
      "--add-host=db:10.0.0.1",
      '--health-cmd=["/bin/sh","-c","id -u"]',
      "--hostname=sink.example",
      "--label=com.example.role=db",
      "--memory=64m",
      "--pid=host",
      "--pids-limit=100",
      "--read-only",
      "--secret=token",
      "--security-opt=no-new-privileges",
      "--shm-size=32m",
      "--stop-timeout=3",
      "--tmpfs=/t",
      "--tty",
      "--ulimit=nofile=1024:2048",
      "--umask=0077",
      "--workdir=/etc",
    ]) {
      expect(options).toContain(option);
    }
    expect(leftovers(withoutCommand(container(version, "mcns")))).toEqual([]);
  });
});

describe("podman 5.4.2", () => {
  it("says what was changed after the command line was written", () => {
    expect(said(container("5.4.2", "plain"))).toEqual(["--memory=32m"]);
  });

  it("has pods", () => {
    expect(leftovers(container("5.4.2", "in-pod"))).toEqual(["--pod=new:thepod"]);
    const kube = observeContainer(container("5.4.2", "kube-web"));
    expect(kube).toMatchObject({ exact: false, env: ["KUBE=1"], network: undefined });
    expect(kube.words).toMatchObject({ entrypoint: ["sleep", "1000"] });
  });
});

describe("data of another form", () => {
  it.each([
    {},
    { Name: 7, Config: [], HostConfig: null },
    { Name: "x", Config: { Env: [1, null], Cmd: "sh", CreateCommand: [{}, "run"] }, Mounts: {} },
    { HostConfig: { PortBindings: { "80/tcp": "x" }, RestartPolicy: "no", Ulimits: [null] } },
  ])("is read without failing: %j", (inspect) => {
    expect(() => observeContainer(inspect)).not.toThrow();
  });
});
