import { idCollisions } from "../queries/identity.ts";
import type { Rule } from "../rule.ts";

/**
 * A pinned gid belongs to another group of the same host.
 *
 * The members of both groups can then read each other's files, and newuidmap compares the primary gid
 * of the calling process with the one in /etc/passwd.
 *
 * Ignore it only where both groups are meant to be one.
 *
 * @bad
 * ```toml nixgen.toml
 * [user]
 * name = "pod"
 * uid = 850
 * gid = 303
 * ```
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "group": [{ "name": "render", "gid": 303 }]
 * }
 * ```
 * @good
 * ```toml nixgen.toml
 * [user]
 * name = "pod"
 * uid = 850
 * gid = 850
 * ```
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "group": [{ "name": "render", "gid": 303 }]
 * }
 * ```
 */
export const rule: Rule = {
  id: "gid-collision",
  group: "identity",
  severity: "error",
  summary: "a pinned gid belongs to another group of the host",
  audit: "also",
  check: (fleet) => idCollisions(fleet, "gid"),
};
