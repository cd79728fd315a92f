import { driftOf } from "../../plan/drift.ts";
import { below } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";
import { podmanOf } from "../queries/runtime.ts";

/**
 * A running container is not what its definition says.
 *
 * What was changed by hand works until the container is made anew, by a deployment, a reboot or
 * recover.sh: then the port, the mount or the image that somebody relied on is gone. In the incident
 * containers were brought back by hand, and MCNS with other ports than before (recovery, step 2).
 *
 * Image, network, user, ports, volumes, variables and arguments are compared. How it was started is
 * not: options that a unit adds make no difference. What facts do not have is not compared, like the
 * variables that an image brings along.
 *
 * Ignore it while a change is being tried out by hand, with the date until when.
 *
 * @bad
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.1.0"
 * ports = ["127.0.0.1:8080:80"]
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
 *           "State": { "Status": "running" },
 *           "HostConfig": {
 *             "PortBindings": { "80/tcp": [{ "HostIp": "127.0.0.1", "HostPort": "8080" }] }
 *           }
 *         }
 *       ]
 *     }
 *   ]
 * }
 * ```
 * @good
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.1.0"
 * ports = ["127.0.0.1:8080:80"]
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
 *           "ImageName": "registry.example/web:v1.1.0",
 *           "State": { "Status": "running" },
 *           "HostConfig": {
 *             "PortBindings": { "80/tcp": [{ "HostIp": "127.0.0.1", "HostPort": "8080" }] }
 *           }
 *         }
 *       ]
 *     }
 *   ]
 * }
 * ```
 */
export const rule: Rule = {
  id: "runtime-drift",
  group: "containers",
  severity: "warning",
  summary: "a running container differs from its definition",
  audit: "also",
  *check(fleet) {
    for (const host of fleet.hosts) {
      const containers = podmanOf(host);
      if (containers === undefined || host.facts === undefined) continue;
      for (const [component, { differences, index }] of driftOf(fleet, host.facts.facts)) {
        yield {
          message: `${component.container} on ${host.name} is not what its definition says: it ${differences.map(({ text }) => text).join(", ")}`,
          help: `Deploy the definition (${host.name} then makes ${component.container} anew), or write what runs into ${component.where.file}. If that was done since, collect the facts again.`,
          at: below(component.where, differences[0].key),
          related: differences.map(({ text, path }) => ({
            ...below(containers.where, "containers", index, ...path),
            message: `${component.container} ${text}`,
          })),
        };
      }
    }
  },
};
