/** The real NixOS module system, which lies outside this repository. */
import { spawn } from "node:child_process";

/**
 * A program that evaluates NixOS modules: `PROGRAM [--pkg NAME] [--get OPTION]... MODULE` prints an
 * Evaluation as JSON and ends with 0, with 3 where assertions of NixOS fail, or with 1 and the error.
 * --pkg names a package that nixpkgs has, should the program have a stand-in for it.
 */
const PROGRAM = process.env["NIXGEN_NIXOS_EVAL"];

/** Whether there is none. */
export const LACKS_NIXOS = PROGRAM === undefined || PROGRAM === "";

/** What a configuration becomes, as far as it is looked at here. */
export interface Evaluation {
  /** Those that fail. */
  readonly assertions: readonly string[];
  readonly warnings: readonly string[];
  /** The units that the module defines, as systemd reads them, with the packages in their PATH. */
  readonly units: Readonly<Record<string, { readonly text: string; readonly path?: string[] }>>;
  readonly users: Readonly<Record<string, User>>;
  readonly groups: Readonly<Record<string, { readonly gid: number }>>;
  readonly preSwitchChecks: Readonly<Record<string, string>>;
  readonly nameservers: readonly string[];
  readonly resolved: { readonly enable: boolean };
  /** The files of /etc that the module defines. */
  readonly etcTexts: Readonly<Record<string, string>>;
  readonly sysctl: Readonly<Record<string, unknown>>;
  readonly tmpfiles: { readonly rules: readonly string[] };
  /** The values of the options that were asked for. */
  readonly get: Readonly<Record<string, unknown>>;
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

/** What the evaluation of a module and its options says, or the error that ends it. */
export async function evaluate(
  module: string,
  options: readonly string[] = [],
): Promise<{ readonly status: number; readonly host: Evaluation; readonly stderr: string }> {
  if (PROGRAM === undefined) throw new Error("NIXGEN_NIXOS_EVAL is not set");
  const wanted = options.flatMap((option) => ["--get", option]);
  const run = spawn(PROGRAM, ["--pkg", "grpc-health-probe", ...wanted, module], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  run.stdout.setEncoding("utf8").on("data", (data: string) => (stdout += data));
  run.stderr.setEncoding("utf8").on("data", (data: string) => (stderr += data));
  const status = await new Promise<number>((done, fail) => {
    run.on("error", fail);
    run.on("close", (code) => {
      done(code ?? -1);
    });
  });
  return { status, host: JSON.parse(stdout || "{}") as Evaluation, stderr };
}
