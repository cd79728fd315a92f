import { compareText } from "../../text/order.ts";
import { groupBy } from "../../text/group.ts";
import { nixosHosts } from "../../fleet/model.ts";
import { canSplitWithResolved } from "../../fleet/release.ts";
import { named } from "../queries/named.ts";
import type { Rule } from "../rule.ts";

/**
 * Public and internal resolvers would end up in one list.
 *
 * systemd-resolved splits zones by dns-delegate files, which only systemd 258 and later reads; NixOS
 * has it from 26.05 on. Before, it would send internal names to the public resolvers, and stay there
 * after the first failure of the internal ones (measured: for ever). That is what a hurried repair of
 * the incident's first action item, public resolvers as a fallback, would have led to.
 *
 * Never ignore it: resolver = "dnsmasq" splits on every release.
 *
 * @bad
 * ```toml nixgen.toml
 * [dns]
 * zones = ["svc.example.org"]
 * service = "ns"
 * public = ["1.1.1.1", "8.8.8.8"]
 * resolver = "resolved"
 *
 * [[nodes]]
 * name = "alpha"
 * os = "nixos"
 * nixos_release = "25.11"
 * role = "master"
 * addresses = { lan = "192.168.1.10", vpn = "100.64.0.10" }
 * ```
 * ```toml services/ns.toml
 * name = "ns"
 * node = "alpha"
 *
 * [[components]]
 * name = "ns"
 * image = "registry.example/ns:v1.0.0"
 * ports = ["192.168.1.10:53:53/udp", "100.64.0.10:53:53/udp"]
 * ```
 * @good
 * ```toml nixgen.toml
 * [dns]
 * zones = ["svc.example.org"]
 * service = "ns"
 * public = ["1.1.1.1", "8.8.8.8"]
 * resolver = "resolved"
 *
 * [[nodes]]
 * name = "alpha"
 * os = "nixos"
 * nixos_release = "26.05"
 * role = "master"
 * addresses = { lan = "192.168.1.10", vpn = "100.64.0.10" }
 * ```
 * ```toml services/ns.toml
 * name = "ns"
 * node = "alpha"
 *
 * [[components]]
 * name = "ns"
 * image = "registry.example/ns:v1.0.0"
 * ports = ["192.168.1.10:53:53/udp", "100.64.0.10:53:53/udp"]
 * ```
 */
export const rule: Rule = {
  id: "dns-unsplit",
  group: "dns",
  severity: "error",
  summary: "public and internal resolvers would end up in one list",
  *check(fleet) {
    const { dns } = fleet.inventory;
    if (dns?.resolver !== "resolved" || dns.zones.length === 0) return;
    const mixing = nixosHosts(fleet)
      .filter(({ release }) => !canSplitWithResolved(release))
      .sort((a, b) => compareText(a.name, b.name));
    for (const [release, hosts] of groupBy(mixing, (host) => host.release)) {
      yield {
        message: `resolved cannot keep internal and public names apart on ${named(hosts.map(({ name }) => name))}: NixOS ${release} reads no dns-delegate files`,
        help: 'Set resolver = "dnsmasq" in [dns], which splits on every release, or move to NixOS 26.05 or later.',
        at: { file: fleet.file, path: ["dns", "resolver"] },
        related: hosts.map(({ name, where }) => ({
          ...where,
          path: [...where.path, "nixos_release"],
          message: `${name} is here`,
        })),
      };
    }
  },
};
