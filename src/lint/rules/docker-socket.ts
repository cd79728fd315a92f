import { normalisePath } from "../../text/path.ts";
import type { Rule } from "../rule.ts";

/** Where Docker and rootful podman have their sockets; on NixOS dockerCompat makes the first two of the last. */
const ROOTFUL = /^(?:\/var)?\/run\/(?:docker\.sock|podman\/podman\.sock)$/;

/**
 * A container mounts the socket of Docker or of rootful podman.
 *
 * A host of rootless containers has no such socket, or the container user may not use it: podman refuses to mount what
 * is missing ("statfs …: no such file or directory", status 125), so the unit fails for ever. Whoever may use that socket
 * is root on the host.
 *
 * The container user has a socket of its own, which controls the user's containers and no others. podman makes it with
 * `systemctl --user enable --now podman.socket`, run as that user.
 *
 * Ignore it if the host runs Docker as well, and the container user may use it.
 *
 * @bad
 * ```toml services/proxy.toml
 * name = "proxy"
 * node = "alpha"
 *
 * [[components]]
 * name = "proxy"
 * image = "registry.example/proxy:v1.0.0"
 * ports = ["127.0.0.1:8080:80"]
 * volumes = ["/var/run/docker.sock:/var/run/docker.sock:ro"]
 * ```
 * @good
 * ```toml services/proxy.toml
 * name = "proxy"
 * node = "alpha"
 *
 * [[components]]
 * name = "proxy"
 * image = "registry.example/proxy:v1.0.0"
 * ports = ["127.0.0.1:8080:80"]
 * volumes = ["/run/user/850/podman/podman.sock:/var/run/docker.sock:ro"]
 * ```
 */
export const rule: Rule = {
  id: "docker-socket",
  group: "containers",
  severity: "error",
  summary: "a container mounts the socket of Docker or of rootful podman",
  *check(fleet) {
    for (const host of fleet.hosts) {
      for (const { container, volumes } of fleet.index.componentsOn.get(host.name) ?? []) {
        for (const { source, where } of volumes) {
          if (!source.startsWith("/") || !ROOTFUL.test(normalisePath(source))) continue;
          const { name, uid } = host.user;
          yield {
            message: `${container} mounts ${source}, which ${name} cannot use on ${host.name}`,
            help: `Mount the socket of ${name} instead, /run/user/${uid ?? "<uid>"}/podman/podman.sock. Run as ${name}, systemctl --user enable --now podman.socket makes it.`,
            at: where,
          };
        }
      }
    }
  },
};
