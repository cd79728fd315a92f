import { probeOf, stageIndex } from "../../fleet/boot.ts";
import type { Component } from "../../fleet/model.ts";
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
    for (const service of fleet.services) {
      const host = fleet.index.hostNamed.get(service.host);
      const index = stageIndex(fleet, service.name);
      const stage = fleet.inventory.boot.sequence[index ?? -1];
      if (!service.definition.active || host?.release === undefined || stage === undefined)
        continue;
      for (const component of service.components) {
        if (probeOf(fleet, host, component, stage).kind !== "running") continue;
        yield {
          message: `boot stage ${stage.name} cannot tell whether ${component.container} is healthy, only that it runs`,
          help: help(component),
          at: component.where,
        };
      }
    }
  },
};

function help({ definition: { health } }: Component): string {
  switch (health?.kind) {
    case "http":
    case "grpc":
      return `The host asks for ${health.kind} itself: publish ${health.port === undefined ? "the port" : `port ${health.port}`} in ports, or use kind = "listen" or "exec".`;
    case "dns":
      return "Publish port 53 on an address of the host, and say which name to ask for: name = … (default: the first of dns.zones).";
    case "listen":
    case "exec":
    case undefined:
      return 'Say how to tell: health = { kind = "listen", port = … } with a port that it listens on, or kind = "http", "grpc" or "exec".';
  }
}
