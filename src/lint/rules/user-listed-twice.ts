import { below } from "../../fleet/model.ts";
import { shellQuote } from "../../text/shell.ts";
import { actualUsers } from "../queries/host-user.ts";
import type { Rule } from "../rule.ts";

/**
 * A host's /etc/passwd has several lines for the container user, and they say different things.
 *
 * Programs take the first one. NixOS reads all of them at a switch and keeps the last one, so uid, gid or
 * home change then without a word, and podman finds no container, or not the files of any.
 *
 * Never ignore it.
 *
 * @bad
 * ```json facts/alpha.json
 * {
 *   "schema": 2,
 *   "host": "alpha",
 *   "passwd": [
 *     { "name": "pod", "uid": 850, "gid": 850 },
 *     { "name": "pod", "uid": 851, "gid": 850 }
 *   ]
 * }
 * ```
 * @good
 * ```json facts/alpha.json
 * {
 *   "schema": 2,
 *   "host": "alpha",
 *   "passwd": [{ "name": "pod", "uid": 850, "gid": 850 }]
 * }
 * ```
 */
export const rule: Rule = {
  id: "user-listed-twice",
  group: "identity",
  severity: "error",
  summary: "/etc/passwd has two lines for the container user that differ",
  audit: "also",
  *check(fleet) {
    for (const host of fleet.hosts) {
      const [first, ...others] = actualUsers(host);
      if (first === undefined) continue;
      for (const other of others) {
        const key = (["uid", "gid", "home"] as const).find(
          (each) => other.value[each] !== first.value[each],
        );
        if (key === undefined) continue;
        const [had, has] = [first, other].map(({ value }) => value[key] ?? "none");
        yield {
          message: `/etc/passwd of ${host.name} has two lines for ${first.value.name}, with ${key} ${had} and ${key} ${has}`,
          help: `Programs take the first line, and NixOS keeps the last one at the next switch. See which one podman's data belongs to (ls -ldn ${shellQuote(host.user.storage)}), and remove the other on ${host.name} with vipw. Then collect the facts again.`,
          at: below(other.where, key),
          related: [{ ...below(first.where, key), message: `the first line has ${key} ${had}` }],
        };
      }
    }
  },
};
