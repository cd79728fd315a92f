import type { Where } from "../../document/place.ts";
import { subIdsText } from "../../fleet/lock.ts";
import { below, type Fleet, hasOwnGroup, type Host } from "../../fleet/model.ts";
import type { Report, Rule } from "../rule.ts";

/**
 * The inventory says two things of one user.
 *
 * `[[users]]` names what your own modules pin, so that collisions with it are found. With an entry that
 * contradicts `[user]`, or another entry of the same host, one of the two is checked against an id that
 * the user does not have.
 *
 * Never ignore it: one of them is wrong.
 *
 * @bad
 * ```toml nixgen.toml
 * [user]
 * name = "pod"
 * uid = 850
 *
 * [[users]]
 * name = "pod"
 * uid = 851
 * ```
 * @good
 * ```toml nixgen.toml
 * [user]
 * name = "pod"
 * uid = 850
 *
 * [[users]]
 * name = "backup"
 * uid = 851
 * ```
 */
export const rule: Rule = {
  id: "users-contradict",
  group: "identity",
  severity: "error",
  summary: "the inventory gives one user two uids, gids or ranges",
  *check(fleet) {
    const said = new Set<string>();
    for (const host of fleet.hosts) {
      const first = new Map<string, Entry>();
      for (const entry of entriesOf(fleet, host)) {
        const before = first.get(entry.name);
        first.set(entry.name, before ?? entry);
        if (before === undefined) continue;
        for (const report of contradictions(host, before, entry)) {
          // The same entries contradict each other on every host that has both.
          const key = [report.at, ...report.related].map((at) => at.path.join(".")).join();
          if (!said.has(key)) yield report;
          said.add(key);
        }
      }
    }
  },
};

const KINDS = ["uid", "gid", "sub_ids"] as const;

/** What the inventory says of one user of a host. */
interface Entry {
  readonly name: string;
  readonly values: Readonly<Record<(typeof KINDS)[number], string | undefined>>;
  readonly where: Readonly<Record<(typeof KINDS)[number], Where>>;
}

function* entriesOf({ inventory, file }: Fleet, host: Host): Generator<Entry> {
  const { user } = host;
  yield {
    name: user.name,
    values: {
      uid: text(user.uid),
      // [[users]] has the gid of a group of the user's own.
      gid: hasOwnGroup(user) ? text(user.gid) : undefined,
      sub_ids: user.subIdsFrom === "inventory" ? subIdsText(user.subIds) : undefined,
    },
    where: { uid: user.where.uid, gid: user.where.gid, sub_ids: user.where.subIds },
  };
  for (const [index, { name, uid, gid, sub_ids, nodes }] of inventory.users.entries()) {
    if (nodes !== undefined && !nodes.includes(host.name)) continue;
    const where: Where = { file, path: ["users", index] };
    yield {
      name,
      values: { uid: text(uid), gid: text(gid), sub_ids: sub_ids && subIdsText(sub_ids) },
      where: {
        uid: below(where, "uid"),
        gid: below(where, "gid"),
        sub_ids: below(where, "sub_ids"),
      },
    };
  }
}

function text(id: number | undefined): string | undefined {
  return id === undefined ? undefined : String(id);
}

function contradictions(
  host: Host,
  first: Entry,
  second: Entry,
): (Report & { readonly at: Where; readonly related: readonly (Where & { message: string })[] })[] {
  return KINDS.flatMap((kind) => {
    const [one, other] = [first.values[kind], second.values[kind]];
    if (one === undefined || other === undefined || one === other) return [];
    const help =
      first.name === host.user.name
        ? "Remove the entry of [[users]], which is for other users: [user] and [[nodes]] say what is emitted."
        : "Remove one of the two, or name the hosts of each (nodes = [ … ]).";
    return [
      {
        message: `${first.name} has ${kind} ${one} and ${kind} ${other} on ${host.name}`,
        help,
        at: second.where[kind],
        related: [{ ...first.where[kind], message: `${first.name} has ${kind} ${one}` }],
      },
    ];
  });
}
