import type { Path, Where } from "../../document/place.ts";
import { below, type Component, type Service } from "../../fleet/model.ts";
import { isSafeName, type NameKind, SAFE_NAMES } from "../../fleet/names.ts";
import type { Report, Rule } from "../rule.ts";

/**
 * A name is not safe as a file, unit, user or container name.
 *
 * Names become folders below out/, systemd units, podman containers and words of shell scripts, where
 * a slash, a space or a dollar would mean something else.
 *
 * Never ignore it: nothing is built from such a name.
 *
 * @bad
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "front end"
 * image = "registry.example/web:v1.0.0"
 * ports = ["127.0.0.1:8080:80"]
 * ```
 * @good
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "front-end"
 * image = "registry.example/web:v1.0.0"
 * ports = ["127.0.0.1:8080:80"]
 * ```
 */
export const rule: Rule = {
  id: "name-not-safe",
  group: "inventory",
  severity: "error",
  summary: "a name is not safe as a file, unit or container name",
  *check(fleet) {
    const { inventory, file, hosts } = fleet;
    const { user, users, boot } = inventory;
    const top: Where = { file, path: [] };
    yield* judge("user", user.name, top, "user", "name");
    yield* judge("group", user.group, top, "user", "group");
    for (const [index, name] of user.extra_groups.entries()) {
      yield* judge("group", name, top, "user", "extra_groups", index);
    }
    for (const [index, { name }] of users.entries()) {
      yield* judge("user", name, top, "users", index, "name");
    }
    for (const { name, where, node } of hosts) {
      yield* judge("host", name, where, "name");
      yield* judge("group", node.user?.group, where, "user", "group");
    }
    for (const [index, { name }] of boot.sequence.entries()) {
      yield* judge("stage", name, top, "boot", "sequence", index, "name");
    }
    for (const { name, where, components, definition } of fleet.services.filter(hasUnsafeName)) {
      yield* judge("service", name, where, "name");
      for (const [index, network] of definition.networks.entries()) {
        yield* judge("network", network.name, where, "networks", index, "name");
      }
      for (const { name: component, where: place, routes, attachments } of components) {
        yield* judge("component", component, place, "name");
        for (const { attachment, where: at } of attachments) {
          yield* judge("network", attachment.network, at);
        }
        for (const { definition: route, where: at } of routes) {
          yield* judge("route", route.name, at, "name");
        }
      }
    }
  },
};

/** Whether a service has a name that is not safe, or a part of it has. */
function hasUnsafeName({ name, components, definition }: Service): boolean {
  return (
    !isSafeName("service", name) ||
    components.some(isUnsafe) ||
    definition.networks.some((network) => !isSafeName("network", network.name))
  );
}

function isUnsafe({ name, attachments, routes }: Component): boolean {
  return (
    !isSafeName("component", name) ||
    attachments.some(({ attachment }) => !isSafeName("network", attachment.network)) ||
    routes.some(
      ({ definition: route }) => route.name !== undefined && !isSafeName("route", route.name),
    )
  );
}

/** @param path where the name is in its table. */
function judge(kind: NameKind, name: string | undefined, where: Where, ...path: Path): Report[] {
  if (name === undefined || isSafeName(kind, name)) return [];
  return [
    {
      message: `${JSON.stringify(name)} is no safe name for a ${kind}`,
      help: `Use ${SAFE_NAMES[kind].expected}.`,
      at: below(where, ...path),
    },
  ];
}
