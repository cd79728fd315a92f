import { below } from "../../fleet/model.ts";
import { suggestion, vocabulary } from "../../text/suggest.ts";
import { correctedName } from "../queries/corrected-name.ts";
import { named } from "../queries/named.ts";
import type { Rule } from "../rule.ts";

/**
 * A service, a user or a file of facts is of a node that is not in the inventory.
 *
 * A service would run nowhere, and nobody would be told; the same where no node fits its tier. Facts
 * that belong to no host are not looked at, so that a collision of uids, the incident's first cause,
 * goes unseen although it was collected: a warning, for a host may also have left the fleet.
 *
 * Never ignore it: correct the name, or remove what is left of a node that is gone.
 *
 * @bad
 * ```toml services/web.toml
 * name = "web"
 * node = "aplha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * ports = ["127.0.0.1:8080:80"]
 * ```
 * @good
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * ports = ["127.0.0.1:8080:80"]
 * ```
 */
export const rule: Rule = {
  id: "unknown-node",
  group: "inventory",
  severity: "error",
  summary: "a node is named that is not in the inventory",
  fixable: true,
  *check(fleet) {
    const hosts = fleet.hosts.map(({ name }) => name);
    const known = vocabulary(hosts);
    const choice = hosts.length === 0 ? "" : ` (there are ${named(hosts)})`;
    for (const { name, definition, where, host } of fleet.services) {
      if (host !== undefined || !definition.active) continue;
      const { node, tier } = definition;
      if (node !== undefined) {
        const at = below(where, "node");
        yield {
          message: `service ${name} is on node ${node}, which is not in the inventory`,
          help: suggestion(node, known),
          at,
          ...correctedName(at, node, known),
        };
      } else if (tier !== undefined) {
        const role = tier === "core" ? "master" : "worker";
        yield {
          message: `service ${name} has tier ${tier}, but no node has role ${role}`,
          help: `Give a node role = "${role}", or name the service's node.`,
          at: { ...where, path: ["tier"] },
        };
      } else {
        yield {
          message: `service ${name} has neither a node nor a tier`,
          help: `Add node = "…"${choice}, or tier = "core" or "worker".`,
          at: { ...where, path: ["name"] },
        };
      }
    }
    for (const [index, user] of fleet.inventory.users.entries()) {
      for (const [position, node] of (user.nodes ?? []).entries()) {
        if (fleet.index.hostNamed.has(node)) continue;
        const at = { file: fleet.file, path: ["users", index, "nodes", position] };
        yield {
          message: `user ${user.name} is on node ${node}, which is not in the inventory`,
          help: suggestion(node, known),
          at,
          ...correctedName(at, node, known),
        };
      }
    }
    for (const { host, where } of fleet.strayFacts) {
      yield {
        message: `${where.file} has the facts of ${host}, which is not in the inventory`,
        help: `Add ${host} to [[nodes]], or remove the file. ${suggestion(host, known)}`,
        at: where,
        severity: "warning",
      };
    }
  },
};
