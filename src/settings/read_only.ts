import { flag } from "./forms.ts";

/**
 * Whether the container's root is read-only. podman keeps /tmp, /run and /dev/shm writable.
 *
 * @example
 * ```toml
 * read_only = true
 * ```
 */
export const setting = flag({
  option: "read-only",
  path: ["HostConfig", "ReadonlyRootfs"],
  compose: "read_only",
});
