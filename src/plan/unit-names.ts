/** How systemd units are named after users, stages, containers and networks; without their suffixes. */
import { type Fleet, type Host, networkNamesOf, servicesOn } from "../fleet/model.ts";

/**
 * Targets that systemd and NixOS have, of the form that a stage's has (systemd.special(7), systemd 262): to define one
 * would change the host's own boot.
 */
const TAKEN: ReadonlySet<string> = new Set([
  "boot-complete",
  "ctrl-alt-del",
  "factory-reset",
  "factory-reset-now",
  "first-boot-complete",
  "getty-pre",
  "graphical-session",
  "hybrid-sleep",
  "imports-pre",
  "initrd-fs",
  "initrd-root-device",
  "initrd-root-fs",
  "initrd-switch-root",
  "initrd-usr-fs",
  "local-fs",
  "local-fs-pre",
  "multi-user",
  "network-online",
  "network-pre",
  "nss-lookup",
  "nss-user-lookup",
  "remote-cryptsetup",
  "remote-fs",
  "remote-fs-pre",
  "remote-veritysetup",
  "soft-reboot",
  "ssh-access",
  "storage-target-mode",
  "suspend-then-hibernate",
  "system-install",
  "system-update",
  "system-update-pre",
  "time-set",
  "time-sync",
  "usb-gadget",
]);

/** The target of a boot stage. */
export function stageUnit(user: string, stage: string): string {
  return `${user}-${stage}`;
}

/** The target that stands for all containers of a service. No stage has a colon in its name. */
export function serviceUnit(user: string, service: string): string {
  return `${user}-all:${service}`;
}

/** The service that makes a podman network. */
export function networkUnit(user: string, network: string): string {
  return `${user}-network-${network}`;
}

/** The service that runs a container. */
export function containerUnit(container: string): string {
  return `podman-${container}`;
}

/** The service that waits until a container is healthy. */
export function gateUnit(user: string, container: string): string {
  return `${user}-ready-${container}`;
}

/** The first name that two units of a host would have, or one of ours and one of systemd's. */
export function sharedUnitName(
  targets: readonly string[],
  services: readonly string[],
): string | undefined {
  const taken = targets.find((target) => TAKEN.has(target));
  if (taken !== undefined) return `${taken}.target`;
  const twice = (names: readonly string[]): string | undefined => {
    const seen = new Set<string>();
    return names.find((name) => seen.size === seen.add(name).size);
  };
  const [target, service] = [twice(targets), twice(services)];
  if (target !== undefined) return `${target}.target`;
  return service === undefined ? undefined : `${service}.service`;
}

/** The same of what is defined for a host. Containers and stages of one name are for other rules to say. */
export function sharedUnitNameOn(fleet: Fleet, host: Host): string | undefined {
  const user = host.user.name;
  const services = servicesOn(fleet, host.name);
  const here = new Set(services.map(({ name }) => name));
  const stages = fleet.inventory.boot.sequence.filter((stage) =>
    stage.services.some((service) => here.has(service)),
  );
  const staged = new Set(stages.flatMap((stage) => stage.services));
  const components = services.flatMap((service) => service.components);
  const networks = new Set(components.flatMap(networkNamesOf));
  const containers = new Set(components.map(({ container }) => container));
  const gated = new Set(
    components.filter(({ service }) => staged.has(service)).map(({ container }) => container),
  );
  return sharedUnitName(
    [...new Set(stages.map(({ name }) => name))].map((stage) => stageUnit(user, stage)),
    [
      ...[...networks].map((network) => networkUnit(user, network)),
      ...[...containers].map(containerUnit),
      ...[...gated].map((container) => gateUnit(user, container)),
    ],
  );
}
