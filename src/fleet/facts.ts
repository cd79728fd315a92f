/** Facts of a host: the script that collects them, and what is not in them. */
import type { Facts } from "./schema.ts";

/** A script of POSIX sh that prints facts/<host>.json. */
export async function factsScript(): Promise<string> {
  return (await import("../generated/scripts.js")).collectFacts;
}

/** Something that was not collected. */
export interface MissingFact {
  readonly what: string;
  /** What nixgen cannot see for want of it, as a whole sentence. */
  readonly consequence: string;
}

/** What facts do not say, in the order of the file; then the podmans that did not answer. */
export function missingFacts(facts: Facts): MissingFact[] {
  const silent = (facts.podman ?? [])
    .filter(({ containers }) => containers === undefined)
    .map(({ user, error }) => ({
      what: `the containers of ${user}`,
      consequence: error === undefined ? "Podman did not answer." : `Podman: ${error.trim()}`,
    }));
  return [...missingParts(facts), ...silent];
}

/** The parts that facts do not have, in the order of the file. */
export function missingParts(facts: Facts): MissingFact[] {
  const nixos = facts.system?.id === undefined || facts.system.id === "nixos";
  const parts: [what: string, missing: boolean, consequence: string][] = [
    ["system", facts.system === undefined, "Whether it runs the release of the inventory is open."],
    ["passwd", facts.passwd.length === 0, "Collisions with other users of the host are not seen."],
    ["group", facts.group.length === 0, "Collisions with other groups of the host are not seen."],
    [
      "nixos_uid_map and nixos_gid_map",
      nixos && Object.keys({ ...facts.nixos_uid_map, ...facts.nixos_gid_map }).length === 0,
      "Which ids NixOS handed out before is not known, so it may hand out one that is pinned.",
    ],
    [
      "sub_ids",
      facts.schema === 2 && facts.sub_ids === undefined,
      "Lines of /etc/subuid and /etc/subgid that newuidmap reads otherwise than they look are not seen.",
    ],
    [
      "addresses",
      facts.addresses === undefined,
      "Addresses that the inventory has and the host has not are not seen.",
    ],
    [
      "linger",
      facts.linger === undefined,
      "Whether the containers stop when the last login of their user ends is not known.",
    ],
    [
      "runtime_dirs",
      facts.runtime_dirs === undefined,
      "Whether /run/user/<uid> is there for what podman remembers is not known.",
    ],
    [
      "srv",
      facts.srv === undefined,
      "Files that a container may not change after a change of uid are not seen.",
    ],
    [
      "a part of srv",
      facts.incomplete?.includes("srv") === true,
      "It was too much, or could not be read: run the script as root to see all of it.",
    ],
    ["resolver", facts.resolver === undefined, "How the host resolves names is not known."],
    [
      "listeners",
      facts.listeners === undefined,
      "Ports that programs besides the containers hold are not seen.",
    ],
    [
      "firewall",
      nixos && facts.firewall === undefined,
      "Published ports that the host's firewall closes are not seen.",
    ],
    [
      "podman",
      facts.podman === undefined,
      "Containers that differ from their definition, and databases that name another uid, are not seen.",
    ],
  ];
  return parts
    .filter(([, isMissing]) => isMissing)
    .map(([what, , consequence]) => ({ what, consequence }));
}
