/** A container as the command that makes it: `podman run`, with all that its definition says. */
import { canonicalIp } from "../fleet/address.ts";
import type { ContainerPlan } from "./plan.ts";
import { shellCommand, shellQuote } from "../fleet/shell.ts";

/** The words of the command, for whoever runs it without a shell. */
export function podmanRun(container: ContainerPlan): string[] {
  return groups(container).flat();
}

/**
 * The command as text: each option on a line of its own, to be pasted into any POSIX shell.
 * @param indent what all lines but the first one begin with.
 */
export function podmanCommand(container: ContainerPlan, indent = "  "): string {
  return groups(container).map(shellCommand).join(` \\\n${indent}`);
}

/** Makes a network that containers are attached to, where it is missing. */
export function createNetwork(network: string): string {
  const name = shellQuote(network);
  return `podman network exists ${name} || podman network create ${name}`;
}

/** The words that belong together: the program, each option with its value, the image, the arguments. */
function groups(container: ContainerPlan): string[][] {
  const { name, restart, pull, network, user, env, envFiles, ports, volumes, image, cmd } =
    container;
  return [
    ["podman", "run", "--detach"],
    ["--name", name],
    ["--restart", restart],
    ["--pull", pull],
    ...each("--network", network),
    ...each("--user", user),
    ...each("--env-file", ...envFiles),
    // Behind the files: a variable of the definition wins over one of a file.
    ...each("--env", ...Object.entries(env).map(([key, value]) => `${key}=${value}`)),
    ...each("--publish", ...ports.map(withCanonicalAddress)),
    ...each("--volume", ...volumes),
    [image],
    ...(cmd.length === 0 ? [] : [[...cmd]]),
  ];
}

function each(option: string, ...values: readonly (string | undefined)[]): string[][] {
  return values.flatMap((value) => (value === undefined ? [] : [[option, value]]));
}

/** IPv6 addresses as podman shows them, so that what runs can be compared with what is written. */
function withCanonicalAddress(port: string): string {
  return port.replace(/^\[([^\]]*)\]/, (_, address: string) => `[${canonicalIp(address)}]`);
}
