import type { Path, Where } from "../../fleet/finding.ts";
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
    for (const named of namesOf(fleet)) {
      const report = judge(named);
      if (report !== undefined) yield report;
    }
  },
};

/** A name, and the table that has it, at a path below. */
interface Named {
  readonly kind: NameKind;
  readonly name: string;
  readonly where: Where;
  readonly path: Path;
}

function judge({ kind, name, where, path }: Named): Report | undefined {
  const { pattern, expected } = SAFE_NAMES[kind];
  if (pattern.test(name)) return undefined;
  return {
    message: `${JSON.stringify(name)} is no safe name for a ${kind}`,
    help: `Use ${expected}.`,
    at: below(where, ...path),
  };
}

function* namesOf(fleet: Fleet): Generator<Named> {
  const { inventory, file } = fleet;
  const top: Where = { file, path: [] };
  yield { kind: "user", name: inventory.user.name, where: top, path: ["user", "name"] };
  for (const [index, name] of inventory.user.extra_groups.entries()) {
    yield { kind: "group", name, where: top, path: ["user", "extra_groups", index] };
  }
  for (const [index, { name }] of inventory.users.entries()) {
    yield { kind: "user", name, where: top, path: ["users", index, "name"] };
  }
  for (const { name, where } of fleet.hosts) {
    yield { kind: "host", name, where, path: ["name"] };
  }
  for (const [index, { name }] of inventory.boot.sequence.entries()) {
    yield { kind: "stage", name, where: top, path: ["boot", "sequence", index, "name"] };
  }
  for (const { name, where, components } of fleet.services) {
    yield { kind: "service", name, where, path: ["name"] };
    for (const { name: component, definition, where: place, routes } of components) {
      yield { kind: "component", name: component, where: place, path: ["name"] };
      if (definition.network !== undefined) {
        yield { kind: "network", name: definition.network, where: place, path: ["network"] };
      }
      for (const { definition: route, where: at } of routes) {
        if (route.name === undefined) continue;
        yield { kind: "route", name: route.name, where: at, path: ["name"] };
      }
    }
  }
}
