import { below, componentsOn } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";
import { podmanMajor } from "../queries/runtime.ts";

/**
 * A component asks for slirp4netns, which its host does not have.
 *
 * podman 6 refuses `--network slirp4netns`, and NixOS has no slirp4netns for podman since 24.11: the container
 * does not start. pasta is what podman uses by itself since 5.0.
 *
 * Never ignore it: the container would not start.
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
 * network = "slirp4netns"
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
 * ```
 */
export const rule: Rule = {
  id: "slirp4netns-removed",
  group: "containers",
  severity: "error",
  summary: "a component asks for slirp4netns, which its host does not have",
  fixable: true,
  *check(fleet) {
    for (const host of fleet.hosts) {
      const removed = (podmanMajor(host) ?? 0) >= 6;
      if (host.release === undefined && !removed) continue;
      for (const { container, definition, where } of componentsOn(fleet, host.name)) {
        if (definition.network !== "slirp4netns") continue;
        const at = below(where, "network");
        yield {
          message: `${container} cannot start on ${host.name}: ${removed ? "podman 6" : "NixOS"} does not have slirp4netns`,
          help: `Remove network = "slirp4netns": podman then uses pasta, which does the same.`,
          at,
          fix: {
            title: 'write network = "pasta"',
            edits: [{ kind: "replace", at, value: "pasta" }],
          },
        };
      }
    }
  },
};
