import { below, type Component } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";

/**
 * An image has the tag latest.
 *
 * The tag moves: what is pulled after a recovery, or on another host, need not be what ran before, and
 * nothing says which version that was. In the incident every service came back as it had been because
 * its definition named a version, and the image of that version was still there (recovery, step 3).
 *
 * Ignore it for an image that is only built on the host itself, and never pulled.
 *
 * @bad
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:latest"
 * ports = ["127.0.0.1:8080:80"]
 * ```
 * @good
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.4.2"
 * ports = ["127.0.0.1:8080:80"]
 * ```
 */
export const rule: Rule = {
  id: "image-latest",
  group: "containers",
  severity: "warning",
  summary: "an image has the tag latest",
  *check(fleet) {
    for (const { container, definition, where } of fleet.index.components.filter(isLatest)) {
      const { image } = definition;
      const name = image.slice(0, image.lastIndexOf(":"));
      yield {
        message: `the image of ${container} is whatever ${image} means when it is pulled`,
        help: `Name the version that is meant, e.g. "${name}:v1.0.0", or a digest.`,
        at: below(where, "image"),
      };
    }
  },
};

/** With a digest as well, the tag is only a remark. */
function isLatest({ definition }: Component): boolean {
  return definition.image.endsWith(":latest");
}
