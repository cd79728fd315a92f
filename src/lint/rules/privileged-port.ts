import { below, hostPortsOf, servicesOn } from "../../fleet/model.ts";
import { FIRST_UNPRIVILEGED_PORT, rangeText } from "../../podman/port.ts";
import type { Rule } from "../rule.ts";

/**
 * A rootless container wants a port below 1024 on a host that nothing is emitted for.
 *
 * The kernel gives such ports to root alone unless net.ipv4.ip_unprivileged_port_start is low enough:
 * the container would fail with "Permission denied". The modules for NixOS hosts set it; elsewhere
 * somebody has to.
 *
 * Ignore it where the sysctl is set on the host.
 *
 * @bad
 * ```toml nixgen.toml
 * [[nodes]]
 * name = "gate"
 * os = "debian"
 * role = "edge"
 * addresses = { wan = "198.51.100.7" }
 * ```
 * ```toml services/proxy.toml
 * name = "proxy"
 * node = "gate"
 *
 * [[components]]
 * name = "proxy"
 * image = "registry.example/proxy:v1.0.0"
 * ports = ["198.51.100.7:443:8443"]
 * ```
 * @good
 * ```toml nixgen.toml
 * [[nodes]]
 * name = "gate"
 * os = "debian"
 * role = "edge"
 * addresses = { wan = "198.51.100.7" }
 * ```
 * ```toml services/proxy.toml
 * name = "proxy"
 * node = "gate"
 *
 * [[components]]
 * name = "proxy"
 * image = "registry.example/proxy:v1.0.0"
 * ports = ["198.51.100.7:8443:8443"]
 * ```
 */
export const rule: Rule = {
  id: "privileged-port",
  group: "addresses",
  severity: "warning",
  summary: "a port below 1024 on a host where nobody allows it",
  *check(fleet) {
    for (const host of fleet.hosts) {
      if (host.release !== undefined) continue;
      for (const component of servicesOn(fleet, host.name).flatMap(
        ({ components }) => components,
      )) {
        const privileged = hostPortsOf(component).filter(
          ({ first }) => first < FIRST_UNPRIVILEGED_PORT,
        );
        const [one] = privileged;
        if (one === undefined) continue;
        const lowest = Math.min(...privileged.map(({ first }) => first));
        const ports = [...new Set(privileged.map(rangeText))];
        yield {
          message: `${component.container} wants port${ports.length === 1 ? "" : "s"} ${ports.join(", ")} of ${host.name}, where ports below ${FIRST_UNPRIVILEGED_PORT} are root's`,
          help: `Set net.ipv4.ip_unprivileged_port_start = ${lowest} in /etc/sysctl.d on ${host.name}, or publish a port from ${FIRST_UNPRIVILEGED_PORT} on.`,
          at: below(component.where, component.ports.length > 0 ? "ports" : "health"),
        };
      }
    }
  },
};
