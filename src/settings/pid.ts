import { text } from "./forms.ts";

/**
 * The process namespace: host, or container:NAME.
 *
 * @example
 * ```toml
 * pid = "host"
 * ```
 */
export const setting = text({
  option: "pid",
  path: ["HostConfig", "PidMode"],
  compose: "pid",
  absent: ["private"],
});
