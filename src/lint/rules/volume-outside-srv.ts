import { componentsOn, nixosHosts, type Volume } from "../../fleet/model.ts";
import { isWithin, normalisePath } from "../../text/path.ts";
import type { Rule } from "../rule.ts";
import { holdsData, isBindMount, isWritable } from "../queries/volumes.ts";

/**
 * A container writes to a folder of its host that is not below /srv.
 *
 * The emitted modules make the folders below /srv and give them to the container user; a folder
 * elsewhere must be made by hand on every new host, or podman refuses to start the container
 * ("statfs: no such file or directory"). Whoever saves or restores /srv does not have it either. What
 * is mounted read-only, the user's home, sockets and the system's own folders are left alone.
 *
 * Ignore it for a disk of its own that is mounted there, and say so as the reason.
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
 * volumes = ["/var/lib/web:/data"]
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
 * volumes = ["/srv/web:/data", "/etc/localtime:/etc/localtime:ro"]
 * ```
 */
export const rule: Rule = {
  id: "volume-outside-srv",
  group: "containers",
  severity: "info",
  summary: "a container writes to a folder that is not below /srv",
  *check(fleet) {
    for (const host of nixosHosts(fleet)) {
      const home = normalisePath(host.user.home);
      const isOutside = (volume: Volume): boolean => isDataOutside(home, volume);
      const here = componentsOn(fleet, host.name);
      for (const component of here.filter(({ volumes }) => volumes.some(isOutside))) {
        for (const { source, where } of component.volumes.filter(isOutside)) {
          yield {
            message: `${component.container} keeps data in ${normalisePath(source)} on ${host.name}, which nothing makes there`,
            help: `Use /srv/${component.service}, which is made for ${host.user.name}, or mount it read-only (:ro).`,
            at: where,
          };
        }
      }
    }
  },
};

/** Whether a container writes data to a volume that is neither below /srv nor in the user's home. */
function isDataOutside(home: string, volume: Volume): boolean {
  if (!isBindMount(volume) || !isWritable(volume)) return false;
  const path = normalisePath(volume.source);
  return !isWithin("/srv", path) && !isWithin(home, path) && holdsData(path);
}
