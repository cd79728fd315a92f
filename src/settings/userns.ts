import { text } from "./forms.ts";

/**
 * The user namespace: keep-id, auto, nomap, or with options as in keep-id:uid=1000,gid=1000.
 *
 * @example
 * ```toml
 * userns = "keep-id"
 * ```
 */
export const setting = text({
  option: "userns",
  path: { none: "podman inspect shows keep-id, auto and nomap as private" },
  compose: "userns_mode",
});
