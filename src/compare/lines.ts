/** What a comparison says of a host, line by line, in whatever marks a format has for values. */
import { identityKey } from "../fleet/lock.ts";
import { groupBy } from "../text/group.ts";
import { shellQuote } from "../text/shell.ts";
import type { ContainerChange, Difference, HostComparison, IdentityChange } from "./compare.ts";

/** How a format shows what is not ours. */
export interface Marks {
  /** A text of the input; what comes back is safe in the format. */
  readonly value: (text: string) => string;
  /** A command of ours, to be pasted. */
  readonly command: (text: string) => string;
  readonly arrow: string;
}

/** How much a line matters. */
export type Weight = "danger" | "restart" | "gone" | "new" | "note";

/** One line of a host. */
export interface Line {
  readonly weight: Weight;
  /** One of a few words of ours. */
  readonly label: string;
  readonly text: string;
}

/** What there is to say of a host, the most dangerous first. */
export function hostLines(comparison: HostComparison, marks: Marks): Line[] {
  const { host, ids, release, resolvers, boot, system } = comparison;
  const say = (differences: readonly Difference[]): string => differencesText(differences, marks);
  const note = (label: string, text: string): Line => ({ weight: "note", label, text });
  const lines = [
    ...modulesLine(comparison),
    ...ids.map((change) => identityLine(host, change, marks)),
    ...containerLines(comparison, marks),
    ...(release === undefined
      ? []
      : [note("release", `${say([release])}; another nixpkgs may restart more than is said here`)]),
    ...(resolvers.length === 0 ? [] : [note("resolvers", say(resolvers))]),
    ...(boot.length === 0
      ? []
      : [note("boot", `${say(boot)}; nothing is restarted for that, it is for the next boot`)]),
    ...(system.length === 0 ? [] : [note("system", say(system) + leftBehind(system))]),
  ];
  if (lines.length > 0) return lines;
  return [
    note("files", "recover.sh, RUNBOOK.md or an order within files change, and nothing that runs"),
  ];
}

function modulesLine({ modules }: HostComparison): Line[] {
  switch (modules) {
    case undefined:
      return [];
    case "new":
      return [
        {
          weight: "new",
          label: "new host",
          text: "modules are emitted for it from now on",
        },
      ];
    case "gone":
      return [
        {
          weight: "gone",
          label: "gone",
          text: "no modules are emitted for it any more; what runs there goes on until it gets another configuration",
        },
      ];
  }
}

const IDENTITY_LABELS = {
  name: "user",
  uid: "uid",
  group: "primary group",
  gid: "gid",
  home: "home",
  sub_ids: "subordinate ids",
  storage: "podman's storage",
} as const satisfies Record<IdentityChange["kind"], string>;

/** What of the container user is another one, in words. */
export function identityLabel({ kind }: IdentityChange): string {
  return IDENTITY_LABELS[kind];
}

function identityLine(host: string, change: IdentityChange, marks: Marks): Line {
  const { kind, user, from, to, safe } = change;
  const difference = `${marks.value(from)} ${marks.arrow} ${marks.value(to)}`;
  return {
    weight: safe === undefined ? "danger" : "note",
    label: kind === "name" ? "container user" : `${IDENTITY_LABELS[kind]} of ${user}`,
    text: `${difference}. ${meaning(host, change, marks)}`,
  };
}

/** What it means that something of the container user is another one, and the way out. */
function meaning(host: string, change: IdentityChange, marks: Marks): string {
  const { kind, user, from, safe, reason } = change;
  if (safe === "grows") return "The range only grows: no file gets another owner.";
  if (safe === "accepted") {
    return `It was accepted in nixgen.lock (${marks.value(reason ?? "")}), and does not happen by itself: do on ${host} what ${marks.command("nixgen lock accept")} printed.`;
  }
  const key = shellQuote(identityKey(user, host));
  const accept = marks.command(`nixgen lock accept ${kind} ${key} --reason "…"`);
  const explain = (rule: string): string => marks.command(`nixgen explain ${rule}`);
  const old = marks.value(from);
  switch (kind) {
    case "uid":
      return `podman would lose every container of ${user} on ${host}, and NixOS refuses the switch: keep ${old}. Only once podman's data was moved, accept the change: ${accept}. See ${explain("uid-changed")}.`;
    case "gid":
      return `NixOS does not change the gid of a group that exists, and refuses the switch: keep ${old}. Only once the group was changed by hand, with its files, accept the change: ${accept}. See ${explain("gid-changed")}.`;
    case "sub_ids":
      return `The files of images, containers and volumes belong to the old range, and would belong to nobody inside a container: keep ${old}. Only where they were moved, or there are none, accept the change: ${accept}. See ${explain("subid-changed")}.`;
    case "name":
      return `To NixOS it is another user, and it refuses the switch while ${old} has the uid: keep the name. Only if the user is renamed by hand, accept the change: ${accept}. See ${explain("user-renamed")}.`;
    case "group":
      return `The files of images and containers belong to the gid of ${old}. Where the new group has the same gid, nothing is lost: accept the change with ${accept}.`;
    case "storage":
      return `nixgen looks for podman's storage there from now on, and does not write storage.conf(5): images, containers and volumes of ${old} are found only if they were moved, and graphroot with them.`;
    case "home":
      return `podman keeps images, containers and volumes below the home, and would find none of those in ${old}: keep it. Only if the data is moved, accept the change: ${accept}. See ${explain("home-changed")}.`;
  }
}

/** So many containers may stand in one line. */
const NAMES_IN_LINE = 40;

function containerLines(comparison: HostComparison, marks: Marks): Line[] {
  const lines = comparison.containers.map((change) => ({
    name: change.name,
    line: containerLine(comparison, change, marks),
  }));
  // What is to be said of several is said once.
  return [...groupBy(lines, ({ line }) => `${line.label}\n${line.text}`).values()].flatMap(
    (all) => {
      const [first] = all;
      if (first === undefined) return [];
      const { line } = first;
      return chunks(all, NAMES_IN_LINE).map((some) => {
        const names = some.map(({ name }) => marks.value(name)).join(", ");
        return { ...line, text: line.text === "" ? names : `${names}: ${line.text}` };
      });
    },
  );
}

/** What happens to a container, without its name. */
function containerLine(
  { byHand, modules }: HostComparison,
  { effect, because, with: others, moved, data }: ContainerChange,
  marks: Marks,
): Line {
  const { value } = marks;
  const left = data.length === 0 ? "" : `; ${listText(data, marks)} stays there`;
  switch (effect) {
    case "restarts": {
      const text =
        because.length > 0
          ? differencesText(because, marks)
          : `with ${listText(others, marks)}, by depends_on`;
      return { weight: "restart", label: "restarts", text };
    }
    case "by hand": {
      const text = differencesText(because, marks);
      return { weight: "restart", label: "to be replaced by hand", text };
    }
    case "new": {
      const from = moved === undefined ? "" : `moves here from ${value(moved)}${left}`;
      const start = byHand ? "to be started by hand" : "";
      const text = [from, start].filter((part) => part !== "").join("; ");
      return { weight: "new", label: "new", text };
    }
    case "gone": {
      const to = moved === undefined ? "" : `moves to ${value(moved)}`;
      const stop = !byHand
        ? "stopped by the switch, its data stays"
        : modules === "gone"
          ? ""
          : "to be stopped by hand";
      const text = [to, stop].filter((part) => part !== "").join("; ");
      return { weight: "gone", label: "gone", text };
    }
  }
}

function differencesText(differences: readonly Difference[], marks: Marks): string {
  return differences.map((difference) => differenceText(difference, marks)).join("; ");
}

function differenceText(difference: Difference, marks: Marks): string {
  const { what } = difference;
  if ("added" in difference) {
    const { added, removed, changed } = difference;
    const parts = Object.entries({ added, removed, changed })
      .filter(([, texts]) => texts.length > 0)
      .map(([word, texts]) => `${listText(texts, marks)} ${word}`);
    return `${what}: ${parts.length === 0 ? "in another order" : parts.join(", ")}`;
  }
  const [from, to] = [difference.from, difference.to].map((text) =>
    text === undefined ? "none" : marks.value(shortened(text)),
  );
  return `${what}: ${from} ${marks.arrow} ${to}`;
}

/** So many texts of a list are shown, and so much of each; JSON has all of them. */
const SHOWN = 20;
const LONGEST = 200;

function listText(texts: readonly string[], { value }: Marks): string {
  const shown = texts.slice(0, SHOWN).map((text) => value(shortened(text)));
  const left = texts.length - shown.length;
  return [...shown, ...(left === 0 ? [] : [`${left} more`])].join(", ");
}

function shortened(text: string): string {
  if (text.length <= LONGEST) return text;
  const characters = [...text.slice(0, 2 * LONGEST)];
  return characters.length < LONGEST ? text : `${characters.slice(0, LONGEST - 1).join("")}…`;
}

function leftBehind(system: readonly Difference[]): string {
  const stays = system.some(
    (difference) =>
      "removed" in difference &&
      difference.removed.length > 0 &&
      /^(?:directories|networks)$/.test(difference.what),
  );
  return stays ? "; what is not made any more stays where it is" : "";
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
