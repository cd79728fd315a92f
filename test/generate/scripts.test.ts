/** The emitted scripts, run by the real bash and read by the real shellcheck. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Probe } from "../../src/fleet/boot.ts";
import type { Binding, Expr } from "../../src/nix/ast.ts";
import { LISTENS } from "../../src/plan/health.ts";
import { bootModule } from "../../src/generate/nixos/boot.ts";
import { type Holes, made } from "../../src/generate/nixos/render.ts";
import type { ContainerPlan, HostPlan, StagePlan } from "../../src/plan/plan.ts";
import { recoverScript } from "../../src/generate/recover.ts";
import { temporaryFolder, writeFiles } from "../support/fleet.ts";
import { wholeText } from "../support/plan.ts";
import { lacks } from "../support/tools.ts";
import { emittedFleets } from "./support.ts";

const fleets = await emittedFleets();

/** The texts of all bindings of a name, however deep. */
function textsOf(bindings: readonly Binding[], name: RegExp): string[] {
  return bindings.flatMap(({ path, value }) => {
    const text = textOf(value);
    if (text !== undefined && name.test(path.join("."))) return [text];
    const set = value.kind === "operation" ? value.right : value;
    return set.kind === "attrs" ? textsOf(set.bindings, name) : [];
  });
}

/** What an expression is a text of; the one that there is to begin with is LISTENS. */
function textOf(expr: Expr): string | undefined {
  if (expr.kind === "string") return expr.value;
  if (expr.kind !== "operation" || expr.right.kind !== "string") return undefined;
  expect(expr.left.path).toEqual(["listens"]);
  return LISTENS + expr.right.value;
}

function bindingsOf(hole: Holes[string] | undefined): readonly Binding[] {
  return hole === undefined || "kind" in hole ? [] : hole.map(made);
}

function unitScripts(plan: HostPlan): string[] {
  return textsOf(bindingsOf(bootModule(plan).holes["services"]), /^script$/);
}

/** A file with a script in it: `bash -c` may read the files of an interactive shell first. */
function scriptFile(text: string): string {
  return join(writeFiles({ script: text }), "script");
}

const plans = fleets.flatMap(({ plans }) => plans);
/** A host and a container that tests change as they need. */
const [template, templateContainer] = ((): [HostPlan, ContainerPlan] => {
  for (const plan of plans) {
    const [container] = plan.containers;
    if (container !== undefined) return [plan, container];
  }
  throw new Error("no host has containers");
})();

describe("bash", () => {
  it("can read every recover.sh", () => {
    for (const plan of plans) {
      const run = spawnSync("bash", ["-n", scriptFile(wholeText(recoverScript(plan)))], {
        encoding: "utf8",
      });
      expect(run, plan.host).toMatchObject({ status: 0, stderr: "" });
    }
  });
});

/** What shellcheck has to say against scripts. */
function shellcheck(scripts: readonly string[], ...options: string[]): string {
  const files = Object.fromEntries([...new Set(scripts)].map((text, at) => [`${at}.sh`, text]));
  const run = spawnSync("shellcheck", ["-s", "bash", ...options, ...Object.keys(files)], {
    cwd: writeFiles(files),
    encoding: "utf8",
  });
  return run.stdout + run.stderr;
}

describe.skipIf(lacks("shellcheck"))("shellcheck", () => {
  it("has nothing against any script", () => {
    const scripts = plans.flatMap(unitScripts);
    // The frame of the others is the same, and takes seconds.
    const largest = plans.reduce((a, b) => (a.containers.length < b.containers.length ? b : a));
    scripts.push(wholeText(recoverScript(largest)));
    expect(scripts.length).toBeGreaterThan(15);
    // These are about a $ and a \\ in single quotes: there they are the input's own.
    expect(shellcheck(scripts, "--exclude=SC2016,SC1003")).toBe("");
  });
});

/** The script of a container's gate. */
function gate(probe: Probe): string {
  const container: ContainerPlan = {
    ...templateContainer,
    name: "web",
    stage: "pod-first",
    after: undefined,
    probe,
    gate: "pod-ready-web",
  };
  const stage: StagePlan = {
    name: "first",
    target: "pod-first",
    after: undefined,
    onFailure: "block",
    timeoutSeconds: 5,
  };
  const plan: HostPlan = { ...template, networks: [], stages: [stage], containers: [container] };
  const [script] = unitScripts(plan);
  if (script === undefined) throw new Error("no gate");
  return script;
}

/**
 * Programs that log how they are called and do what is wanted: a shell text each. A gate that would
 * wait is ended by its first sleep.
 */
function stubs(programs: Readonly<Record<string, string>>): { bin: string; log: string } {
  const bin = temporaryFolder();
  const log = join(bin, "log");
  for (const [name, text] of Object.entries({ sleep: "kill -KILL $PPID", ...programs })) {
    const file = join(bin, name);
    writeFileSync(file, `#!/bin/sh\nprintf '%s\\n' "${name}" "$@" >>"${log}"\n${text}\n`);
    chmodSync(file, 0o755);
  }
  return { bin, log };
}

/** Whether a gate opens, with these programs before the real ones; as NixOS runs it. */
function opens(script: string, bin: string): boolean {
  const run = spawnSync("bash", [scriptFile(`set -e\n${script}`)], {
    env: { PATH: `${bin}:/usr/bin:/bin` },
    timeout: 10_000,
  });
  expect(run.stderr.toString()).toBe("");
  return run.status === 0;
}

const UP = "exit 0";
const DOWN = "exit 3";

async function listen(server: Server, host: string): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

describe("the gate", () => {
  const self = `echo ${process.pid}`;

  it.each(["127.0.0.1", "::1"])(
    "listen opens when the port of the process listens (%s)",
    async (host) => {
      const server = createServer();
      const port = await listen(server, host);
      const probe: Probe = { kind: "listen", ports: [port] };
      expect(opens(gate(probe), stubs({ systemctl: UP, podman: self }).bin)).toBe(true);
      // Not while the unit is down, nor by the port of another process's namespace, nor without podman.
      expect(opens(gate(probe), stubs({ systemctl: DOWN, podman: self }).bin)).toBe(false);
      expect(opens(gate(probe), stubs({ systemctl: UP, podman: "echo 0" }).bin)).toBe(false);
      expect(opens(gate(probe), stubs({ systemctl: UP, podman: "exit 125" }).bin)).toBe(false);
      const closed = createServer();
      const other = await listen(closed, host);
      await new Promise((resolve) => closed.close(resolve));
      for (const ports of [[other], [port, other], [other, port]]) {
        const waits = gate({ kind: "listen", ports });
        expect(opens(waits, stubs({ systemctl: UP, podman: self }).bin)).toBe(false);
      }
    },
  );

  it("listen is not opened by a connection from that port", async () => {
    const server = createServer();
    const port = await listen(server, "127.0.0.1");
    const client = spawn(process.execPath, [
      "-e",
      `const s=require("net").connect(${port},"127.0.0.1",()=>console.log(s.localPort));setTimeout(()=>{},9000)`,
    ]);
    onTestFinished(() => void client.kill());
    const local = await new Promise<number>((resolve) =>
      client.stdout.on("data", (data: Buffer) => {
        resolve(Number(data));
      }),
    );
    const script = gate({ kind: "listen", ports: [local] });
    expect(opens(script, stubs({ systemctl: UP, podman: self }).bin)).toBe(false);
  });

  it("asks again until it can open", () => {
    const { bin } = stubs({
      systemctl: UP,
      sleep: "PATH=/usr/bin:/bin exec sleep 0.1",
      podman: `test -e "$0.once" || { touch "$0.once"; exit 125; }; echo ${process.pid}`,
    });
    expect(opens(gate({ kind: "running" }), bin)).toBe(true);
  });

  it.each([
    [UP, self, true],
    [UP, "echo 0", false],
    [DOWN, self, false],
    [UP, "exit 125", false],
  ])("running: unit %j, podman %j: %j", (systemctl, podman, expected) => {
    const { bin } = stubs({ systemctl, podman });
    expect(opens(gate({ kind: "running" }), bin)).toBe(expected);
  });

  const calls: [string, Probe, string, string, string[]][] = [
    ["exec", { kind: "exec", command: ["sh", "-c", "a 'b' \"$c\"", ""] }, "podman", "exit 1",
      ["podman", "exec", "web", "sh", "-c", "a 'b' \"$c\"", ""]],
    ["dns", { kind: "dns", name: "example.org", addresses: ["192.0.2.1", "2001:db8::1"] }, "dig", "echo status: SERVFAIL",
      ["dig", "+time=1", "+tries=1", "@192.0.2.1", "example.org", "SOA", "dig", "+time=1", "+tries=1", "@2001:db8::1", "example.org", "SOA"]],
    ["http", { kind: "http", url: "http://127.0.0.1:1/a[1-3]{b,c}?d=$(e)&f='" }, "curl", "exit 22",
      ["curl", "--fail", "--globoff", "--insecure", "--silent", "--max-time", "2", "http://127.0.0.1:1/a[1-3]{b,c}?d=$(e)&f='"]],
    ["grpc", { kind: "grpc", endpoint: "[::1]:9", service: "a.B", tls: true }, "grpc-health-probe", "exit 1",
      ["grpc-health-probe", "-addr=[::1]:9", "-service=a.B", "-tls", "-tls-no-verify", "-connect-timeout=1s", "-rpc-timeout=1s"]],
  ]; // prettier-ignore

  it.each(calls)(
    "%s asks what it should, and believes the answer",
    (_, probe, program, no, asked) => {
      const yes = stubs({
        systemctl: UP,
        [program]: "echo ';; ->>HEADER<<- status: NOERROR, id: 1'",
      });
      expect(opens(gate(probe), yes.bin)).toBe(true);
      const log = execFileSync("cat", [yes.log], { encoding: "utf8" }).split("\n").slice(0, -1);
      const own = log.slice(log.indexOf(program));
      expect(own).toEqual(asked);
      expect(opens(gate(probe), stubs({ systemctl: UP, [program]: no }).bin)).toBe(false);
    },
  );

  it("http asks a real server for exactly its path", async () => {
    if (lacks("curl")) return;
    const seen: string[] = [];
    const server = createServer((socket) => {
      socket.once("data", (data: Buffer) => {
        seen.push(data.toString("latin1").split("\r\n", 1)[0] ?? "");
        const status = seen.length === 1 ? "503 Unavailable" : "200 OK";
        socket.end(`HTTP/1.1 ${status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
      });
    });
    const port = await listen(server, "127.0.0.1");
    const script = gate({ kind: "http", url: `http://127.0.0.1:${port}/a[1-3]{b,c}?d='` });
    const run = spawn("bash", [scriptFile(script)], { stdio: "ignore", timeout: 10_000 });
    expect(await new Promise((resolve) => run.on("exit", resolve))).toBe(0);
    expect(seen).toEqual(Array.from({ length: 2 }, () => "GET /a[1-3]{b,c}?d=' HTTP/1.1"));
  });
});

describe("the script of a network", () => {
  it("makes it where it is missing, only", () => {
    const plan = { ...template, networks: [{ name: "inner-net", options: "" }] };
    const script = unitScripts(plan).find((text) => text.includes("network create")) ?? "";
    for (const [exists, expected] of [
      ["exit 0", ["exists"]],
      ['[ "$2" = create ]', ["exists", "create"]],
    ] as const) {
      const { bin, log } = stubs({ podman: exists });
      expect(opens(script, bin)).toBe(true);
      const calls = execFileSync("cat", [log], { encoding: "utf8" }).split("podman\n").slice(1);
      expect(calls).toEqual(expected.map((what) => `network\n${what}\ninner-net\n`));
    }
  });
});
