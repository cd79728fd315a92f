import type { Annotated } from "../../finding/finding.ts";
import { groupBy } from "../../text/group.ts";
import {
  below,
  type Component,
  componentsOn,
  type Fleet,
  type Service,
} from "../../fleet/model.ts";
import { shellCommand } from "../../text/shell.ts";
import type { Rule } from "../rule.ts";
import { containersOn, whereOf } from "../queries/runtime.ts";

/**
 * A host has a container that no definition has.
 *
 * Nothing brings it back when podman has lost its containers: in the incident the definitions that
 * podman alone had, ports, mounts and restart policies, were gone with its database.
 *
 * Containers of other users, and the ones that hold a pod together, are not looked at.
 *
 * Ignore it for a container that is meant to be gone after a while.
 *
 * @bad
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "podman": [
 *     {
 *       "user": "pod",
 *       "containers": [{ "Name": "debug", "State": { "Status": "exited" } }]
 *     }
 *   ]
 * }
 * ```
 * @good
 * ```toml services/debug.toml
 * name = "debug"
 * node = "alpha"
 *
 * [[components]]
 * name = "debug"
 * image = "registry.example/debug:v1.0.0"
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
 *           "Name": "debug",
 *           "ImageName": "registry.example/debug:v1.0.0",
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
  id: "undefined-container",
  group: "containers",
  severity: "warning",
  summary: "a host has a container that no definition has",
  needsAll: true,
  audit: "also",
  *check(fleet) {
    let named: ReadonlyMap<string, readonly Owner[]> | undefined;
    for (const host of fleet.hosts) {
      const here = new Set(componentsOn(fleet, host.name).map(({ container }) => container));
      const containers = containersOn(host) ?? [];
      for (const container of containers.filter(({ name }) => !here.has(name))) {
        const { name } = container;
        // Hardly ever is there any, and it is large.
        named ??= ownersByName(fleet);
        const owners = named.get(name) ?? [];
        const [owner] = owners;
        const related: Annotated[] = owners.map(({ service, component }) => ({
          ...below(component.where, "name"),
          message: `${name} is defined ${service.definition.active ? `for ${service.host ?? "no host"}` : "here, but not active"}`,
        }));
        yield {
          message: `${host.name} has a container ${name} that ${reason(owner)}`,
          help:
            owner === undefined
              ? definition(name, host.name)
              : `Stop and remove it on ${host.name}, or correct ${owner.service.definition.active ? "node" : "active"} in ${owner.service.where.file}.`,
          at: below(whereOf(container), "Name"),
          related,
        };
      }
    }
  },
};

/** How to define a container, or to remove it. Facts may call it anything, also what is an option. */
function definition(name: string, host: string): string {
  const container = name.startsWith("-") ? ["--", name] : [name];
  const inspect = shellCommand(["podman", "inspect", ...container]);
  const importIt = shellCommand(["nixgen", "import", "podman", "--node", host, "-"]);
  const remove = shellCommand(["podman", "rm", ...container]);
  return `Define it: run ${inspect} on ${host}, and give what it prints to ${importIt}. If it is not needed, remove it on ${host}: ${remove}.`;
}

interface Owner {
  readonly service: Service;
  readonly component: Component;
}

function ownersByName(fleet: Fleet): ReadonlyMap<string, readonly Owner[]> {
  const owners = fleet.services.flatMap((service) =>
    service.components.map((component): Owner => ({ service, component })),
  );
  return groupBy(owners, ({ component }) => component.container);
}

function reason(owner: Owner | undefined): string {
  if (owner === undefined) return "no definition has";
  const { service } = owner;
  if (!service.definition.active) return `belongs to ${service.name}, which is not active`;
  return `is defined for ${service.host ?? "no host"}`;
}
