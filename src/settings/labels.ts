import { attrs, bind, str } from "../nix/ast.ts";
import { table } from "./forms.ts";

/**
 * Labels of the container, for programs that read them.
 *
 * @example
 * ```toml
 * labels = { "traefik.enable" = "true" }
 * ```
 */
export const setting = table({
  option: "label",
  path: ["Config", "Labels"],
  nixos: (labels) => [
    bind("labels", attrs(Object.entries(labels).map(([key, value]) => bind(key, str(value))))),
  ],
  compose: "labels",
  // podman shows those of the image among them.
  fromImage: true,
  ignored: (key) => key === "PODMAN_SYSTEMD_UNIT",
});
