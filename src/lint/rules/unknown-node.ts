import { suggestion } from "../../fleet/suggest.ts";
import type { Rule } from "../rule.ts";

/**
 * A service cannot be placed: its node is not in the inventory, or no node fits its tier.
 *
 * It would run nowhere, and nobody would be told. Also reported for the nodes of [[users]].
 */
export const rule: Rule = {
  id: "unknown-node",
  group: "inventory",
  severity: "error",
  summary: "a service's node is not in the inventory",
  *check(fleet) {
    const known = fleet.hosts.map(({ name }) => name);
    for (const { name, definition, where, host } of fleet.services) {
      if (host !== undefined || !definition.active) continue;
      const { node, tier } = definition;
      if (node !== undefined) {
        yield {
          message: `service ${name} is on node ${node}, which is not in the inventory`,
          help: suggestion(node, known),
          at: { ...where, path: ["node"] },
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
          help: `Add node = "…"${known.length === 0 ? "" : ` (${known.join(", ")})`}, or tier = "core" or "worker".`,
          at: { ...where, path: ["name"] },
        };
      }
    }
    for (const [index, user] of fleet.inventory.users.entries()) {
      for (const [position, node] of (user.nodes ?? []).entries()) {
        if (known.includes(node)) continue;
        yield {
          message: `user ${user.name} is on node ${node}, which is not in the inventory`,
          help: suggestion(node, known),
          at: { file: fleet.file, path: ["users", index, "nodes", position] },
        };
      }
    }
  },
};
