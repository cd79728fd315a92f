import { idCollisions } from "../identity.ts";
import type { Rule } from "../rule.ts";

/**
 * A pinned gid belongs to another group of the same host.
 *
 * The members of both groups can then read each other's files, and newuidmap compares the primary gid
 * of the calling process with the one in /etc/passwd.
 *
 * Ignore it only where both groups are meant to be one.
 */
export const rule: Rule = {
  id: "gid-collision",
  group: "identity",
  severity: "error",
  summary: "a pinned gid belongs to another group of the host",
  check: (fleet) => idCollisions(fleet, "gid"),
};
