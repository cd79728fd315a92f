import { below, type Component, componentsOn, type Host } from "../../fleet/model.ts";
import { isWithin, normalisePath } from "../../text/path.ts";
import { shellCommand } from "../../text/shell.ts";
import type { Report, Rule } from "../rule.ts";
import { hasOption, isBindMount, isWritable } from "../queries/volumes.ts";

/**
 * A component runs as a uid or gid that its host cannot map, or that owns none of its data.
 *
 * Inside a rootless container, 0 is the container user and 1 to sub_ids.count are its subordinate ids;
 * there are no others, and podman refuses to start a container as one of them. As another one than 0
 * a program cannot write to a folder below /srv that was just made, which belongs to the container
 * user: an info, unless the facts show that it was given away, or :U lets podman see to that. It
 * is what denied chmod to the databases of the incident (recovery, step 4).
 *
 * Ignore it, as an info, where the image gives itself its folder before it drops its privileges.
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
 * user = "100000:100000"
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
 * user = "0:0"
 * ```
 */
export const rule: Rule = {
  id: "user-needs-mapping",
  group: "containers",
  severity: "error",
  summary: "a component's user cannot be mapped, or owns none of its data",
  needsAll: true,
  audit: "also",
  *check(fleet) {
    for (const host of fleet.hosts) {
      for (const component of componentsOn(fleet, host.name).filter(isOfAnotherUser)) {
        const report = unmapped(host, component) ?? withoutData(host, component);
        if (report !== undefined) yield report;
      }
    }
  },
};

/** Whether a component is to run as somebody else than root, as most images do it. */
function isOfAnotherUser({ definition: { user } }: Component): boolean {
  return user !== undefined && user !== "0" && user !== "0:0";
}

function unmapped(host: Host, component: Component): Report | undefined {
  const { container, definition } = component;
  const { start, count } = host.user.subIds;
  const id = definition.user?.split(":").find((part) => /^[0-9]+$/.test(part) && +part > count);
  if (id === undefined) return undefined;
  return {
    message: `${container} runs as ${id} inside the container, but ${host.name} maps only 0 to ${count}`,
    help: `Use an id up to ${count}, or raise sub_ids.count of ${host.user.name}.`,
    at: below(component.where, "user"),
    related: [
      {
        ...host.user.where.subIds,
        message: `${count} subordinate ids from ${start} on are mapped`,
      },
    ],
  };
}

function withoutData(host: Host, component: Component): Report | undefined {
  const uid = /^([0-9]+)(?::|$)/.exec(component.definition.user ?? "")?.[1];
  if (host.release === undefined || uid === undefined || Number(uid) === 0) return undefined;
  const path = component.volumes
    .filter((volume) => isBindMount(volume) && isWritable(volume) && !hasOption(volume, "U"))
    .map(({ source }) => normalisePath(source))
    .find((source) => isWithin("/srv", source) && !belongsToAnother(host, source));
  if (path === undefined) return undefined;
  const inside =
    component.definition.user?.includes(":") === true ? component.definition.user : uid;
  return {
    message: `${component.container} runs as uid ${uid} inside the container, but ${path} on ${host.name} is made for ${host.user.name}, who is uid 0 in it`,
    help: `Give it the folder once, as ${host.user.name}: ${shellCommand(["podman", "unshare", "chown", "-R", inside, path])}. Then collect the facts again.`,
    at: below(component.where, "user"),
    severity: "info",
  };
}

/** Whether a host's facts show that a path is no longer as it was made; srv-ownership looks at it then. */
function belongsToAnother({ facts, user }: Host, path: string): boolean {
  const found = facts?.facts.srv?.find((entry) => normalisePath(entry.path) === path);
  return found !== undefined && found.uid !== user.uid;
}
