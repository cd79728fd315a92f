import type { Where } from "../../fleet/finding.ts";
import { below, type Fleet } from "../../fleet/model.ts";
import { SAFE_NAMES, type NameKind } from "../../fleet/names.ts";
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
    for (const { kind, name, where } of namesOf(fleet)) {
      const report = judge(kind, name, where);
      if (report !== undefined) yield report;
    }
  },
};

function judge(kind: NameKind, name: string, at: Where): Report | undefined {
  const { pattern, expected } = SAFE_NAMES[kind];
  if (pattern.test(name)) return undefined;
  return {
    message: `${JSON.stringify(name)} is no safe name for a ${kind}`,
    help: `Use ${expected}.`,
    at,
  };
}

function* namesOf(fleet: Fleet): Generator<{ kind: NameKind; name: string; where: Where }> {
  const { inventory, file } = fleet;
  const top: Where = { file, path: [] };
  yield { kind: "user", name: inventory.user.name, where: below(top, "user", "name") };
  for (const [index, name] of inventory.user.extra_groups.entries()) {
    yield { kind: "group", name, where: below(top, "user", "extra_groups", index) };
  }
  for (const [index, { name }] of inventory.users.entries()) {
    yield { kind: "user", name, where: below(top, "users", index, "name") };
  }
  for (const { name, where } of fleet.hosts) {
    yield { kind: "host", name, where: below(where, "name") };
  }
  for (const [index, { name }] of inventory.boot.sequence.entries()) {
    yield { kind: "stage", name, where: below(top, "boot", "sequence", index, "name") };
  }
  for (const { name, where, components } of fleet.services) {
    yield { kind: "service", name, where: below(where, "name") };
    for (const { name: component, definition, where: place, routes } of components) {
      yield { kind: "component", name: component, where: below(place, "name") };
      if (definition.network !== undefined) {
        yield { kind: "network", name: definition.network, where: below(place, "network") };
      }
      for (const { definition: route, where: at } of routes) {
        if (route.name === undefined) continue;
        yield { kind: "route", name: route.name, where: below(at, "name") };
      }
    }
  }
}
