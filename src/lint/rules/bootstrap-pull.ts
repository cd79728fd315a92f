import { dependenciesOf, stageIndex } from "../../fleet/boot.ts";
import { registryOf } from "../../podman/image.ts";
import { below, type Component, type Fleet, hostOf, servicesOn } from "../../fleet/model.ts";
import { selfResolvedRegistry, withoutPull } from "../queries/images.ts";
import type { Report, Rule } from "../rule.ts";

/**
 * An image is pulled from the fleet's own registry before the registry is up.
 *
 * After a reboot the registry is one of the containers that have to start first. What starts with it
 * or before it, and the registry itself, must run the image that the host has: with pull = "always"
 * it fails, and a stage that waits for it fails too. With "newer" podman falls back to the image that
 * it has: a warning. Where the facts show that the host does not have the image at all: an info. In
 * the incident nothing could be deployed, because the registry was down (recovery, step 3).
 *
 * On another host than the registry's, pull = "always" in an earlier stage is a warning: after a power cut all hosts start
 * at once.
 *
 * Ignore it where the registry's host has a mirror that serves the same name.
 *
 * @bad
 * ```toml nixgen.toml
 * [registry]
 * host = "registry.example:5000"
 * service = "registry"
 * ```
 * ```toml services/registry.toml
 * name = "registry"
 * node = "alpha"
 *
 * [[components]]
 * name = "registry"
 * image = "registry.example:5000/registry:v2.8.3"
 * pull = "always"
 * ports = ["5000:5000"]
 * ```
 * @good
 * ```toml nixgen.toml
 * [registry]
 * host = "registry.example:5000"
 * service = "registry"
 * ```
 * ```toml services/registry.toml
 * name = "registry"
 * node = "alpha"
 *
 * [[components]]
 * name = "registry"
 * image = "registry.example:5000/registry:v2.8.3"
 * ports = ["5000:5000"]
 * ```
 */
export const rule: Rule = {
  id: "bootstrap-pull",
  group: "boot",
  severity: "error",
  summary: "an image is pulled from the fleet's registry before that is up",
  needsAll: true,
  audit: "also",
  fixable: true,
  *check(fleet) {
    const { registry, boot } = fleet.inventory;
    if (registry?.service === undefined) return;
    const last = boot.sequence.length;
    const registryStage = stageIndex(fleet, registry.service) ?? last;
    for (const { host: name } of fleet.index.activeNamed.get(registry.service) ?? []) {
      const host = fleet.index.hostNamed.get(name);
      if (host === undefined) continue;
      for (const service of servicesOn(fleet, host.name)) {
        if ((stageIndex(fleet, service.name) ?? last) > registryStage) continue;
        for (const component of service.components) {
          if (registryOf(component.definition.image) !== registry.host) continue;
          // The rule dns-loop says so.
          if (selfResolvedRegistry(fleet, component) !== undefined) continue;
          if (waitsFor(fleet, component, registry.service)) continue;
          const reason =
            service.name === registry.service
              ? `it is itself a part of ${registry.service}, which serves ${registry.host}`
              : `${registry.service}, which serves ${registry.host}, starts no earlier`;
          const report = withoutPull(host, component, reason);
          if (report === undefined) continue;
          yield {
            ...report,
            related: [
              {
                ...below({ file: fleet.file, path: [] }, "registry", "service"),
                message: `${registry.host} is served by ${registry.service}`,
              },
            ],
          };
        }
      }
    }
    yield* elsewhere(fleet, registry, registryStage);
  },
};

/** Components of other hosts than the registry's that pull at every start, in an earlier stage. */
function* elsewhere(
  fleet: Fleet,
  registry: NonNullable<Fleet["inventory"]["registry"]>,
  registryStage: number,
): Generator<Report> {
  const hosts = new Set(
    (fleet.index.activeNamed.get(registry.service ?? "") ?? []).map(({ host }) => host),
  );
  if (hosts.size === 0) return;
  for (const component of fleet.index.components) {
    const host = hostOf(fleet, component);
    const stage = stageIndex(fleet, component.service) ?? fleet.inventory.boot.sequence.length;
    if (host === undefined || hosts.has(host) || stage >= registryStage) continue;
    const { image, pull } = component.definition;
    if (pull !== "always" || registryOf(image) !== registry.host) continue;
    yield {
      message: `${component.container} on ${host} pulls its image whenever it starts, in an earlier stage than ${registry.service ?? ""} on ${[...hosts].join(" and ")}, which serves ${registry.host}`,
      help: `Set pull = "missing", or start it in a later stage: after a power cut all hosts start at once.`,
      at: below(component.where, "pull"),
      severity: "warning",
    };
  }
}

/** Whether a component starts after a service because it depends on it, be it by way of others. */
function waitsFor(fleet: Fleet, component: Component, service: string): boolean {
  const seen = new Set([component]);
  for (const each of seen) {
    for (const target of dependenciesOf(fleet, each).flatMap(({ targets }) => targets)) {
      if (target.service === service && component.service !== service) return true;
      seen.add(target);
    }
  }
  return false;
}
