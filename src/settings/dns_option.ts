import { texts } from "./forms.ts";

/**
 * Options of the container's resolv.conf(5).
 *
 * @example
 * ```toml
 * dns_option = ["ndots:1"]
 * ```
 */
export const setting = texts({
  option: "dns-option",
  path: ["HostConfig", "DnsOptions"],
  compose: "dns_opt",
});
