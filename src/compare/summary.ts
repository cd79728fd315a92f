/** The first line of a comparison: what there is to be afraid of, in one sentence. */
import { type ContainerChange, type Effect, type HostComparison, isDangerous } from "./compare.ts";
import { identityLabel } from "./lines.ts";

/** How many containers something happens to; one that moves is neither new nor gone. */
export interface Counts {
  readonly restarts: number;
  readonly byHand: number;
  readonly new: number;
  readonly gone: number;
  readonly moves: number;
  /** Hosts whose container user may lose its containers. */
  readonly dangerous: number;
}

/** Counts what a comparison has. */
export function countChanges(hosts: readonly HostComparison[]): Counts {
  return {
    restarts: affected(hosts, "restarts").count,
    byHand: affected(hosts, "by hand").count,
    new: affected(hosts, "new").count,
    gone: affected(hosts, "gone").count,
    moves: affected(hosts, "moves").count,
    dangerous: hosts.filter(isDangerous).length,
  };
}

/** Host names are safe in every format. */
interface Affected {
  readonly count: number;
  readonly hosts: readonly string[];
}

function affected(hosts: readonly HostComparison[], what: Effect | "moves"): Affected {
  const shown = new Set(hosts.map(({ host }) => host));
  const isMeant = ({ effect, moved }: ContainerChange): boolean => {
    if (what !== "moves") return effect === what && moved === undefined;
    // What moves between two hosts is told of both, and counted where it goes.
    return moved !== undefined && (effect === "new" || !shown.has(moved));
  };
  const found = hosts.map(({ host, containers }) => ({
    host,
    count: containers.filter(isMeant).length,
  }));
  const there = found.filter(({ count }) => count > 0);
  return {
    count: there.reduce((sum, { count }) => sum + count, 0),
    hosts: there.map(({ host }) => host).sort(),
  };
}

/** "2 containers restart on rift, 1 is new; no ids change." */
export function summaryText(hosts: readonly HostComparison[]): string {
  if (hosts.length === 0) return "Nothing changes on any host.";
  const ids = identityText(hosts);
  const containers = containersText(hosts);
  const sentence =
    ids === undefined ? `${containers}; no ids change` : `${ids}; ${lowerFirst(containers)}`;
  return `${sentence}.`;
}

function containersText(hosts: readonly HostComparison[]): string {
  const restarts = affected(hosts, "restarts");
  const phrases: readonly (readonly [Affected, one: string, many: string])[] = [
    [affected(hosts, "by hand"), "is to be replaced by hand", "are to be replaced by hand"],
    [affected(hosts, "new"), "is new", "are new"],
    [affected(hosts, "gone"), "is gone", "are gone"],
    [affected(hosts, "moves"), "moves to another host", "move to another host"],
  ];
  const containers = restarts.count === 1 ? "container restarts" : "containers restart";
  let before = placesText(restarts.hosts);
  const parts = [
    restarts.count === 0 ? "No container restarts" : `${restarts.count} ${containers}${before}`,
  ];
  for (const [{ count, hosts: places }, one, many] of phrases) {
    if (count === 0) continue;
    // Where it is the same host as before, it need not be said again.
    const there = placesText(places);
    parts.push(`${count} ${count === 1 ? one : many}${there === before ? "" : there}`);
    before = there;
  }
  return parts.join(", ");
}

function identityText(hosts: readonly HostComparison[]): string | undefined {
  const changing = hosts.filter(({ ids }) => ids.length > 0);
  if (changing.length === 0) return undefined;
  const kinds = [...new Set(changing.flatMap(({ ids }) => ids.map(identityLabel)))];
  const verb = kinds.length === 1 && kinds[0] !== "subordinate ids" ? "changes" : "change";
  return `The ${andText(kinds)} of the container user ${verb}${placesText(changing.map(({ host }) => host).sort())}`;
}

function placesText(hosts: readonly string[]): string {
  return hosts.length === 0
    ? ""
    : hosts.length > 5
      ? ` on ${hosts.length} hosts`
      : ` on ${andText(hosts)}`;
}

function andText(texts: readonly string[]): string {
  return texts.length < 2
    ? texts.join("")
    : `${texts.slice(0, -1).join(", ")} and ${texts.at(-1) ?? ""}`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
