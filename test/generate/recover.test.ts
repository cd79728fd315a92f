/** The parts of recover.sh that need no podman: what stands in for programs that a host may lack. */
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { writeFiles } from "../support/fleet.ts";
import { lacks } from "../support/tools.ts";

const frame = readFileSync("templates/recover.sh", "utf8");

/** A function of the frame, as it is where the program of its name is missing. */
function substitute(name: string): string {
  const text = new RegExp(
    `^command -v ${name} >/dev/null \\|\\| (${name}\\(\\) \\{[^]*?^\\})`,
    "m",
  );
  const found = text.exec(frame)?.[1];
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

/** Runs a script beside this process, which has the servers. */
async function bash(script: string): Promise<{ status: number | null; stdout: string }> {
  const child = spawn("bash", [join(writeFiles({ script }), "script")]);
  let stdout = "";
  child.stdout.on("data", (data: Buffer) => (stdout += data.toString()));
  const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { status, stdout };
}

// Only root may listen on port 53.
describe.skipIf(process.getuid?.() !== 0)("without dig", () => {
  it.each([
    [0, "status: NOERROR\n"],
    [2, ""],
    [3, ""],
  ])("an answer with code %i is %j", async (code, shown) => {
    const server = createSocket("udp4");
    onTestFinished(() => void server.close());
    const queries: string[] = [];
    server.on("message", (query, { port, address }) => {
      queries.push(query.toString("latin1"));
      const answer = Buffer.from(query);
      answer.writeUInt16BE(0x8180 | code, 2);
      server.send(answer, port, address);
    });
    await new Promise<void>((resolve) => server.bind(53, "127.9.9.9", resolve));
    const call = "dig +time=1 +tries=1 @127.9.9.9 svc.example.org. SOA";
    expect((await bash(`${substitute("dig")}\n${call}`)).stdout).toBe(shown);
    const name = "\x03svc\x07example\x03org\0";
    expect(queries).toEqual([`NG\x01\0\0\x01\0\0\0\0\0\0${name}\0\x06\0\x01`]);
  });

  it("no answer is none", async () => {
    const call = "dig +time=1 +tries=1 @127.9.9.8 example.org SOA";
    expect((await bash(`${substitute("dig")}\n${call}`)).stdout).toBe("");
  });
});

describe.skipIf(lacks("curl"))("without grpc-health-probe", () => {
  it.each([
    [[], 1, 0],
    [["-service=a.B"], 1, 0],
    [[], 2, 1],
  ])("with %j a state of %i is exit status %i", async (options, state, status) => {
    const asked: string[] = [];
    const server = createServer();
    onTestFinished(() => void server.close());
    server.on("stream", (stream, headers) => {
      const body: Buffer[] = [];
      stream.on("data", (data: Buffer) => body.push(data));
      stream.on("end", () => {
        asked.push(`${headers[":path"] ?? ""} ${Buffer.concat(body).toString("hex")}`);
        stream.respond({ "content-type": "application/grpc" });
        stream.end(Buffer.from([0, 0, 0, 0, 2, 8, state]));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const call = `grpc-health-probe -addr=127.0.0.1:${port} ${options.join(" ")} -rpc-timeout=1s`;
    const run = await bash(`${substitute("grpc-health-probe")}\n${call}`);
    expect(run.status).toBe(status);
    const message = options.length === 0 ? "0000000000" : "00000000050a03612e42";
    expect(asked).toEqual([`/grpc.health.v1.Health/Check ${message}`]);
  });
});

describe("on another machine", () => {
  const check = /^check_machine\(\) \{[^]*?^\}/m.exec(frame)?.[0] ?? "";
  const run = (installed: string, told = 0): ReturnType<typeof bash> =>
    bash(
      `exec 2>&1; uname() { echo Orion.example; }; HOST=rift INSTALLED=${installed} ON_THIS_MACHINE=${told}\n${check}\ncheck_machine; echo goes on`,
    );

  it("it does not go on where another host's script is installed", async () => {
    const installed = join(writeFiles({ "recover.sh": "HOST=orion\n" }), "recover.sh");
    expect(await run(installed)).toEqual({
      status: 2,
      stdout: `recover.sh: this machine is orion, and this script is for rift: nothing was done\nRun bash ${installed} here.\n`,
    });
  });

  it("it goes on by the machine's name alone only if it is told to", async () => {
    expect(await run("/none")).toEqual({
      status: 2,
      stdout:
        "recover.sh: this machine is Orion, and this script is for rift: nothing was done\nIf this machine is to be rift, add --on-this-machine.\n",
    });
    expect((await run("/none", 1)).stdout).toBe("goes on\n");
  });

  it("its own host is what the installed script is for, whatever its name", async () => {
    const installed = join(writeFiles({ "recover.sh": "HOST=rift\n" }), "recover.sh");
    expect((await run(installed)).stdout).toBe("goes on\n");
  });
});
