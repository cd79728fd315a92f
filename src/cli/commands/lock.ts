import { compareText } from "../../text/order.ts";
import { dirname, join } from "node:path";
import { InputError } from "../../text/input-error.ts";
import { findInventory, loadFleet, LOCK_FILE } from "../../fleet/load.ts";
import { lockText } from "../../fleet/lock-text.ts";
import {
  acceptChange,
  acceptedOn,
  type AcceptedChange,
  type ChangeKind,
  IDENTITY_KINDS,
  identityKey,
  parseSubIds,
} from "../../fleet/lock.ts";
import {
  componentsOn,
  type Fleet,
  hasOwnGroup,
  type Host,
  type Lock,
  nixosHosts,
} from "../../fleet/model.ts";
import { isWithin, normalisePath } from "../../text/path.ts";
import { saveLock } from "../../fleet/save.ts";
import { suggestion } from "../../text/suggest.ts";
import { shellQuote } from "../../text/shell.ts";
import { type Change, changeOnHost, homeBefore } from "../../lint/queries/changed.ts";
import { holdsData, isBindMount, isWritable } from "../../lint/queries/volumes.ts";
import { printable } from "../../text/printable.ts";
import { type Command, noPositionals, parseOptions } from "../command.ts";
import { EXIT, type Io } from "../io.ts";
import { display } from "../output.ts";
import { complain } from "../reports.ts";

const help = `Accept that something of a host's container user changes.

Its name, uid, primary group (group), gid, home and subordinate ids (sub_ids) must never change once
containers have run: podman would lose them. If one must all the same, this writes what the
definitions now say into nixgen.lock, with what it was and why, and prints what to do on the host.
Nothing else silences the rules user-renamed, uid-changed, gid-changed, home-changed and
subid-changed.

Usage: nixgen lock accept WHAT USER@HOST --reason REASON [OPTIONS]

  WHAT             ${IDENTITY_KINDS.join(", ")}

Options:
  --reason REASON  why it is to change; it is kept in nixgen.lock
  --config FILE    the inventory (default: nixgen.toml here or in a folder above)
  -h, --help       this text

Exit status: 0 accepted, 2 bad usage or input, or nothing to accept, 3 a bug.

Example:
  nixgen lock accept uid mcp@rift --reason "995 is sshd's on every new host; data moved on 4 May"
`;

/** A longer one is no reason but a file, and a lock with a text of any length could not be read again. */
const LONGEST_REASON = 1000;

/** `nixgen lock` */
export const lockCommand: Command = {
  help,
  async run(argv, io) {
    const { values, positionals } = parseOptions("lock", argv, {
      config: { type: "string" },
      reason: { type: "string" },
    });
    const [action, kindName, key, ...more] = positionals;
    if (action !== "accept") {
      throw new InputError(
        action === undefined
          ? "nixgen lock does nothing without a word for what to do"
          : `nixgen lock cannot ${JSON.stringify(action)}`,
        "Use nixgen lock accept; see nixgen lock --help.",
      );
    }
    if (kindName === undefined || key === undefined) {
      throw new InputError(
        "nixgen lock accept needs to know what may change, and whose",
        `Write nixgen lock accept ${IDENTITY_KINDS.join("|")} USER@HOST --reason REASON.`,
      );
    }
    noPositionals("lock accept", more);
    const kind = IDENTITY_KINDS.find((known) => known === kindName);
    if (kind === undefined) {
      throw new InputError(
        `nixgen lock accept knows no ${JSON.stringify(kindName)}`,
        suggestion(kindName, IDENTITY_KINDS),
      );
    }
    const reason = values.reason?.trim() ?? "";
    if (reason === "") {
      throw new InputError(
        "a change is accepted for a reason",
        'Add --reason "…": whoever finds the new id in a year will want to know.',
      );
    }

    if (reason.length > LONGEST_REASON) {
      throw new InputError(
        `a reason has at most ${LONGEST_REASON} characters, and this one has ${reason.length}`,
        "Say it in a sentence or two, and where the rest can be read.",
      );
    }

    const inventory = findInventory(io.cwd, values.config);
    const loaded = await loadFleet(inventory);
    if (loaded.fleet === undefined) {
      await complain(io, loaded.findings, loaded.sources);
      return EXIT.usage;
    }
    const { fleet } = loaded;
    const host = findHost(fleet, key);
    const path = join(dirname(inventory), LOCK_FILE);
    const change = findChange(fleet, host, kind, reason);
    if (change === undefined) {
      const { from, to } = lastAccepted(fleet, host, kind);
      const known = `${display(io.cwd, path)}: that the ${kind} of ${key} becomes ${to}, which was ${from}, was accepted before`;
      printSteps(io, known, steps(fleet, host, kind, from, to));
      return EXIT.ok;
    }
    // With the gid of another group it is that group that was accepted.
    const group = kind === "gid" ? changeOnHost(fleet, host, "group") : undefined;
    const changes = [change, ...(group === undefined ? [] : [accepted("group", group, reason)])];
    saveLock(
      dirname(inventory),
      fleet,
      lockText(changes.reduce(acceptChange, withHome(fleet, host, change))),
    );

    const { from, to } = change;
    const said = `${display(io.cwd, path)}: the ${kind} of ${key} may become ${to}, which was ${from}`;
    printSteps(io, said, steps(fleet, host, kind, from, to));
    return EXIT.ok;
  },
};

function printSteps(io: Io, said: string, lines: readonly string[]): void {
  io.stdout.write(`${[said, "", ...lines].map(printable).join("\n")}\n`);
}

/** The lock of a fleet whose user is renamed: its home stays what it was, though it went by the name. */
function withHome(fleet: Fleet, host: Host, { kind, from }: AcceptedChange): Lock {
  const { lock } = fleet.lock;
  const identity = lock.identities.get(host.name);
  if (kind !== "name" || identity === undefined) return lock;
  const home = homeBefore(fleet, host, from);
  return { ...lock, identities: new Map(lock.identities).set(host.name, { ...identity, home }) };
}

/** @throws {InputError} for a key that no NixOS host's user has. */
function findHost(fleet: Fleet, key: string): Host {
  const keys = new Map(
    nixosHosts(fleet).map((host) => [identityKey(host.user.name, host.name), host]),
  );
  const host = keys.get(key);
  if (host !== undefined) return host;
  throw new InputError(
    `no container user of a NixOS host is ${JSON.stringify(key)}`,
    suggestion(key, [...keys.keys()]),
  );
}

/** What is to be accepted, if anything: what the host has counts for more than what the lock has. */
function findChange(
  fleet: Fleet,
  host: Host,
  kind: ChangeKind,
  reason: string,
): AcceptedChange | undefined {
  const change = changeOnHost(fleet, host, kind);
  return change === undefined ? undefined : accepted(kind, change, reason);
}

/**
 * What was accepted, for somebody who has not done it on the host yet and wants to know how.
 * @throws {InputError} if nothing was.
 */
function lastAccepted(fleet: Fleet, host: Host, kind: ChangeKind): AcceptedChange {
  const last = acceptedOn(fleet.lock.lock, kind, host.name).at(-1);
  if (last !== undefined) return last;
  throw new InputError(
    `the ${kind} of ${identityKey(host.user.name, host.name)} has not changed: there is nothing to accept`,
    `Write the new one into ${fleet.file} first; nixgen lint then says what it changes.`,
  );
}

function accepted(
  kind: ChangeKind,
  { key, before, after }: Change,
  reason: string,
): AcceptedChange {
  return { kind, key, from: before, to: after, reason };
}

/** What is to be done on the host: nothing of it happens by itself. */
function steps(fleet: Fleet, host: Host, kind: ChangeKind, from: string, to: string): string[] {
  const { user } = host;
  const name = shellQuote(user.name);
  // Not with -xdev: what a service has below /srv may be a file system of its own.
  const find = `find ${dataFolders(fleet, host).map(shellQuote).join(" ")}`;
  const home = normalisePath(homeBefore(fleet, host, from));
  const stop = (session: string): string[] => [
    ...componentsOn(fleet, host.name).map(
      ({ container }) => `  systemctl stop ${shellQuote(`podman-${container}.service`)}`,
    ),
    `  loginctl disable-linger ${session} && loginctl terminate-user ${session}`,
  ];
  // systemd would start them again, and nobody's uid can be changed while something runs under it.
  const end = stop(name);
  switch (kind) {
    case "uid":
      return [
        `NixOS does not change the uid of a user that exists. On ${host.name}, as root, before the switch:`,
        ...end,
        // With a home that is there usermod gives its files to the new uid, without their setuid bits.
        `  usermod --uid ${to} --home /nonexistent ${name}`,
        `  usermod --home ${shellQuote(user.home)} ${name}`,
        `Build, and copy out/${host.name}/recover.sh to the host. It gives the user the files in its home and`,
        "corrects podman's database, which names the old uid. It ends with what to do next: the switch.",
        "  bash recover.sh --cure",
        "Then give the user its other files, and switch. No container is lost. Never run podman system",
        "reset.",
        `  ${find} -uid ${from} -exec chown --no-dereference --from=${from} ${to} {} +`,
      ];
    case "name":
      return [
        `To NixOS this is another user. On ${host.name}, as root, before the switch:`,
        ...stop(shellQuote(from)),
        `  usermod --login ${name} ${shellQuote(from)}`,
        ...(hasOwnGroup(user) ? [`  groupmod --new-name ${name} ${shellQuote(from)}`] : []),
        "uid, gid, home and files stay as they are. The switch gives the subordinate ids and the lingering",
        "to the new name, and podman finds all that it had.",
        ...(home === normalisePath(user.home)
          ? []
          : [
              `Write home = "${home}" into ${fleet.file} first: podman has nothing in ${user.home}.`,
            ]),
      ];
    case "group":
      return [
        `No file changes its owner. On ${host.name}, as root, before the switch, where the group is renamed:`,
        `  groupmod --new-name ${shellQuote(user.group)} ${shellQuote(from)}`,
      ];
    case "gid":
      return [
        `The files of images and containers belong to the old gid. On ${host.name}, as root, before the switch:`,
        ...end,
        // The kernel takes these bits away from a file whose group changes, and images have such programs.
        `  ${find} -gid ${from} ! -type l -perm /6000 \\`,
        `    -exec sh -c 'for f; do m=$(stat -c %a "$f"); chgrp ${to} "$f"; chmod "$m" "$f"; done' sh {} +`,
        `  ${find} -gid ${from} -exec chgrp --no-dereference ${to} {} +`,
        // After the files: usermod would change those in the home, without their setuid bits.
        changeOnHost(fleet, host, "group") === undefined
          ? `  groupmod --gid ${to} ${shellQuote(user.group)}`
          : `  usermod --gid ${shellQuote(user.group)} ${name}`,
        "newuidmap compares gids, so podman works again in a new session only; the switch begins one.",
      ];
    case "home":
      return [
        `NixOS writes the new home at the next switch, and moves nothing. On ${host.name}, as root, before it:`,
        ...end,
        ...moveHome(from, to, isWithin(to, user.storage)),
        ...(isWithin(to, user.storage)
          ? [
              "podman's database names the old home. With a link in that place podman finds all that it had;",
              "without one, or with a bind mount, it refuses every call. Keep the link. If the old home is a",
              "disk of its own, mount that at the new place instead, and put the link for the empty folder.",
            ]
          : []),
      ];
    case "sub_ids": {
      const old = parseSubIds(from);
      const list =
        old === undefined
          ? []
          : [
              "These files still belong to ids of the old range, and to nobody inside a container:",
              `  ${find} -uid +${old.start - 1} -uid -${old.start + old.count}`,
            ];
      return [
        `NixOS writes the new range at the next switch, and moves no file. On ${host.name}, as root, after`,
        ...end,
        "give the files of images and volumes the ids of the new range, or remove those that can be had",
        "again.",
        ...list,
      ];
    }
  }
}

/** Commands that move a home, and leave a link where podman's database has it. */
function moveHome(from: string, to: string, link: boolean): string[] {
  const [old, now] = [from, to].map((path) => shellQuote(normalisePath(path)));
  const parent = shellQuote(dirname(normalisePath(to)));
  return [
    `  mkdir --parents ${parent}`,
    `  mv --no-target-directory ${old} ${now}`,
    ...(link ? [`  ln --symbolic --no-target-directory ${now} ${old}`] : []),
  ];
}

/** Where files of the container user are: /srv, its home, and what containers have from elsewhere. */
function dataFolders(fleet: Fleet, host: Host): string[] {
  const mounted = componentsOn(fleet, host.name)
    .flatMap(({ volumes }) => volumes)
    .filter((volume) => isBindMount(volume) && isWritable(volume))
    .map(({ source }) => normalisePath(source))
    // All of a host has /proc in it, where files come and go.
    .filter((path) => holdsData(path) && path !== "/");
  const folders = new Set([
    "/srv",
    ...[host.user.home, host.user.storage].map(normalisePath),
    ...mounted.sort(compareText),
  ]);
  return [...folders].filter(
    (path) => ![...folders].some((other) => other !== path && isWithin(other, path)),
  );
}
