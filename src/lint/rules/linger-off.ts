import { shellCommand } from "../../text/shell.ts";
import { containerHosts } from "../queries/host-user.ts";
import type { Rule } from "../rule.ts";

/**
 * The container user does not linger on a host that its containers run on.
 *
 * Without lingering, systemd takes the user's manager, /run/user/<uid> and everything in it away with
 * the last session (measured: within 70 ms), and makes none at boot: podman then puts its state below
 * /tmp, and its database keeps that path for good. On NixOS the next switch turns it on, so it is a
 * warning there; elsewhere nobody does.
 *
 * Never ignore it where containers are meant to outlive a session.
 *
 * @bad
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * ports = ["127.0.0.1:8080:8080"]
 * ```
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "passwd": [{ "name": "pod", "uid": 850, "gid": 850 }],
 *   "subuid": [{ "name": "pod", "start": 100000, "count": 65536 }],
 *   "subgid": [{ "name": "pod", "start": 100000, "count": 65536 }],
 *   "linger": []
 * }
 * ```
 * @good
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * ports = ["127.0.0.1:8080:8080"]
 * ```
 * ```json facts/alpha.json
 * {
 *   "schema": 1,
 *   "host": "alpha",
 *   "passwd": [{ "name": "pod", "uid": 850, "gid": 850 }],
 *   "subuid": [{ "name": "pod", "start": 100000, "count": 65536 }],
 *   "subgid": [{ "name": "pod", "start": 100000, "count": 65536 }],
 *   "linger": ["pod"]
 * }
 * ```
 */
export const rule: Rule = {
  id: "linger-off",
  group: "identity",
  severity: "error",
  summary: "the container user does not linger",
  audit: "also",
  *check(fleet) {
    for (const { host, facts, user } of containerHosts(fleet)) {
      const { name } = host.user;
      if (facts.facts.linger === undefined || facts.facts.linger.includes(name)) continue;
      const byHand = shellCommand(["loginctl", "enable-linger", name]);
      yield {
        message: `user ${name} does not linger on ${host.name}: its containers end with its last session, and none starts at boot`,
        help:
          host.release === undefined
            ? `Run as root on ${host.name}: ${byHand}.`
            : `Switch ${host.name} to the emitted modules, which turn it on. Until then, as root: ${byHand}.`,
        at: { file: facts.file, path: ["linger"] },
        related: [{ ...user.where, message: `${host.name} has ${name}` }],
        ...(host.release === undefined ? {} : { severity: "warning" }),
      };
    }
  },
};
