import { table } from "./forms.ts";

/**
 * Options of the log driver (podman-run(1), --log-opt).
 *
 * @example
 * ```toml
 * log_options = { max-size = "10m" }
 * ```
 */
export const setting = table({
  option: "log-opt",
  path: { none: "podman inspect shows some of them only" },
  compose: { none: "the options of Docker's drivers are others" },
});
