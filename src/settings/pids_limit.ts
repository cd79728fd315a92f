import { number } from "./forms.ts";

/**
 * How many processes the container may have; -1 for any number.
 *
 * @example
 * ```toml
 * pids_limit = 200
 * ```
 */
export const setting = number({
  option: "pids-limit",
  path: ["HostConfig", "PidsLimit"],
  compose: "pids_limit",
  // None where the controller is not delegated, else podman's default.
  absent: [0, 2048],
});
