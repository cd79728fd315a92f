import { below, type Component, componentsOn } from "../../fleet/model.ts";
import { isJob } from "../../fleet/boot.ts";
import { hasSucceeded, statusOf } from "../../podman/inspect.ts";
import { shellQuote } from "../../text/shell.ts";
import type { Rule } from "../rule.ts";
import { containersOn, isRunning, whereOf } from "../queries/runtime.ts";

/**
 * A container that is defined for a host is not there, or does not run.
 *
 * After the incident's reboot `podman ps -a` was empty: podman had made its database anew. What is
 * stopped is not brought back by a reboot either, unless a unit does it. A job (restart = "no") that has ended with
 * status 0 is done. The units of NixOS remove what has ended, so a job that is not there is no finding on NixOS.
 *
 * Ignore it for a service that was stopped on purpose; active = false says the same in its definition.
 *
 * @bad
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * ```
 * ```json facts/alpha.json
 * { "schema": 1, "host": "alpha", "podman": [{ "user": "pod", "containers": [] }] }
 * ```
 * @good
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * ```
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "podman": [
 *     {
 *       "user": "pod",
 *       "containers": [
 *         {
 *           "Name": "web",
 *           "ImageName": "registry.example/web:v1.0.0",
 *           "State": { "Status": "running" }
 *         }
 *       ]
 *     }
 *   ]
 * }
 * ```
 */
export const rule: Rule = {
  id: "missing-container",
  group: "containers",
  severity: "error",
  summary: "a defined container is not there, or does not run",
  audit: "only",
  *check(fleet) {
    for (const host of fleet.hosts) {
      const containers = containersOn(host);
      if (containers === undefined) continue;
      const named = new Map(containers.map((each) => [each.name, each]));
      const isDown = (component: Component): boolean => {
        const actual = named.get(component.container);
        if (isJob(component)) {
          if (actual === undefined) return host.release === undefined;
          if (hasSucceeded(actual.inspect)) return false;
        }
        return actual === undefined || !isRunning(actual);
      };
      for (const { container, where } of componentsOn(fleet, host.name).filter(isDown)) {
        const actual = named.get(container);
        const related =
          actual === undefined
            ? []
            : [
                {
                  ...below(whereOf(actual), "State", "Status"),
                  message: `it is ${statusOf(actual.inspect) ?? "unknown"}`,
                },
              ];
        const journal = `journalctl -u ${shellQuote(`podman-${container}`)}`;
        // Podman has no log of a container that is not there.
        const logs =
          actual === undefined ? journal : `podman logs ${shellQuote(container)} and ${journal}`;
        yield {
          message:
            actual === undefined
              ? `${host.name} does not have the container ${container}`
              : `${container} on ${host.name} does not run: it is ${statusOf(actual.inspect) ?? "unknown"}`,
          help: `Look at ${logs} on ${host.name}; its recover.sh starts what is missing, in boot order.`,
          at: below(where, "name"),
          related,
        };
      }
    }
  },
};
