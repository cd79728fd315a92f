import { below } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";

/**
 * A host does not run the system, or the NixOS release, that the inventory says.
 *
 * Modules are emitted for one release: an option that another one does not have, or has otherwise, stops
 * the switch, or is taken for something else.
 *
 * Ignore it while the host is being upgraded.
 *
 * @bad
 * ```json facts/alpha.json
 * { "schema": 1, "host": "alpha", "system": { "id": "nixos", "version": "25.05" } }
 * ```
 * @good
 * ```json facts/alpha.json
 * { "schema": 1, "host": "alpha", "system": { "id": "nixos", "version": "25.11" } }
 * ```
 */
export const rule: Rule = {
  id: "release-differs",
  group: "inventory",
  severity: "warning",
  summary: "a host runs another system or release than the inventory says",
  audit: "only",
  *check(fleet) {
    for (const { name, node, release, where, facts: its } of fleet.hosts) {
      if (its?.facts.system?.id === undefined) continue;
      const { id, version } = its.facts.system;
      const at = { file: its.file, path: ["system"] };
      if ((id === "nixos") !== (node.os === "nixos")) {
        yield {
          message: `${name} runs ${id}, but the inventory says ${node.os}`,
          help: `Correct os of ${name}, or see that the facts are those of ${name}.`,
          at,
          related: [{ ...below(where, "os"), message: `${name} is to run ${node.os}` }],
        };
      } else if (release !== undefined && version !== undefined && version !== release) {
        yield {
          message: `${name} runs NixOS ${version}, but the inventory says ${release}`,
          help: `Set nixos_release of ${name} to the release of the nixpkgs that it is switched with. If it was upgraded since, collect the facts again.`,
          at,
          related: [
            { ...below(where, "nixos_release"), message: `modules are made for ${release}` },
          ],
        };
      }
    }
  },
};
