/** Ids that were chosen once and must stay: what the lock has, what the host has, what is defined. */
import type { Annotated } from "../fleet/finding.ts";
import { type ChangeKind, identityKey, isAccepted } from "../fleet/lock.ts";
import { below, type Fleet, type Host } from "../fleet/model.ts";
import type { Known } from "./host-user.ts";

/** A change that nobody accepted. */
export interface Change {
  readonly before: string;
  /** The host still has it; otherwise only the lock does. */
  readonly onHost: boolean;
  /** The host has the new one already. */
  readonly done: boolean;
  /** What the lock has, where that is neither what it was nor what it becomes. */
  readonly wronglyLocked: boolean;
  readonly related: readonly Annotated[];
  /** The lock's key: user@host. */
  readonly key: string;
  /** "has uid 995" or "was locked to uid 995" */
  readonly was: string;
  /** The command that accepts it. */
  readonly accept: string;
}

const LOCKED = { uid: "uids", gid: "gids", sub_ids: "sub_ids" } as const;
const WORDS = { uid: "uid", gid: "gid", sub_ids: "the subordinate ids" } as const;

/**
 * How a definition changes what the container user has or had on a host. What the host has counts for
 * more than what was written down.
 * @param after what is defined, as the lock writes it.
 * @param actual what the host has, in the same form.
 * @param keeps whether the definition leaves a value as it is.
 */
export function changeOf(
  fleet: Fleet,
  host: Host,
  kind: ChangeKind,
  after: string,
  actual: Known<string> | undefined,
  keeps: (before: string) => boolean = (before) => before === after,
): Change | undefined {
  const { file, lock } = fleet.lock;
  const key = identityKey(host.user.name, host.name);
  const entry = lock[LOCKED[kind]][key];
  const locked = entry === undefined ? undefined : String(entry);
  const before = [actual?.value, locked].find(
    (known) => known !== undefined && !keeps(known) && !isAccepted(lock, kind, key, known, after),
  );
  if (before === undefined) return undefined;

  const related: Annotated[] = [];
  const thing = WORDS[kind];
  if (locked !== undefined) {
    related.push({
      ...below({ file, path: [] }, LOCKED[kind], key),
      message: `${host.user.name} was locked to ${locked} on ${host.name}`,
    });
  }
  if (actual !== undefined) {
    related.push({
      ...actual.where,
      message: `${host.name} has ${host.user.name} with ${thing} ${actual.value}`,
    });
  }
  const onHost = before === actual?.value;
  return {
    before,
    onHost,
    done: actual !== undefined && keeps(actual.value),
    wronglyLocked: locked !== undefined && locked !== before,
    related,
    key,
    was: `${onHost ? "has" : "was locked to"} ${thing} ${before}`,
    accept: `nixgen lock accept ${kind} ${key} --reason "…"`,
  };
}
