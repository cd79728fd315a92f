import { below, type Component } from "../../fleet/model.ts";
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
    for (const { container, definition, where } of fleet.index.components.filter(isUnpinned)) {
      const { image } = definition;
      yield {
        message: `the image of ${container} has neither a tag nor a digest: ${image}`,
        help: `Name the version that is meant, e.g. "${image}:v1.0.0", or a digest.`,
        at: below(where, "image"),
      };
    }
  },
};

/** A colon before the last slash is that of the registry's port; a digest has one too. */
function isUnpinned({ definition: { image } }: Component): boolean {
  return !image.includes(":", image.lastIndexOf("/") + 1);
}
