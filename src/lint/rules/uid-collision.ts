import { idCollisions } from "../queries/identity.ts";
import type { Rule } from "../rule.ts";

/**
 * A pinned uid belongs to another user of the same host.
 *
 * NixOS writes a declared uid for a new user without looking whether it is taken, so both users then
 * share it. newuidmap sees the other one's name in /etc/passwd and refuses every rootless podman call.
 * This is the first root cause of the incident: mcp was pinned to 995, which orion had given to sshd.
 *
 * Never ignore it: which of the two users comes first in /etc/passwd is arbitrary.
 *
 * @bad
 * ```toml nixgen.toml
 * [user]
 * name = "mcp"
 * uid = 995
 * gid = 850
 * ```
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "passwd": [{ "name": "mcp", "uid": 995, "gid": 850 }]
 * }
 * ```
 * ```json facts/beta.json
 * {
 *   "schema": 1,
 *   "host": "beta",
 *   "passwd": [{ "name": "sshd", "uid": 995, "gid": 992 }]
 * }
 * ```
 * @good
 * ```toml nixgen.toml
 * [user]
 * name = "mcp"
 * uid = 850
 * ```
 * ```json facts/beta.json
 * {
 *   "schema": 1,
 *   "host": "beta",
 *   "passwd": [{ "name": "sshd", "uid": 995, "gid": 992 }]
 * }
 * ```
 */
export const rule: Rule = {
  id: "uid-collision",
  group: "identity",
  severity: "error",
  summary: "a pinned uid belongs to another user of the host",
  audit: "also",
  check: (fleet) => idCollisions(fleet, "uid"),
};
