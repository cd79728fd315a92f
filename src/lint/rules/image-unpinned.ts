import { below } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";

/**
 * An image has neither a tag nor a digest.
 *
 * It means :latest, so what runs after a recovery or on another host need not be what ran before.
 *
 * Never ignore it: name the version that is meant, be it "latest" (see image-latest).
 *
 * @bad
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web"
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
  id: "image-unpinned",
  group: "containers",
  severity: "error",
  summary: "an image has neither a tag nor a digest",
  *check(fleet) {
    for (const service of fleet.services) {
      if (!service.definition.active) continue;
      for (const component of service.components) {
        const { image } = component.definition;
        const name = image.slice(image.lastIndexOf("/") + 1);
        if (name.includes(":") || name.includes("@")) continue;
        yield {
          message: `the image of ${component.container} has neither a tag nor a digest: ${image}`,
          help: `Name the version that is meant, e.g. "${image}:v1.0.0", or a digest.`,
          at: below(component.where, "image"),
        };
      }
    }
  },
};
