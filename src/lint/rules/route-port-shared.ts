import { groupBy } from "../../text/group.ts";
import type { Rule } from "../rule.ts";

/**
 * Two routes of a host have the same port in nixgen.lock.
 *
 * Two branches that each add a route choose the same free port, and git merges both lines without a conflict. nixgen does
 * not choose which of them keeps it: whoever was deployed first must keep it, for the proxy and its clients know it.
 *
 * Never ignore it.
 *
 * @bad
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * routes = [{ name = "a", port = 443 }, { name = "b", port = 8443 }]
 * ```
 * ```toml nixgen.lock
 * version = 1
 *
 * [ports]
 * "alpha/web/web/a" = 10000
 * "alpha/web/web/b" = 10000
 * ```
 * @good
 * ```toml services/web.toml
 * name = "web"
 * node = "alpha"
 *
 * [[components]]
 * name = "web"
 * image = "registry.example/web:v1.0.0"
 * routes = [{ name = "a", port = 443 }, { name = "b", port = 8443 }]
 * ```
 * ```toml nixgen.lock
 * version = 1
 *
 * [ports]
 * "alpha/web/web/a" = 10000
 * "alpha/web/web/b" = 10001
 * ```
 */
export const rule: Rule = {
  id: "route-port-shared",
  group: "inventory",
  severity: "error",
  summary: "two routes of a host have the same port in nixgen.lock",
  unsuppressible: true,
  *check(fleet) {
    const { file, lock } = fleet.lock;
    const locked = Object.entries(lock.ports).map(([key, port]) => ({
      key,
      port,
      host: key.slice(0, key.indexOf("/")),
      where: { file, path: ["ports", key] },
    }));
    for (const routes of groupBy(locked, ({ host, port }) => `${host}/${port}`).values()) {
      const [first, ...others] = routes;
      if (first === undefined) continue;
      for (const other of others) {
        yield {
          message: `${file} gives port ${other.port} of ${other.host} to the routes ${first.key} and ${other.key}`,
          help: `Find the newer line (git log -p ${file}) and remove it. Then run nixgen build: it chooses another port for that route and moves no other.`,
          at: other.where,
          related: [{ ...first.where, message: `${first.key} has it, too` }],
        };
      }
    }
  },
};
