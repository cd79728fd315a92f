import { outsideResolvers } from "../../fleet/dns.ts";
import { anotherResolver, moreResolvers } from "../queries/public-resolvers.ts";
import type { Rule } from "../rule.ts";

/**
 * There is only one public resolver.
 *
 * When it is down or unreachable, no outside name resolves on any host. The incident's lesson is that
 * DNS must not be a single point of failure, and one public server is one again.
 *
 * Ignore it where that one address is itself served by several machines that you run.
 *
 * @bad
 * ```toml nixgen.toml
 * [dns]
 * public = ["1.1.1.1"]
 * ```
 * @good
 * ```toml nixgen.toml
 * [dns]
 * public = ["1.1.1.1", "8.8.8.8"]
 * ```
 */
export const rule: Rule = {
  id: "dns-single-resolver",
  group: "dns",
  severity: "warning",
  summary: "there is only one public resolver",
  fixable: true,
  *check(fleet) {
    const [only, ...more] = outsideResolvers(fleet);
    if (only === undefined) return;
    if (more.some(({ address }) => address !== only.address)) return;
    yield {
      message: `${only.address} is the only public resolver of every host`,
      help: `Add a second one of another operator, e.g. public = ["${only.address}", "${anotherResolver(only.address)}"].`,
      at: only.where,
      fix: moreResolvers(fleet, [anotherResolver(only.address)]),
    };
  },
};
