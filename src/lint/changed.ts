/** Ids that were chosen once and must stay: what the lock has, what the host has, what is defined. */
import type { Annotated } from "../fleet/finding.ts";
import {
  type ChangeKind,
  identityKey,
  isAccepted,
  LOCK_TABLES,
  parseSubIds,
  subIdsText,
} from "../fleet/lock.ts";
import { below, type Fleet, type Host, type SubIds } from "../fleet/model.ts";
import { shellQuote } from "../fleet/shell.ts";
import { rangesOf, type SubIdsLine, subIdsLines } from "../fleet/sub-ids.ts";
import { actualGroup, actualUser, type Known } from "./host-user.ts";

/** A change that nobody accepted. */
export interface Change {
  readonly before: string;
  /** What is defined, as the lock writes it. */
  readonly after: string;
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

const WORDS = { uid: "uid", gid: "gid", sub_ids: "the subordinate ids" } as const;

/**
 * How a definition changes what the container user has or had on a host. What the host has counts for
 * more than what was written down.
 * @param after what is defined, as the lock writes it.
 * @param actual what the host has, in the same form.
 * @param keeps whether the definition leaves a value as it is.
 */
function changeOf(
  fleet: Fleet,
  host: Host,
  kind: ChangeKind,
  after: string,
  actual: Known<string> | undefined,
  keeps: (before: string) => boolean = (before) => before === after,
): Change | undefined {
  const { file, lock } = fleet.lock;
  const key = identityKey(host.user.name, host.name);
  const entry = lock[LOCK_TABLES[kind]][key];
  const locked = entry === undefined ? undefined : String(entry);
  const before = [actual?.value, locked].find(
    (known) => known !== undefined && !keeps(known) && !isAccepted(lock, kind, key, known, after),
  );
  if (before === undefined) return undefined;

  const related: Annotated[] = [];
  const thing = WORDS[kind];
  if (locked !== undefined) {
    related.push({
      ...below({ file, path: [] }, LOCK_TABLES[kind], key),
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
    after,
    onHost,
    done: actual !== undefined && keeps(actual.value),
    wronglyLocked: locked !== undefined && locked !== before,
    related,
    key,
    was: `${onHost ? "has" : "was locked to"} ${thing} ${before}`,
    accept: `nixgen lock accept ${kind} ${shellQuote(key)} --reason "…"`,
  };
}

/** How the definition changes one thing that the container user has or had on a host, if it does. */
export function changeOnHost(fleet: Fleet, host: Host, kind: ChangeKind): Change | undefined {
  switch (kind) {
    case "uid":
      return idChange(fleet, host, kind, actualUser(host));
    case "gid":
      return idChange(fleet, host, kind, actualGroup(host));
    case "sub_ids":
      return subIdsChange(fleet, host);
  }
}

function idChange<Kind extends "uid" | "gid">(
  fleet: Fleet,
  host: Host,
  kind: Kind,
  line: Known<Readonly<Record<Kind, number>>> | undefined,
): Change | undefined {
  const id = host.user[kind];
  if (id === undefined) return undefined;
  const actual = line && { value: String(line.value[kind]), where: below(line.where, kind) };
  return changeOf(fleet, host, kind, String(id), actual);
}

function subIdsChange(fleet: Fleet, host: Host): Change | undefined {
  const { subIds } = host.user;
  const keeps = (before: string): boolean => isKept(before, subIds);
  const files = (["subuid", "subgid"] as const)
    .map((file) => textOf(subIdsLines(host, file)))
    .filter((ranges) => ranges !== undefined);
  // Both files say the same nearly always; where one does not, it is the one to report.
  const actual = files.find(({ value }) => !keeps(value)) ?? files[0];
  return changeOf(fleet, host, "sub_ids", subIdsText(subIds), actual, keeps);
}

/** The ranges of a file as the lock writes one. */
function textOf(lines: readonly SubIdsLine[]): Known<string> | undefined {
  const [first] = lines;
  return first && { value: rangesOf(lines).map(subIdsText).join(" and "), where: first.where };
}

/** Whether every id that a range had stays what it is: it may grow at its end. */
function isKept(before: string, after: SubIds): boolean {
  const old = parseSubIds(before);
  return old?.start === after.start && old.count <= after.count;
}
