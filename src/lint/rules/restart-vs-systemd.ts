import { probeOf, stageOf } from "../../fleet/boot.ts";
import { below, type Component, componentsOn, nixosHosts } from "../../fleet/model.ts";
import type { Report, Rule } from "../rule.ts";

/**
 * A restart policy does not mean under systemd what it means to podman.
 *
 * On NixOS a container's unit restarts it, not podman. With restart = "no" a service of a boot stage
 * has one try only: an address that is late or an image that is being pulled fails it for good, and
 * its stage with it. The number of on-failure:3 has no counterpart, for the units are tried again
 * without end, so that an hour without network does not leave them down: an info. always and
 * unless-stopped mean the same under systemd. A component with restart = "no" that has neither ports nor
 * a health check is a job, such as a migration: its stage waits until it has ended with status 0.
 *
 * Ignore it for a job that is to run once at most, whatever comes of it.
 *
 * @bad
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * ports = ["127.0.0.1:8080:80"]
 * restart = "no"
 * ```
 * @good
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * ports = ["127.0.0.1:8080:80"]
 * restart = "unless-stopped"
 * ```
 */
export const rule: Rule = {
  id: "restart-vs-systemd",
  group: "containers",
  severity: "warning",
  summary: "a restart policy that systemd cannot carry over",
  *check(fleet) {
    for (const host of nixosHosts(fleet)) {
      for (const component of componentsOn(fleet, host.name).filter(isLimited)) {
        const stage = stageOf(fleet, component.service);
        // A stage waits for the end of a job, with status 0: one that fails is to fail the stage.
        if (probeOf(fleet, host, component, stage).kind === "done") continue;
        const report = judge(component, stage?.name);
        if (report !== undefined) yield report;
      }
    }
  },
};

/** Whether a component is not to be restarted for ever. */
function isLimited({ definition: { restart = "always" } }: Component): boolean {
  return restart === "no" || restart.startsWith(LIMITED);
}

const LIMITED = "on-failure:";

function judge({ container, definition, where }: Component, stage?: string): Report | undefined {
  const { restart = "" } = definition;
  const at = below(where, "restart");
  if (restart.startsWith(LIMITED)) {
    return {
      message: `${container} is to be restarted ${Number(restart.slice(LIMITED.length))} times at most, but systemd does it without end`,
      help: 'Write restart = "on-failure", which is what its unit gets.',
      at,
      severity: "info",
    };
  }
  if (stage === undefined) return undefined;
  return {
    message: `${container} is never restarted, but boot stage ${stage} waits for it: one failed start fails the stage`,
    help: 'Set restart = "on-failure", or take its service out of the stage.',
    at,
  };
}
