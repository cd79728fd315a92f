/** The real NixOS module system, which lies outside this repository. */
import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { temporaryFolder } from "../support/fleet.ts";

/** A checkout of nixpkgs; nothing of it is built. */
const NIXPKGS = process.env["NIXGEN_NIXPKGS"] ?? "";

/**
 * Or a program that evaluates NixOS modules by itself: `PROGRAM [--pkg NAME] [--get OPTION]... MODULE`
 * prints an Evaluation as JSON and ends with 0, or with 3 where assertions fail; else it says why on
 * stderr. --pkg names a package that nixpkgs has, should the program have a stand-in for it.
 */
const PROGRAM = process.env["NIXGEN_NIXOS_EVAL"] ?? "";

/** Whether there is neither. */
export const LACKS_NIXOS = NIXPKGS === "" && PROGRAM === "";

/** Whether units come without their scripts, as those of a checkout do. */
export const LACKS_SCRIPTS = NIXPKGS !== "" || PROGRAM === "";

/** What a configuration becomes, as far as it is looked at here. */
export interface Evaluation {
  /** Those that fail. */
  readonly assertions: readonly string[];
  readonly warnings: readonly string[];
  /** Units as systemd reads them, those of the module at least. */
  readonly units: Readonly<Record<string, Unit>>;
  readonly users: Readonly<Record<string, User>>;
  readonly groups: Readonly<Record<string, { readonly gid: number }>>;
  readonly preSwitchChecks: Readonly<Record<string, string>>;
  readonly nameservers: readonly string[];
  readonly resolved: { readonly enable: boolean };
  /** Files of /etc, those of the module at least. */
  readonly etcTexts: Readonly<Record<string, string>>;
  readonly sysctl: Readonly<Record<string, unknown>>;
  readonly tmpfiles: { readonly rules: readonly string[] };
  /** The values of the options that were asked for. */
  readonly get: Readonly<Record<string, unknown>>;
}

interface Unit {
  readonly text: string;
  /** The scripts that it calls, by the folder in the store that has one. */
  readonly files?: Readonly<Record<string, string>>;
  readonly wantedBy?: readonly string[];
  readonly requiredBy?: readonly string[];
}

interface User {
  readonly uid: number;
  readonly group: string;
  readonly home: string;
  readonly linger: boolean;
  readonly isSystemUser: boolean;
  readonly extraGroups: readonly string[];
  readonly subUidRanges: readonly { readonly startUid: number; readonly count: number }[];
  readonly subGidRanges: readonly { readonly startGid: number; readonly count: number }[];
}

/** The command that prints the Evaluation of a module. */
function command(module: string, options: readonly string[]): readonly [string, string[]] {
  if (NIXPKGS === "") {
    const wanted = options.flatMap((option) => ["--get", option]);
    return [PROGRAM, ["--pkg", "grpc-health-probe", ...wanted, module]];
  }
  const args = {
    nixpkgs: resolve(NIXPKGS),
    module: resolve(module),
    options: JSON.stringify(options),
  };
  return [
    "nix-instantiate",
    [
      ...["--store", temporaryFolder(), "--eval", "--strict", "--json"],
      join(import.meta.dirname, "evaluate.nix"),
      ...Object.entries(args).flatMap(([name, value]) => ["--argstr", name, value]),
    ],
  ];
}

/** What a module becomes, with the values of options; undefined where it cannot be evaluated. */
export async function evaluate(
  module: string,
  options: readonly string[] = [],
): Promise<{ readonly host: Evaluation | undefined; readonly stderr: string }> {
  const run = spawn(...command(module, options), {
    env: { ...process.env, NIX_PATH: "", NIX_REMOTE: "" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  run.stdout.setEncoding("utf8").on("data", (data: string) => (stdout += data));
  run.stderr.setEncoding("utf8").on("data", (data: string) => (stderr += data));
  const status = await new Promise<number | null>((done, fail) => {
    run.on("error", fail);
    run.on("close", done);
  });
  // Before an error a part may have been printed.
  const whole = status === 0 || status === 3;
  return { host: whole ? (JSON.parse(stdout) as Evaluation) : undefined, stderr };
}
