/** The emitted modules in the real NixOS module system, by a tool that lies outside this repository. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { writeFiles } from "../support/fleet.ts";
import { emittedFleets, sharedFolder } from "./support.ts";

const named = process.env["NIXGEN_NIXOS_EVAL"];
const tool = named ?? "../shared/tools/nixos-eval/nixos-eval";
const missing =
  named === undefined &&
  !(existsSync(tool) && existsSync(join(homedir(), ".cache/nixos-eval/lib")));

/** What the tool prints, as far as it is looked at here. */
interface Evaluation {
  readonly assertions: readonly unknown[];
  readonly units: Readonly<Record<string, { readonly text: string; readonly path: string[] }>>;
  readonly users: Readonly<Record<string, { readonly linger: boolean; readonly uid: number }>>;
  readonly preSwitchChecks: Readonly<Record<string, string>>;
  readonly resolved: unknown;
  readonly etcTexts: Readonly<Record<string, string>>;
}

async function evaluate(
  module: string,
): Promise<{ status: number; stdout: string; stderr: string }> {
  const run = spawn(resolve(tool), ["--pkg", "grpc-health-probe", module], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  run.stdout.setEncoding("utf8").on("data", (data: string) => (stdout += data));
  run.stderr.setEncoding("utf8").on("data", (data: string) => (stderr += data));
  const status = await new Promise<number>((done) => {
    run.on("close", (code) => {
      done(code ?? -1);
    });
  });
  return { status, stdout, stderr };
}

/** The values of a key in a unit's text. */
function values(text: string, key: string): string[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith(`${key}=`))
    .flatMap((line) => line.slice(key.length + 1).split(" "));
}

/** The hosts of the golden outputs, where the tool was asked for by name: each takes some seconds. */
function goldenHosts(): [string, string][] {
  const folder = "test/golden";
  if (named === undefined || !existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const out = resolve(folder, name, "expected/out");
    if (!existsSync(out)) return [];
    return readdirSync(out, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && existsSync(join(out, entry.name, "default.nix")))
      .map((entry): [string, string] => [`${name}/${entry.name}`, join(out, entry.name)]);
  });
}

const folder = sharedFolder();
const fleets = missing ? [] : await emittedFleets(folder);
/** Hosts of the made-up fleets that show nothing new here. */
const LEFT_OUT: ReadonlySet<string> = new Set(["small/alone", "unstaged/alone", "everything/two"]);
const hosts = fleets
  // The fleet of the incident is not built: it has lint errors.
  .filter(({ name }) => name !== "incident")
  .flatMap(({ name, plans, folder: at }) =>
    plans.map(({ host }): [string, string] => [`${name}/${host}`, join(at, host)]),
  )
  .filter(([host]) => !LEFT_OUT.has(host));

const skipped = missing ? " (skipped: no NIXGEN_NIXOS_EVAL, and none beside this repository)" : "";

describe.skipIf(missing)(`NixOS${skipped}`, () => {
  it.concurrent.for([...hosts, ...goldenHosts()])("takes %s", async ([, module], { expect }) => {
    const { status, stdout, stderr } = await evaluate(module);
    expect(status, stderr).toBe(0);
    const host = JSON.parse(stdout) as Evaluation;
    expect(host.assertions).toEqual([]);
    const [check = ""] = Object.keys(host.preSwitchChecks).filter((name) =>
      name.startsWith("nixgen-"),
    );
    const user = host.users[check.replace("nixgen-", "")];
    expect(user?.linger).toBe(true);
    const uid = user?.uid ?? 0;
    expect(host.preSwitchChecks[check]).toContain(String(uid));
    expect(JSON.stringify([host.resolved, host.etcTexts])).not.toMatch(/FallbackDNS=[^"\\]/);
    for (const [name, { text, path }] of Object.entries(host.units)) {
      if (!/^podman-.*\.service$/.test(name)) continue;
      expect(values(text, "Delegate"), name).toEqual(["true"]);
      expect(values(text, "RestartMode"), name).toEqual(["direct"]);
      expect(values(text, "Type"), name).toEqual(["notify"]);
      expect(values(text, "After"), name).toContain(`user@${uid}.service`);
      expect(values(text, "Wants"), name).toContain(`user@${uid}.service`);
      expect(text, name).toContain(`"XDG_RUNTIME_DIR=/run/user/${uid}"`);
      expect(path, name).toContain("/run/wrappers");
    }
  });

  it("refuses an option that it does not have, so that the rest means something", async () => {
    const [, module = ""] = hosts[0] ?? [];
    const wrong = writeFiles({
      "default.nix": `{ imports = [ ${module} ]; virtualisation.oci-containers.containers.x.podman.usr = "x"; }\n`,
    });
    const { status, stderr } = await evaluate(join(wrong, "default.nix"));
    expect(status).toBe(1);
    expect(stderr).toContain("does not exist");
  });
});
