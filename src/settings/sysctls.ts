import { table } from "./forms.ts";

/**
 * Kernel settings of the container's namespaces (podman-run(1), --sysctl).
 *
 * @example
 * ```toml
 * sysctls = { "net.core.somaxconn" = "1024" }
 * ```
 */
export const setting = table({
  option: "sysctl",
  path: { none: "podman inspect does not show them" },
  compose: "sysctls",
});
