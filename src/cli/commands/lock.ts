import { dirname, join } from "node:path";
import { compareText } from "../../fleet/finding.ts";
import { InputError } from "../../text/input-error.ts";
import { findInventory, loadFleet, LOCK_FILE } from "../../fleet/load.ts";
import { lockText } from "../../fleet/lock-text.ts";
import {
  acceptChange,
  type AcceptedChange,
  type ChangeKind,
  identityKey,
  parseSubIds,
} from "../../fleet/lock.ts";
import { componentsOn, type Fleet, type Host, nixosHosts } from "../../fleet/model.ts";
import { isWithin, normalisePath } from "../../text/path.ts";
import { saveLock } from "../../fleet/save.ts";
import { suggestion } from "../../fleet/suggest.ts";
import { shellQuote } from "../../fleet/shell.ts";
import { changeOnHost } from "../../lint/changed.ts";
import { holdsData, isBindMount, isWritable } from "../../lint/volumes.ts";
import { printable } from "../../text/printable.ts";
import { type Command, noPositionals, parseOptions } from "../command.ts";
import { EXIT } from "../io.ts";
import { display } from "../output.ts";
import { complain } from "../reports.ts";

const KINDS = ["uid", "gid", "sub_ids"] as const satisfies readonly ChangeKind[];

const help = `Accept that the container user gets another uid, gid or range of subordinate ids on a host.

These must never change once containers have run: podman would lose them. Where one must all the
same, this writes what the definitions now say into nixgen.lock, with what it was and why, and
prints what is to be done on the host. Nothing else silences the rules uid-changed, gid-changed and
subid-changed.

Usage: nixgen lock accept uid|gid|sub_ids USER@HOST --reason REASON [OPTIONS]

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
        "Write nixgen lock accept uid|gid|sub_ids USER@HOST --reason REASON.",
      );
    }
    noPositionals("lock accept", more);
    const kind = KINDS.find((known) => known === kindName);
    if (kind === undefined) {
      throw new InputError(
        `nixgen lock accept knows no ${JSON.stringify(kindName)}`,
        suggestion(kindName, KINDS),
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
    const change = findChange(fleet, host, kind, reason);
    const path = join(dirname(inventory), LOCK_FILE);
    saveLock(dirname(inventory), fleet, lockText(acceptChange(fleet.lock.lock, change)));

    const { from, to } = change;
    const lines = [
      `${display(io.cwd, path)}: the ${kind} of ${key} may become ${to}, which was ${from}`,
      "",
      ...steps(fleet, host, kind, from, to),
    ];
    io.stdout.write(`${lines.map(printable).join("\n")}\n`);
    return EXIT.ok;
  },
};

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

/**
 * What is to be accepted: what the host has counts for more than what the lock has.
 * @throws {InputError} where nothing has changed.
 */
function findChange(fleet: Fleet, host: Host, kind: ChangeKind, reason: string): AcceptedChange {
  const change = changeOnHost(fleet, host, kind);
  if (change === undefined) {
    throw new InputError(
      `the ${kind} of ${identityKey(host.user.name, host.name)} has not changed: there is nothing to accept`,
      `Write the new one into ${fleet.file} first; nixgen lint then says what it changes.`,
    );
  }
  return { kind, key: change.key, from: change.before, to: change.after, reason };
}

/** What is to be done on the host: nothing of it happens by itself. */
function steps(fleet: Fleet, host: Host, kind: ChangeKind, from: string, to: string): string[] {
  const { user } = host;
  const name = shellQuote(user.name);
  // Not with -xdev: what a service has below /srv may be a file system of its own.
  const find = `find ${dataFolders(fleet, host).map(shellQuote).join(" ")}`;
  // systemd would start them again, and nobody's uid can be changed while something runs under it.
  const end = [
    ...componentsOn(fleet, host.name).map(
      ({ container }) => `  systemctl stop ${shellQuote(`podman-${container}.service`)}`,
    ),
    `  loginctl disable-linger ${name} && loginctl terminate-user ${name}`,
  ];
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
    case "gid":
      return [
        `NixOS does not change the gid of a group that exists. On ${host.name}, as root, before the switch:`,
        ...end,
        `  groupmod --gid ${to} ${name}`,
        `  ${find} -gid ${from} -exec chgrp --no-dereference ${to} {} +`,
        "newuidmap compares gids, so podman works again in a new session only; the switch begins one.",
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

/** Where files of the container user are: /srv, its home, and what containers have from elsewhere. */
function dataFolders(fleet: Fleet, host: Host): string[] {
  const mounted = componentsOn(fleet, host.name)
    .flatMap(({ volumes }) => volumes)
    .filter((volume) => isBindMount(volume) && isWritable(volume))
    .map(({ source }) => normalisePath(source))
    // All of a host has /proc in it, where files come and go.
    .filter((path) => holdsData(path) && path !== "/");
  const folders = new Set(["/srv", normalisePath(host.user.home), ...mounted.sort(compareText)]);
  return [...folders].filter((path) => path === "/srv" || !isWithin("/srv", path));
}
