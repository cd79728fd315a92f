import { number } from "./forms.ts";

/**
 * The container's weight among others when processors are busy. podman's default weight is 1024.
 *
 * @example
 * ```toml
 * cpu_shares = 512
 * ```
 */
export const setting = number({
  option: "cpu-shares",
  path: ["HostConfig", "CpuShares"],
  compose: "cpu_shares",
});
