import { below, componentsOn, nixosHosts } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";

/**
 * A container has a name that its NixOS host needs for something else.
 *
 * NixOS gives the unit of a container the folder /run/<container>. Where there is one already, systemd
 * gives it to the container user with all that is in it, and removes it when the unit stops (measured: a
 * container named dbus takes the system's bus away, and one named user owns /run/user, where all users
 * have their runtime directories). The unit itself is podman-<container>.service, as some of podman's own.
 *
 * Where not every host has the folder, it is a warning.
 *
 * Ignore it on a host that does not, as /run/secrets without sops-nix. Never ignore an error.
 *
 * @bad
 * ```toml services/user.toml
 * name = "user"
 * node = "alpha"
 *
 * [[components]]
 * name = "user"
 * image = "registry.example/user:v1.0.0"
 * ports = ["127.0.0.1:8080:80"]
 * ```
 * @good
 * ```toml services/user.toml
 * name = "user"
 * node = "alpha"
 *
 * [[components]]
 * name = "api"
 * image = "registry.example/user:v1.0.0"
 * ports = ["127.0.0.1:8080:80"]
 * ```
 */
export const rule: Rule = {
  id: "reserved-container",
  group: "containers",
  severity: "error",
  summary: "a container has a name that its host needs for something else",
  *check(fleet) {
    for (const { name: host } of nixosHosts(fleet)) {
      for (const { container, where } of componentsOn(fleet, host)) {
        const reason = whyReserved(container);
        if (reason === undefined) continue;
        const maybe = SOME_HOSTS.has(container);
        yield {
          message: `${host} ${maybe ? "should not" : "cannot"} have a container named ${container}: ${reason}`,
          help: "Rename the service or the component: the container is named <service>-<component>, or <service> where both are equal.",
          at: below(where, "name"),
          ...(maybe ? { severity: "warning" } : {}),
        };
      }
    }
  },
};

/** podman-<name>.service: those of the package, and of virtualisation/podman/default.nix. */
const UNITS = new Set(["auto-update", "clean-transient", "prune", "restart"]);

/** What every NixOS host with podman has below /run. */
const EVERY_HOST = new Set([
  ...["blkid", "booted-system", "credentials", "current-system", "dbus", "initramfs", "keys"],
  ...["lock", "log", "lvm", "mount", "nixos", "nscd", "podman", "resolvconf", "sudo", "systemd"],
  ...["udev", "user", "utmp", "wrappers"],
]);

/** What many have there: of networks, disks and graphics, of root's podman, of sops-nix and agenix. */
const SOME_HOSTS = new Set([
  ...["NetworkManager", "agenix", "binfmt", "containers", "crun", "cryptsetup", "dhcpcd", "libpod"],
  ...["netns", "opengl-driver", "polkit-1", "secrets", "secrets-for-users", "wpa_supplicant"],
]);

/** Why a NixOS host can have no container of this name. */
function whyReserved(container: string): string | undefined {
  if (UNITS.has(container)) return `podman-${container}.service is podman's own`;
  if (EVERY_HOST.has(container)) return `its unit would take over /run/${container}`;
  if (!SOME_HOSTS.has(container)) return undefined;
  return `its unit would take over /run/${container}, if something else has that`;
}
