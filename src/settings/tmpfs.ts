import { entriesAt } from "../text/json.ts";
import { texts } from "./forms.ts";

/**
 * Folders that lie in memory: TARGET[:OPTIONS], as in tmpfs(5).
 *
 * @example
 * ```toml
 * tmpfs = ["/run:size=64m", "/tmp"]
 * ```
 */
export const setting = texts({
  option: "tmpfs",
  path: ["HostConfig", "Tmpfs"],
  // podman adds options of its own to those that are given, so that only the folders are compared.
  shown: (value) => value.split(":")[0] ?? value,
  actual: (inspect) => entriesAt(inspect, "HostConfig", "Tmpfs").map(([target]) => target),
  // A read-only root makes these writable by itself.
  ignored: (target) => ["/dev/shm", "/run", "/tmp", "/var/tmp"].includes(target),
  compose: "tmpfs",
});
