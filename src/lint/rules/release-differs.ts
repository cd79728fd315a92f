import { below, type Release } from "../../fleet/model.ts";
import { rebootReasons } from "../../fleet/release.ts";
import type { Rule } from "../rule.ts";

/** How to bring a host to a release. */
function upgradeHelp(name: string, version: string, release: Release): string {
  const reasons = rebootReasons(version, release);
  if (reasons.length === 0) return `To upgrade ${name}, see docs/upgrading.md.`;
  return `To bring ${name} to ${release}, use nixos-rebuild boot and reboot, because ${reasons.join(" and ")}; see docs/upgrading.md.`;
}

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
          help: `Set nixos_release of ${name} to the release of the nixpkgs that it is built with. If it was upgraded since, collect the facts again. ${upgradeHelp(name, version, release)}`,
          at,
          related: [
            { ...below(where, "nixos_release"), message: `modules are made for ${release}` },
          ],
        };
      }
    }
  },
};
