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
 * Never ignore it.
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
        yield {
          message: `${host} cannot have a container named ${container}: ${reason}`,
          help: "Rename the service or the component: the container is named <service>-<component>, or <service> where both are equal.",
          at: below(where, "name"),
        };
      }
    }
  },
};

/** podman-<name>.service: those of the package, and of virtualisation/podman/default.nix. */
const UNITS = new Set(["auto-update", "clean-transient", "prune", "restart"]);

/** What a NixOS host has below /run whatever else it runs, and with the secrets of sops-nix or agenix. */
const FOLDERS = new Set([
  ...["NetworkManager", "agenix", "binfmt", "blkid", "booted-system", "containers", "credentials"],
  ...["crun", "cryptsetup", "current-system", "dbus", "dhcpcd", "initramfs", "keys", "libpod"],
  ...["lock", "log", "lvm", "mount", "netns", "nixos", "nscd", "opengl-driver", "podman"],
  ...["polkit-1", "resolvconf", "secrets", "secrets-for-users", "sudo", "systemd", "udev", "user"],
  ...["utmp", "wpa_supplicant", "wrappers"],
]);

/** Why a NixOS host can have no container of this name. */
function whyReserved(container: string): string | undefined {
  if (UNITS.has(container)) return `podman-${container}.service is podman's own`;
  if (!FOLDERS.has(container)) return undefined;
  return `its unit would take over /run/${container}`;
}
