/** How a container's health is awaited, as shell text. */
import type { Probe } from "../fleet/boot.ts";
import { shellCommand, shellQuote } from "../text/shell.ts";

/** Completes "wait until NAME …". */
export function healthGoal(probe: Probe): string {
  switch (probe.kind) {
    case "listen":
      return `listens on port ${probe.ports.join(" and ")}`;
    case "dns":
      return "answers DNS queries";
    case "http":
    case "grpc":
      return "says that it is healthy";
    case "exec":
      return "passes its health check";
    case "running":
      return "runs";
    case "done":
      return "ends with status 0";
  }
}

/**
 * A shell function that says whether the process $pid listens on a port, which is $1 in hexadecimal
 * digits. State 0A is LISTEN, in the container's own network namespace. A TCP connect from outside
 * proves nothing: podman's forwarder accepts before the service listens.
 */
export const LISTENS = `\
listens() {
  grep -qsE "^ *[0-9]+: [0-9A-F]+:$1 [0-9A-F]+:0000 0A " "/proc/$pid/net/tcp" "/proc/$pid/net/tcp6"
}
`;

/**
 * A script that ends when a container is healthy, and never otherwise: whoever runs it sets a limit. It
 * asks podman nothing before the container's unit is up, so that two calls of podman do not meet while
 * its state is made. That of listen needs LISTENS.
 * @param name the container's; its unit is podman-<name>.service.
 */
export function healthScript(probe: Probe, name: string): string {
  const unit = shellCommand(["systemctl", "is-active", "--quiet", `podman-${name}.service`]);
  const conditions = healthConditions(probe, name);
  const all = asksPodman(probe) ? [unit, ...conditions] : conditions;
  return `until ${all.join(" &&\n  ")}; do\n  sleep 0.5\ndone\n`;
}

/** Whether the conditions of a probe call podman. */
function asksPodman({ kind }: Probe): boolean {
  return kind === "listen" || kind === "exec" || kind === "running" || kind === "done";
}

/**
 * Commands of a shell that all succeed while a container is healthy; those of listen need LISTENS.
 * @param name the container's.
 */
export function healthConditions(probe: Probe, name: string): string[] {
  const pid = `pid=$(podman inspect --format '{{.State.Pid}}' ${shellQuote(name)})`;
  switch (probe.kind) {
    case "listen":
      return [pid, ...probe.ports.map((port) => `listens ${hexPort(port)}`)];
    case "done":
      return [endedCondition(name)];
    case "running":
      return [pid, '[ "$pid" -gt 0 ]'];
    case "exec":
      return [shellCommand(["podman", "exec", name, ...probe.command])];
    case "dns":
      return probe.addresses.map(
        (address) => `${dnsQuery(address, probe.name)} | grep -q 'status: NOERROR'`,
      );
    case "http":
      return [
        `${shellCommand(["curl", "--fail", "--globoff", "--insecure", "--silent", "--max-time", "2", probe.url])} >/dev/null`,
      ];
    case "grpc":
      return [grpcCheck(probe)];
  }
}

/**
 * A command of a shell that succeeds if a container has ended with status 0. NixOS's unit removes it then, and stays
 * active (RemainAfterExit=).
 */
export function endedCondition(name: string): string {
  const state = `podman inspect --format '{{.State.Status}} {{.State.ExitCode}}' ${shellQuote(name)} 2>/dev/null`;
  const unit = `systemctl show --property SubState --value ${shellQuote(`podman-${name}.service`)} 2>/dev/null`;
  return `{ [ "$(${state})" = 'exited 0' ] || [ "$(${unit})" = exited ]; }`;
}

/** Asks a server for a zone, once. */
export function dnsQuery(address: string, zone: string): string {
  return shellCommand(["dig", "+time=1", "+tries=1", `@${address}`, zone, "SOA"]);
}

/** Asks the gRPC health service (grpc.health.v1), which must be there within a second. */
export function grpcCheck({ endpoint, service, tls }: Probe & { readonly kind: "grpc" }): string {
  return shellCommand([
    "grpc-health-probe",
    `-addr=${endpoint}`,
    ...(service === undefined ? [] : [`-service=${service}`]),
    ...(tls ? ["-tls", "-tls-no-verify"] : []),
    "-connect-timeout=1s",
    "-rpc-timeout=1s",
  ]);
}

/** A port as /proc/net/tcp has it: four hexadecimal digits. */
export function hexPort(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, "0");
}
