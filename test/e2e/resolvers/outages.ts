/** The outages of a fleet's DNS, in a sandbox with networks and DNS servers of its own: see outages.sh. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Files } from "../../support/fleet.ts";
import { drillTree } from "../../support/debian-tree.ts";
import { runInSandbox } from "../../support/sandbox.ts";

/** What the outages run on; undefined where they cannot. */
export const tree = await drillTree();

/** What was asked for in a phase of the outages. */
export interface Answer {
  readonly name: string;
  /** "-" where there was none. */
  readonly address: string;
  readonly milliseconds: number;
}

export interface Drill {
  readonly phase: (name: string) => readonly Answer[];
  /** The names that the public servers were asked for. */
  readonly public: readonly string[];
  /** And those that MCNS was. */
  readonly mcns: readonly string[];
}

/** The address of every name outside. */
export const WORLD = "203.0.113.7";
export const MCR = "mcr.svc.mcp.metacircular.net";
/** A name of the fleet. */
export const zone = (name: string) => `${name}.svc.mcp.metacircular.net`;
/** No wait for a server that does not answer is as short. */
export const QUICK_MILLISECONDS = 1500;

const FOLDER = import.meta.dirname;
const servers = Object.fromEntries(
  ["dns_server.py", "outages.sh", "containers.sh"].map((file) => [
    file,
    readFileSync(join(FOLDER, file)),
  ]),
);

/**
 * Runs a script that has the functions of outages.sh. It must end well.
 * @param files what the resolver under test reads, in /sandbox.
 */
export function runOutages(script: string, files: Files): Drill {
  const ran = runInSandbox(
    `. /sandbox/outages.sh\n${script}`,
    { ...servers, ...files },
    { root: tree?.folder, timeoutMs: 240_000 },
  );
  expect(ran.status, ran.stdout + ran.stderr).toBe(0);
  const answers = ran.stdout
    .trim()
    .split("\n")
    .map((line) => line.split("\t"));
  const asked = (log: string): string[] =>
    readFileSync(join(ran.folder, log), "utf8").trim().split("\n");
  return {
    phase: (wanted) =>
      answers.flatMap(([phase, name = "", address = "", milliseconds]) =>
        phase === wanted ? [{ name, address, milliseconds: Number(milliseconds) }] : [],
      ),
    public: asked("world.log"),
    mcns: asked("mcns.log"),
  };
}

/** The names that are the fleet's, or nobody's. */
export function fleetNames(names: readonly string[]): string[] {
  return names.filter((name) => name.endsWith("metacircular.net"));
}

/** The names with their addresses. */
export function resolved(answers: readonly Answer[]): string[][] {
  return answers.map(({ name, address }) => [name, address]);
}

/** The names with their addresses, where all were resolved at once. */
export function quick(answers: readonly Answer[]): string[][] {
  for (const { name, milliseconds } of answers) {
    expect(milliseconds, name).toBeLessThan(QUICK_MILLISECONDS);
  }
  return resolved(answers);
}

/**
 * Expects that all is well in the phase "whole", after every outage, and that nobody outside has learnt
 * the fleet's names.
 */
export function expectWhole({ phase, public: asked }: Drill): void {
  expect(quick(phase("whole"))).toEqual([
    [zone("new-6"), "10.0.0.2"],
    ["new-6.example.com", WORLD],
  ]);
  expect(asked).toContain("new-1.example.com");
  expect(fleetNames(asked)).toEqual([]);
}
