import { texts } from "./forms.ts";

/**
 * The domains that names without a dot are looked up in.
 *
 * @example
 * ```toml
 * dns_search = ["example.org"]
 * ```
 */
export const setting = texts({
  option: "dns-search",
  path: ["HostConfig", "DnsSearch"],
  compose: "dns_search",
});
