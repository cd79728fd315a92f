/** Every setting, by the example in its comment, through each of its faces. */
import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import { readSettingDocs } from "../../scripts/setting-docs.ts";
import { planFleet } from "../support/plan.ts";
import { podmanRun } from "../../src/generate/podman.ts";
import type { Inspect } from "../../src/podman/inspect.ts";
import { parseRunCommand } from "../../src/podman/run-command.ts";
import { settings } from "../../src/settings/index.ts";
import { isNone, type Key, type Setting, type Words } from "../../src/settings/setting.ts";
import { deviationsOf, nixosOptions, podmanOptions } from "../../src/settings/words.ts";
import { isAccepted } from "../../src/settings/compose-service.ts";
import { loadFiles } from "../support/fleet.ts";
import { INVENTORY } from "../support/small-fleet.ts";
import { printBinding } from "../../src/nix/printer.ts";

const KEYS = Object.keys(settings) as Key[];

/** What the comments of settings say. */
const DOCS = readSettingDocs(".");

function filesOf(text: string): Record<string, string> {
  return {
    "nixgen.toml": INVENTORY,
    "services/web.toml": `name = "web"
node = "box"
[[components]]
name = "web"
image = "registry.example/web:v1"
${text}
`,
  };
}

describe.each(KEYS)("%s", (key) => {
  const { example: text } = DOCS.get(key) ?? expect.fail("no comment");
  const { [key]: value } = parse(text);
  const setting = settings[key] as unknown as Setting<unknown>;
  const words = { [key]: value } as Words;

  it("has an example that definitions admit", () => {
    expect(value).toBeDefined();
    expect(isAccepted(key, value)).toBe(true);
  });

  it("reaches podman's command, and is read back from it", async () => {
    const [plan] = planFleet(await loadFiles(filesOf(text)));
    const argv = podmanRun(plan?.containers[0] ?? expect.fail("no container"));
    const command = parseRunCommand(argv);
    expect(command?.image).toBe("registry.example/web:v1");
    const options = podmanOptions(words);
    expect(options.length).toBeGreaterThan(0);
    for (const { name, value: said = "true" } of options) {
      expect(command?.options).toContainEqual({ name, value: said });
    }
    if (isNone(setting.command)) {
      expect(setting.command.none).not.toBe("");
      return;
    }
    const { options: names, read } = setting.command;
    const given = command?.options.filter(({ name }) => names.includes(name)) ?? [];
    const left: string[] = [];
    expect(read(given, {}, (option) => void left.push(option))).toEqual(value);
    expect(left).toEqual([]);
  });

  it("reaches the module", () => {
    const { bindings, extraOptions } = nixosOptions(words);
    const nix = [...bindings.map((binding) => printBinding(binding)), ...extraOptions].join("\n");
    for (const { value: said } of podmanOptions(words)) {
      // Each word of what podman is told is in the module, whatever the form.
      for (const word of said?.match(/[A-Za-z0-9./]+/g) ?? []) expect(nix).toContain(word);
    }
    expect(nix).not.toBe("");
  });

  it("has a reason for each face that is none", () => {
    for (const face of Object.values(setting)) {
      if (isNone(face)) expect(face.none.length).toBeGreaterThan(10);
    }
  });
});

describe("the names in a table", () => {
  it.each(["labels", "annotations", "sysctls", "log_options"])("of %s are checked", async (key) => {
    for (const name of ["", "a b", "a=b", "a\\u0000", "a\\n"]) {
      const loading = loadFiles(filesOf(`${key} = { "${name}" = "x" }`));
      await expect(loading, name).rejects.toThrow(`of components[0].${key} must be a text without`);
    }
    expect(isAccepted(key, { "io.example/a-b_c": "x" })).toBe(true);
  });
});

/** A container by what podman shows of it. */
const shown = (host: object, config: object = {}): Inspect => ({
  HostConfig: { CapAdd: [], CapDrop: [], ...host },
  Config: config,
});

describe("a container", () => {
  const told = (words: Words, inspect: Inspect): string[] =>
    deviationsOf(words, inspect).map(({ text }) => text);

  it.each<[Words, Inspect]>([
    [{ stop_timeout: 10, workdir: "/" }, shown({}, { StopTimeout: 10, WorkingDir: "/" })],
    [{ pids_limit: 2048, shm_size: "64000k" }, shown({ PidsLimit: 2048, ShmSize: 65536000 })],
    [{ pids_limit: 2048 }, shown({ PidsLimit: 0 })],
    [{ ipc: "private", pid: "private" }, shown({ IpcMode: "shareable", PidMode: "private" })],
    [{ stop_signal: "TERM" }, shown({}, { StopSignal: "SIGTERM" })],
    // podman 4.3.1
    [{ stop_signal: "SIGINT" }, shown({}, { StopSignal: 2 })],
    [{ security_opt: ["no-new-privileges:true"] }, shown({ SecurityOpt: ["no-new-privileges"] })],
    [{ privileged: true, cap_drop: ["KILL"] }, shown({ Privileged: true })],
    [{ ulimits: ["host"] }, shown({ Ulimits: [{ Name: "RLIMIT_NOFILE", Soft: 1, Hard: 2 }] })],
    [
      { cap_drop: ["NET_RAW", "KILL"], cap_add: ["CHOWN", "CAP_NET_ADMIN"] },
      shown({ CapAdd: ["CAP_NET_ADMIN"], CapDrop: ["CAP_KILL"] }),
    ],
    [
      { tmpfs: ["/tmp"], read_only: true },
      shown({ ReadonlyRootfs: true, Tmpfs: { "/tmp": "rw", "/run": "rw" } }),
    ],
  ])("that is as %j asks is no deviation", (words, inspect) => {
    expect(told(words, inspect)).toEqual([]);
  });

  it.each<[Words, Inspect, string]>([
    [{ stop_timeout: 20 }, shown({}, { StopTimeout: 10 }), "lacks --stop-timeout 20"],
    [{ stop_timeout: 10 }, shown({}, { StopTimeout: 20 }), "has --stop-timeout 20, not 10"],
    [{}, shown({}, { StopTimeout: 20 }), "has --stop-timeout 20"],
    [{ cap_drop: ["ALL"] }, shown({}), "lacks --cap-drop ALL"],
    [{ cap_add: ["ALL"] }, shown({}), "lacks --cap-add ALL"],
    [
      { cap_drop: ["ALL"], cap_add: ["CHOWN"] },
      shown({
        CapDrop:
          "CHOWN DAC_OVERRIDE FOWNER FSETID KILL NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT".split(
            " ",
          ),
      }),
      "has --cap-drop CHOWN",
    ],
    [{ cap_drop: ["CHOWN"] }, shown({}), "lacks --cap-drop CHOWN"],
    [{}, shown({ CapAdd: ["CAP_SYS_ADMIN"] }), "has --cap-add SYS_ADMIN"],
    [{ tmpfs: ["/tmp"] }, shown({ Tmpfs: {} }), "lacks --tmpfs /tmp"],
    [{}, shown({ Tmpfs: { "/scratch": "rw" } }), "has --tmpfs /scratch"],
    [
      { ulimits: ["nofile=512:512"] },
      shown({ Ulimits: [{ Name: "RLIMIT_NOFILE", Soft: 1024, Hard: 1024 }] }),
      "lacks --ulimit nofile=512:512",
    ],
    [
      { healthcheck: { command: ["true"], on_failure: "kill" } },
      shown({}, { Healthcheck: { Test: ["CMD", "true"] }, HealthcheckOnFailureAction: "none" }),
      "does nothing when its health check fails",
    ],
  ])("that is not as %j asks is told", (words, inspect, text) => {
    expect(told(words, inspect)).toEqual([text]);
  });
});

describe("a health check", () => {
  it.each([
    [["/healthz"], "CMD /healthz"],
    [["pg_isready", "-q"], '["pg_isready","-q"]'],
    [["curl -f localhost || exit 1"], '["curl -f localhost || exit 1"]'],
    [["none"], "none"],
  ])("of %j is said as %s", (command, value) => {
    const words = { healthcheck: { command } };
    expect(podmanOptions(words)).toEqual([{ name: "health-cmd", value }]);
  });

  it.each(["CMD", "CMD-SHELL", "NONE"])("does not begin with %s", (word) => {
    expect(isAccepted("healthcheck", { command: [word, "true"] })).toBe(false);
  });
});

describe("podman_args", () => {
  it("refuses every option that has a key of its own", () => {
    const options = KEYS.filter((key) => key !== "podman_args").flatMap((key) => {
      const { command } = settings[key];
      return isNone(command) ? [] : command.options;
    });
    const others = [
      "name",
      "rm",
      "replace",
      "restart",
      "network",
      "cidfile",
      "sdnotify",
      "cgroups",
      "rootfs",
      "rmi",
      "attach",
      "network-alias",
      "ip",
      "ip6",
      "mac-address",
    ];
    for (const option of [...options, ...others]) {
      expect(isAccepted("podman_args", [`--${option}=x`]), option).toBe(false);
    }
    expect(isAccepted("podman_args", ["--cpuset-cpus=0-1"])).toBe(true);
    expect(isAccepted("podman_args", ["-v=/:/host"])).toBe(false);
    expect(isAccepted("podman_args", ["--cpuset-cpus"])).toBe(false);
  });
});
