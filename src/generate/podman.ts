/** A container as the command that makes it: `podman run`, with all that its definition says. */
import { podmanOptions } from "../settings/words.ts";
import { canonicalIp } from "../podman/address.ts";
import { OPTIONS_LABEL } from "../podman/network-options.ts";
import type { ContainerPlan, NetworkPlan } from "../plan/plan.ts";
import { shellCommand, shellQuote } from "../text/shell.ts";

/** The words of the command, for whoever runs it without a shell. */
export function podmanRun(container: ContainerPlan): string[] {
  return [
    ...RUN,
    ...optionsOf(container, container.pull).flatMap(([option, value]) =>
      value === undefined ? [`${option}=true`] : [option, value],
    ),
    container.image,
    ...container.cmd,
  ];
}

/** The command as text, to be pasted into any POSIX shell. */
export function podmanCommand(container: ContainerPlan): string {
  return continued(podmanLines(container));
}

/**
 * The lines of the command, quoted: each option is on one of its own.
 * @param pull when the image is pulled, where that is not as it is defined.
 */
export function podmanLines(container: ContainerPlan, pull = container.pull): string[] {
  const { image, cmd } = container;
  const lines = [shellCommand(RUN)];
  for (const [option, value] of optionsOf(container, pull)) {
    lines.push(value === undefined ? `${option}=true` : `${option} ${shellQuote(value)}`);
  }
  lines.push(shellQuote(image));
  if (cmd.length > 0) lines.push(shellCommand(cmd));
  return lines;
}

/**
 * One command of several lines.
 * @param indent what all lines but the first one begin with.
 */
export function continued(lines: readonly string[], indent = "  "): string {
  return lines.join(` \\\n${indent}`);
}

/**
 * Makes a network that containers are attached to, if it is missing. One that was made with other options than its
 * definition has is made again; podman keeps it as long as a container is attached to it.
 */
export function createNetwork({ name: network, options }: NetworkPlan): string {
  const name = shellQuote(network);
  if (options === "") return `podman network exists ${name} || podman network create ${name}`;
  const made = `podman network inspect --format '{{index .Labels "${OPTIONS_LABEL}"}}' ${name}`;
  const words = options.split(" ").map(shellQuote).join(" ");
  return [
    `podman network exists ${name} && [ "$(${made})" != ${shellQuote(options)} ] && { podman network rm ${name} || true; }`,
    `podman network exists ${name} || podman network create --label ${shellQuote(`${OPTIONS_LABEL}=${options}`)} ${words} ${name}`,
  ].join("\n");
}

const RUN = ["podman", "run", "--detach"];

/** An option of podman's and its value; a switch has none, and is written --init=true, so that it is one word. */
type Option = readonly [name: string, value: string | undefined];

function optionsOf(container: ContainerPlan, pull: ContainerPlan["pull"]): Option[] {
  const { name, restart, networks, dns, user, env, envFiles, ports, volumes } = container;
  const variables = Object.entries(env).map(([key, value]) => `${key}=${value}`);
  const options: Option[] = [
    ["--name", name],
    ["--restart", restart],
    ["--pull", pull],
  ];
  return options.concat(
    each("--network", networks),
    each("--dns", dns),
    each("--user", user === undefined ? [] : [user]),
    each("--env-file", envFiles),
    // Behind the files: a variable of the definition wins over one of a file.
    each("--env", variables),
    each("--publish", ports.map(withCanonicalAddress)),
    each("--volume", volumes),
    podmanOptions(container.words).map(({ name: option, value }): Option => [`--${option}`, value]),
  );
}

function each(option: string, values: readonly string[]): Option[] {
  return values.map((value) => [option, value]);
}

/** IPv6 addresses as podman shows them, so that what runs can be compared with what is written. */
function withCanonicalAddress(port: string): string {
  return port.replace(/^\[([^\]]*)\]/, (_, address: string) => `[${canonicalIp(address)}]`);
}
