import { size } from "./size.ts";

/**
 * The most memory that the container may use, like "512m".
 *
 * It holds only where the memory controller is delegated to the user (systemd.resource-control(5), Delegate=).
 *
 * @example
 * ```toml
 * memory = "512m"
 * ```
 */
export const setting = size({
  option: "memory",
  path: ["HostConfig", "Memory"],
  compose: ["mem_limit", "deploy.resources.limits.memory"],
});
