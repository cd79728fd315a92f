/** A machine that boots what is emitted for a host, and what its journal says of each boot. */
import { spawn } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { onTestFinished } from "vitest";
import { shellCommand } from "../../../src/text/shell.ts";
import { type Files, loadFiles, temporaryFolder, writeFiles } from "../../support/fleet.ts";
import { drillTree } from "../../support/debian-tree.ts";
import { SANDBOX } from "../../support/sandbox.ts";
import { lacks } from "../../support/tools.ts";
import { type Host, renderHost } from "./units.ts";
import { emitFiles, planFleet } from "../../support/plan.ts";

const HERE = resolve("test/e2e/boot");
/** The host of the reference fleet that has boot stages. */
const HOST = "rift";

/** The root of the machines. */
const tree = await drillTree();

/** Whether no machine can be booted here. */
export const noMachine = tree === undefined || lacks("nix-instantiate") || lacks("nsenter");

/** What NixOS would make of the files that are emitted for a host, and the script among them. */
export interface EmittedHost extends Host {
  readonly recover: string;
}

/** Writes the files of a fleet's host, and returns what NixOS would make of them. */
export async function hostOf(files: Files): Promise<EmittedHost> {
  const plan = planFleet(await loadFiles(files)).find(({ host }) => host === HOST);
  if (plan === undefined) throw new Error(`nothing is emitted for ${HOST}`);
  const folder = join(writeFiles(Object.fromEntries(emitFiles(plan))), HOST);
  const read = (file: string): string => readFileSync(join(folder, file), "utf8");
  const host = renderHost(folder);
  // Units call it where recovery.nix puts it.
  const scripts = new Map([
    ...host.scripts,
    ["/etc/nixgen/host-check.sh", read("host-check.sh")] as const,
  ]);
  return { ...host, scripts, recover: read("recover.sh") };
}

/** What happened in one boot, in the words of systemd's journal. */
export interface Event {
  /** Microseconds since the machine's kernel started: later is greater, across boots too. */
  readonly at: number;
  readonly what: "starting" | "started" | "failed" | "says";
  /** A unit; of "says", a container. */
  readonly who: string;
  readonly message: string;
}

/** The identifiers of systemd's messages, see `journalctl --catalog --list`. */
const MESSAGES: Readonly<Record<string, Event["what"]>> = {
  "7d4958e842da4a758f6c1cdc7b36dcc5": "starting",
  "39f53479d3a045ac8e11786248231fbf": "started",
  be02cf6855d2428ba40df7e9d022f03d: "failed",
  d9b373ed55a64feb8242e02dbe79a49c: "failed",
};

/** What a drill leaves behind. */
export interface Drill {
  /** Each boot's events in order. */
  readonly boots: readonly Boot[];
  /** A file that the drill wrote into /sandbox. */
  readonly file: (name: string) => string;
}

/** The events of a boot. */
export class Boot {
  constructor(readonly events: readonly Event[]) {}

  /** When something happened each time. */
  times(who: string, what: Event["what"], message?: string): number[] {
    return this.events
      .filter((event) => event.who === who && event.what === what)
      .filter((event) => message === undefined || event.message === message)
      .map(({ at }) => at);
  }

  /**
   * When something happened first.
   * @throws where it never did.
   */
  first(who: string, what: Event["what"], message?: string): number {
    const [at] = this.times(who, what, message);
    if (at === undefined) throw new Error(`${who} never ${what} ${message ?? ""}: ${this.story()}`);
    return at;
  }

  /** All of it, for a failed test. */
  story(): string {
    return this.events
      .filter(({ who }) => /^(podman|mcp)-|^[^.]*$/.test(who))
      .map(({ at, who, what, message }) => `${(at / 1e6).toFixed(3)} ${who} ${what}: ${message}`)
      .join("\n");
  }
}

/**
 * Sets a machine up as a host and runs a drill on it: a script of bash that has the functions of
 * machine.sh. It must end well.
 * @param services the file of each service that server.pl reads, by its folder below /srv.
 * @param later what the host becomes when the script calls `become NAME`.
 */
export async function drill(
  host: EmittedHost,
  services: Readonly<Record<string, string>>,
  script: string,
  later: Readonly<Record<string, EmittedHost>> = {},
): Promise<Drill> {
  const folder = temporaryFolder();
  writeRoot(join(folder, "rootfs"), host, services);
  for (const [name, other] of Object.entries(later)) writeRoot(join(folder, name), other, {});
  for (const file of ["machine.sh", "init.sh", "server.pl"]) {
    copyFileSync(join(HERE, file), join(folder, file));
  }
  const main = `set -euo pipefail\n${setUp(host)}\n${script}\nobserve\n`;
  writeFiles({ "main.sh": main }, folder);
  const sandbox = spawn(SANDBOX, [folder, tree?.folder ?? ""], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  sandbox.stdout.setEncoding("utf8").on("data", (data: string) => (output += data));
  sandbox.stderr.setEncoding("utf8").on("data", (data: string) => (output += data));
  onTestFinished(() => {
    sandbox.kill("SIGKILL");
  });
  const status = await new Promise((done) => sandbox.on("close", done));
  if (status !== 0) throw new Error(`the drill failed with ${String(status)}:\n${output}`);
  const journals = readdirSync(folder).filter((name) => /^boot-\d+\.json$/.test(name));
  return {
    boots: journals
      .sort()
      .map((name) => new Boot(readEvents(readFileSync(join(folder, name), "utf8")))),
    file: (name) => readFileSync(join(folder, name), "utf8"),
  };
}

/** What a host has that a Debian has not. */
function writeRoot(
  root: string,
  { units, scripts, links, tmpfiles, recover }: EmittedHost,
  services: Readonly<Record<string, string>>,
): void {
  const system = "etc/systemd/system";
  writeFiles(
    {
      ...Object.fromEntries([...units].map(([name, text]) => [`${system}/${name}`, text])),
      ...Object.fromEntries(scripts),
      "etc/tmpfiles.d/host.conf": tmpfiles.map((rule) => `${rule}\n`).join(""),
      "etc/nixgen/recover.sh": recover,
      ...Object.fromEntries(
        Object.entries(services).map(([name, text]) => [`srv/${name}/${name}.toml`, text]),
      ),
    },
    root,
  );
  for (const path of scripts.keys()) chmodSync(join(root, path), 0o755);
  for (const link of links) {
    const path = join(root, system, link);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(`../${link.replace(/^.*\//, "")}`, path);
  }
}

function setUp({ users, groups, sysctls, images }: Host): string {
  const [[name, user] = []] = Object.entries(users);
  const [range] = user?.subUidRanges ?? [];
  if (name === undefined || user === undefined || range === undefined) throw new Error("no user");
  const { gid = user.uid } = groups[name] ?? {};
  const ids = [user.uid, gid, user.home, range.startUid, range.count].map(String);
  const addresses = ["192.168.88.181", "100.95.252.120"];
  // Those of the network are of the sandbox's own; others would be the whole machine's.
  const network = Object.entries(sysctls).filter(([key]) => key.startsWith("net."));
  return [
    ". /sandbox/machine.sh",
    shellCommand(["set_up", name, ...ids, ...addresses]),
    shellCommand(["add_images", ...new Set(images)]),
    ...network.map(([key, value]) => `echo ${value} >/proc/sys/${key.replaceAll(".", "/")}`),
  ].join("\n");
}

/** A line of `journalctl --output json`. */
interface Entry {
  readonly __MONOTONIC_TIMESTAMP: string;
  readonly MESSAGE?: unknown;
  readonly MESSAGE_ID?: string;
  readonly UNIT?: string;
  readonly CONTAINER_NAME?: string;
}

function readEvents(journal: string): Event[] {
  return journal
    .split("\n")
    .filter((line) => line !== "")
    .flatMap((line) => {
      const entry = JSON.parse(line) as Entry;
      const at = Number(entry.__MONOTONIC_TIMESTAMP);
      // One that is not text is a list of bytes.
      const message = typeof entry.MESSAGE === "string" ? entry.MESSAGE : "";
      if (entry.CONTAINER_NAME !== undefined) {
        return [{ at, what: "says", who: entry.CONTAINER_NAME, message: message.trimEnd() }];
      }
      const what = MESSAGES[entry.MESSAGE_ID ?? ""];
      return what === undefined || entry.UNIT === undefined
        ? []
        : [{ at, what, who: entry.UNIT, message }];
    });
}
