import { probeOf, stageOf } from "../../fleet/boot.ts";
import type { Component, Fleet, Host } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";

/**
 * Nothing tells whether a component of a boot stage is healthy.
 *
 * It publishes no TCP port and defines no health check, so its stage is reached as soon as the
 * container runs, which says nothing about the service in it: the next stage may start too early.
 *
 * Ignore it for a component that nothing in a later stage needs.
 *
 * @bad
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * network = "host"
 * ```
 * @good
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * network = "host"
 * health = { kind = "listen", port = 8443 }
 * ```
 */
export const rule: Rule = {
  id: "health-unprobeable",
  group: "boot",
  severity: "warning",
  summary: "nothing tells whether a component of a boot stage is healthy",
  *check(fleet) {
    for (const [name, components] of fleet.index.componentsOn) {
      const host = fleet.index.hostNamed.get(name);
      if (host?.release === undefined) continue;
      for (const component of components.filter((each) => isUnprobed(fleet, host, each))) {
        yield {
          message: `boot stage ${stageOf(fleet, component.service)?.name ?? ""} cannot tell whether ${component.container} is healthy, only that it runs`,
          help: help(component),
          at: component.where,
        };
      }
    }
  },
};

/** Whether a boot stage awaits the health of a component, and there is no way to tell. */
function isUnprobed(fleet: Fleet, host: Host, component: Component): boolean {
  const stage = stageOf(fleet, component.service);
  return stage !== undefined && probeOf(fleet, host, component, stage).kind === "running";
}

function help({ definition: { health } }: Component): string {
  switch (health?.kind) {
    case "http":
    case "grpc":
      return `The host asks for ${health.kind} itself: publish ${health.port === undefined ? "the port" : `port ${health.port}`} in ports, or use kind = "listen" or "exec".`;
    case "dns":
      return "Publish port 53/udp on an address of the host, and say which name to ask for: name = … (default: the first of dns.zones).";
    case "listen":
    case "exec":
    case undefined:
      return 'Say how to tell: health = { kind = "listen", port = … } with a port that it listens on, or kind = "http", "grpc" or "exec".';
  }
}
