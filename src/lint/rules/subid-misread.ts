import { below, type Facts } from "../../fleet/model.ts";
import type { Rule } from "../rule.ts";

type Fault = NonNullable<Facts["sub_ids"]>["faults"][number];

/**
 * A host's /etc/subuid or /etc/subgid has something that newuidmap and newgidmap read otherwise than it looks.
 *
 * shadow reads numbers as C does: 0100000 is octal, and 32768. Since 4.20 it skips a line with a fourth
 * field, and reads nothing at all of a file that does not end with a line break; 4.17 took both, so that
 * an upgrade leaves every user without subordinate ids.
 *
 * Never ignore it: the line can be written so that all versions read the same.
 *
 * @bad
 * ```json facts/alpha.json
 * {
 *   "schema": 2,
 *   "host": "alpha",
 *   "sub_ids": {
 *     "read_by": "getsubids",
 *     "faults": [{ "file": "subuid", "line": 2, "fault": "octal" }]
 *   }
 * }
 * ```
 * @good
 * ```json facts/alpha.json
 * {
 *   "schema": 2,
 *   "host": "alpha",
 *   "sub_ids": { "read_by": "getsubids", "faults": [] }
 * }
 * ```
 */
export const rule: Rule = {
  id: "subid-misread",
  group: "identity",
  severity: "warning",
  summary: "/etc/subuid or /etc/subgid is read otherwise than it looks",
  audit: "only",
  *check(fleet) {
    for (const host of fleet.hosts) {
      if (host.facts === undefined) continue;
      const { file, facts } = host.facts;
      for (const [index, fault] of (facts.sub_ids?.faults ?? []).entries()) {
        const unread = fault.fault === "unterminated" && facts[fault.file].length === 0;
        yield {
          ...said(host.name, fault, unread),
          at: below({ file, path: [] }, "sub_ids", "faults", index),
          ...(unread ? { severity: "error" } : {}),
        };
      }
    }
  },
};

/** @param unread whether the host's own getsubids read nothing of the file. */
function said(
  host: string,
  { file, line, fault }: Fault,
  unread: boolean,
): { message: string; help: string } {
  const path = `/etc/${file}`;
  const place = `line ${line} of ${path} on ${host}`;
  switch (fault) {
    case "unterminated":
      return {
        message: `${path} on ${host} does not end with a line break, and ${unread ? "nothing of it is read: no user has subordinate ids" : "shadow 4.20 reads nothing of such a file"}`,
        help: `Run as root on ${host}: echo >>${path}.`,
      };
    case "fields":
      return {
        message: `${place} does not have three fields: it is skipped, by some versions of shadow`,
        help: `Write NAME:START:COUNT. getsubids NAME shows what is read.`,
      };
    case "number":
      return {
        message: `${place} has a field that is no number from 1 to 4294967294: it is skipped`,
        help: `Write NAME:START:COUNT with decimal numbers. getsubids NAME shows what is read.`,
      };
    case "octal":
      return {
        message: `${place} has a number that begins with 0: it is read as octal or hexadecimal`,
        help: `Write it as a decimal number. getsubids NAME shows what is read, which its files may belong to.`,
      };
  }
}
