import { size } from "./size.ts";

/**
 * The size of /dev/shm, like "128m". Default: 64000k.
 *
 * @example
 * ```toml
 * shm_size = "128m"
 * ```
 */
export const setting = size({
  option: "shm-size",
  path: ["HostConfig", "ShmSize"],
  absent: [0, 65536000],
  compose: ["shm_size"],
});
