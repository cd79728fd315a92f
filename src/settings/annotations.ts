import { table } from "./forms.ts";

/**
 * Annotations of the container, for the runtime.
 *
 * @example
 * ```toml
 * annotations = { "run.oci.keep_original_groups" = "1" }
 * ```
 */
export const setting = table({
  option: "annotation",
  path: ["Config", "Annotations"],
  compose: "annotations",
  // podman writes some for itself.
  ignored: (key) =>
    /^(?:io\.(?:podman|container|kubernetes)|org\.(?:opencontainers|systemd|criu))\./.test(key),
});
