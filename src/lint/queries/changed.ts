/** Identities that were chosen once and must stay: what the lock has, what the host has, what is defined. */
import type { Annotated } from "../../finding/finding.ts";
import {
  type ChangeKind,
  identityKey,
  isAccepted,
  lockedIdentity,
  lockedWhere,
  parseSubIds,
  subIdsText,
} from "../../fleet/lock.ts";
import { below, type Fleet, type Host, type HostUser, type SubIds } from "../../fleet/model.ts";
import { shellQuote } from "../../text/shell.ts";
import { rangesOf, type SubIdsLine, subIdsLines } from "../../fleet/sub-ids.ts";
import { normalisePath } from "../../text/path.ts";
import { actualGroup, actualUser, groupWithGid, type Known, rememberedUid } from "./host-user.ts";

/** A change that nobody accepted. */
export interface Change {
  readonly before: string;
  /** What is defined, as the lock writes it. */
  readonly after: string;
  /**
   * Who says what it was: the host has it still, the lock has it, or the user is gone and NixOS remembers
   * its uid.
   */
  readonly by: "host" | "lock" | "uid-map";
  /** The host has the new one already. */
  readonly done: boolean;
  /** What the lock has, where that is neither what it was nor what it becomes. */
  readonly wronglyLocked: boolean;
  readonly related: readonly Annotated[];
  /** user@host */
  readonly key: string;
  /** "has uid 995" or "was locked to uid 995" */
  readonly was: string;
  /** The command that accepts it. */
  readonly accept: string;
}

/** What a definition says of one thing, and how it is told whether that is what was. */
interface Thing {
  /** "uid", as it stands before a value. */
  readonly word: string;
  /** As the lock writes it; undefined where nothing is defined. */
  readonly after: (user: HostUser) => string | undefined;
  /** What the host has, in the same form. Where it says several things, all of them. */
  readonly actual: (host: Host) => readonly Known<string>[];
  /** Whether the definition leaves a value as it is; by default where both are equal. */
  readonly keeps?: (before: string, host: Host) => boolean;
}

/** Homes of users that have none: nothing can have been kept there. */
const NO_HOME: ReadonlySet<string> = new Set(["/var/empty", "/nonexistent", "/dev/null"]);

const THINGS: Readonly<Record<ChangeKind, Thing>> = {
  name: {
    word: "the name",
    after: ({ name }) => name,
    actual: (host) => field(actualUser(host), "name"),
  },
  uid: {
    word: "uid",
    after: ({ uid }) => text(uid),
    actual: (host) => field(actualUser(host), "uid"),
  },
  group: {
    word: "the primary group",
    after: ({ group }) => group,
    actual: (host) => {
      const user = actualUser(host);
      const name = user && groupWithGid(host, user.value.gid);
      return user === undefined || name === undefined
        ? []
        : [{ value: name, where: below(user.where, "gid") }];
    },
    // A group of the user's own goes by its name.
    keeps: (before, { user }) =>
      before === user.group || (before === user.formerName && user.group === user.name),
  },
  gid: {
    word: "gid",
    after: ({ gid }) => text(gid),
    actual: (host) => [...field(actualUser(host), "gid"), ...field(actualGroup(host), "gid")],
  },
  home: {
    word: "the home",
    after: ({ home }) => home,
    actual: (host) => field(actualUser(host), "home"),
    keeps: (before, { user }) =>
      NO_HOME.has(before) || normalisePath(before) === normalisePath(user.home),
  },
  sub_ids: {
    word: "the subordinate ids",
    after: ({ subIds }) => subIdsText(subIds),
    actual: (host) =>
      (["subuid", "subgid"] as const).flatMap((file) => textOf(subIdsLines(host, file))),
    keeps: (before, { user }) => isKept(before, user.subIds),
  },
};

function text(value: string | number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

/** What a line of the facts says under a key. */
function field<Key extends string>(
  line: Known<Readonly<Partial<Record<Key, string | number | undefined>>>> | undefined,
  key: Key,
): Known<string>[] {
  const value = line?.value[key];
  return line === undefined || value === undefined
    ? []
    : [{ value: String(value), where: below(line.where, key) }];
}

/**
 * How the definition changes one thing that the container user has or had on a host, if it does. What the
 * host has counts for more than what was written down.
 */
export function changeOnHost(fleet: Fleet, host: Host, kind: ChangeKind): Change | undefined {
  const { word, after: afterOf, actual: actualOf, keeps = isSame } = THINGS[kind];
  const after = afterOf(host.user);
  if (after === undefined) return undefined;
  // What a user of another name has is compared once it is clear that it is the same user.
  if (kind !== "name" && changeOnHost(fleet, host, "name") !== undefined) return undefined;
  function isSame(before: string): boolean {
    return before === after;
  }
  const isRight = (before: string): boolean =>
    keeps(before, host) || isAccepted(fleet.lock.lock, kind, host.name, before, after);

  const all = actualOf(host);
  // Where the host says several things, it is the wrong one that is reported.
  const actual = all.find(({ value }) => !isRight(value)) ?? all[0];
  const locked = text(lockedIdentity(fleet, host)?.[kind]);
  const remembered = kind === "uid" && actual === undefined ? rememberedUid(host) : undefined;
  const found = (
    [
      ["host", actual?.value],
      ["lock", locked],
      ["uid-map", remembered?.value],
    ] as const
  ).find(([, value]) => value !== undefined && !isRight(value));
  const [by, before] = found ?? [];
  if (by === undefined || before === undefined) return undefined;

  const name = lockedIdentity(fleet, host)?.name ?? host.user.name;
  const key = identityKey(host.user.name, host.name);
  const related: Annotated[] = [];
  if (locked !== undefined) {
    related.push({
      ...lockedWhere(fleet.lock, host.name, kind),
      message:
        kind === "name"
          ? `${host.name} was locked to ${locked}`
          : `${name} was locked to ${locked} on ${host.name}`,
    });
  }
  if (actual !== undefined) {
    const user = actualUser(host)?.value.name ?? host.user.name;
    related.push({
      ...actual.where,
      message:
        kind === "name"
          ? `${host.name} has the user ${user}`
          : `${host.name} has ${user} with ${word} ${actual.value}`,
    });
  }
  if (remembered !== undefined) {
    related.push({
      ...remembered.where,
      message: `${host.name} once gave ${name} uid ${remembered.value}`,
    });
  }
  const had = { host: "has", lock: "was locked to", "uid-map": "once had" };
  return {
    before,
    after,
    by,
    done: actual !== undefined && keeps(actual.value, host),
    wronglyLocked: locked !== undefined && locked !== before,
    related,
    key,
    was: `${had[by]} ${word} ${before}`,
    accept: `nixgen lock accept ${kind} ${shellQuote(key)} --reason "…"`,
  };
}

/**
 * The home of a container user before it was renamed. Where neither host nor lock know it, as in a lock of
 * version 1, a home that has its default had it before.
 */
export function homeBefore(fleet: Fleet, host: Host, formerName: string): string {
  const { name, home } = host.user;
  const known = actualUser(host)?.value.home ?? lockedIdentity(fleet, host)?.home;
  return known ?? (home === `/srv/${name}` ? `/srv/${formerName}` : home);
}

/** The ranges of a file as the lock writes one. */
function textOf(lines: readonly SubIdsLine[]): Known<string>[] {
  const [first] = lines;
  return first === undefined
    ? []
    : [{ value: rangesOf(lines).map(subIdsText).join(" and "), where: first.where }];
}

/** Whether every id that a range had stays what it is: it may grow at its end. */
function isKept(before: string, after: SubIds): boolean {
  const old = parseSubIds(before);
  return old?.start === after.start && old.count <= after.count;
}
