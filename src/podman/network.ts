/** Networks that podman has of its own accord (podman-run(1), --network), and what it does for names in them. */

/** What podman takes where nothing is said; of a rootless user, so without "bridge". */
export const DEFAULT_NETWORKS: ReadonlySet<string> = new Set(["slirp4netns", "pasta", "private"]);

/** All that are there, or are modes, without being made. */
export const BUILT_IN_NETWORKS: ReadonlySet<string> = new Set([
  ...DEFAULT_NETWORKS,
  "host",
  "none",
  "bridge",
  "podman",
]);

/** What --network takes that is no network which several containers join. */
const MODES: ReadonlySet<string> = new Set([...DEFAULT_NETWORKS, "host", "none"]);

/** Whether a network is one that containers can join, and find each other in. */
export function isJoinable(network: string): boolean {
  return !MODES.has(network) && sharedContainer(network) === undefined;
}

/** The container of container:NAME, in whose namespace another one runs; undefined for any other mode. */
export function sharedContainer(mode: string | undefined): string | undefined {
  return mode?.startsWith("container:") === true ? mode.slice("container:".length) : undefined;
}

/** podman's default network has two names. */
export function networkName(network: string): string {
  return network === "bridge" ? "podman" : network;
}

/**
 * Where a rootless container reaches the resolver of its host: what is asked there, pasta asks the first server of
 * the host's resolv.conf for (pasta(1), --dns-forward; podman-network(1)). The same for all networks.
 */
export const HOST_RESOLVER = "169.254.1.1";
