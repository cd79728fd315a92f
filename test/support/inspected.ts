/** Containers of real podman, see test/fixtures/inspect/README.md. */
import { readFileSync } from "node:fs";
import type { Inspect } from "../../src/podman/inspect.ts";

export const PODMAN_VERSIONS = ["4.3.1", "5.4.2", "6.1.1"] as const;

export type PodmanVersion = (typeof PODMAN_VERSIONS)[number];

/** What `podman inspect` of a version says, by the containers' names. */
export function inspected(version: PodmanVersion): ReadonlyMap<string, Inspect> {
  const text = readFileSync(`test/fixtures/inspect/${version}.json`, "utf8");
  const list = JSON.parse(text) as readonly (Inspect & { readonly Name: string })[];
  return new Map(list.map((inspect) => [inspect.Name, inspect]));
}

/** One container. */
export function container(version: PodmanVersion, name: string): Inspect {
  const found = inspected(version).get(name);
  if (found === undefined) throw new Error(`no container ${name} of podman ${version}`);
  return found;
}

/** The same with the resolver that containers of a fleet with [dns] have. */
export function withResolver(inspect: Inspect, resolver = "169.254.1.1"): Inspect {
  const host = inspect["HostConfig"] as Record<string, unknown>;
  return { ...inspect, HostConfig: { ...host, Dns: [resolver] } };
}

/** The same without the command line that made it, as facts have it. */
export function withoutCommand(inspect: Inspect): Inspect {
  const config = { ...(inspect["Config"] as Record<string, unknown>) };
  delete config["CreateCommand"];
  return { ...inspect, Config: config };
}
