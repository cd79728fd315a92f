import { text } from "./forms.ts";

/**
 * The namespace of shared memory: host, private, shareable, none or container:NAME.
 *
 * @example
 * ```toml
 * ipc = "host"
 * ```
 */
export const setting = text({
  option: "ipc",
  path: ["HostConfig", "IpcMode"],
  compose: "ipc",
  absent: ["shareable", "private"],
});
