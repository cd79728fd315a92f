import { text } from "./forms.ts";

/**
 * The platform of the image, where it is not the host's, like linux/arm64.
 *
 * @example
 * ```toml
 * platform = "linux/amd64"
 * ```
 */
export const setting = text({
  option: "platform",
  path: { none: "podman inspect does not show it" },
  compose: "platform",
});
