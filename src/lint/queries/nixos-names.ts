/**
 * The users and groups that every NixOS host has, whatever it is for, with the ids that never differ.
 * By an evaluation of a host with sshd and podman alone; the ids are those of nixpkgs,
 * nixos/modules/misc/ids.nix. A name without an id gets one on each host (lint/allocator.ts).
 */

/** /etc/passwd. */
export const NIXOS_USERS: ReadonlyMap<string, number | undefined> = new Map([
  ["root", 0],
  ["messagebus", 4],
  ["systemd-coredump", 151],
  ["systemd-network", 152],
  ["systemd-resolve", 153],
  ["systemd-timesync", 154],
  ["systemd-oom", undefined],
  ["nscd", undefined],
  ["dhcpcd", undefined],
  ["sshd", undefined],
  ["polkituser", undefined],
  // nix.nrBuildUsers of them, at least (services/system/nix-daemon.nix).
  ...Array.from({ length: 32 }, (_, n): [string, number] => [`nixbld${n + 1}`, 30001 + n]),
  ["nobody", 65534],
]);

/** /etc/group. */
export const NIXOS_GROUPS: ReadonlyMap<string, number | undefined> = new Map([
  ["root", 0],
  ["wheel", 1],
  ["kmem", 2],
  ["tty", 3],
  ["messagebus", 4],
  ["disk", 6],
  ["audio", 17],
  ["floppy", 18],
  ["uucp", 19],
  ["lp", 20],
  ["cdrom", 24],
  ["tape", 25],
  ["video", 26],
  ["dialout", 27],
  ["utmp", 29],
  ["adm", 55],
  ["systemd-journal", 62],
  ["keys", 96],
  ["users", 100],
  ["systemd-network", 152],
  ["systemd-resolve", 153],
  ["systemd-timesync", 154],
  ["input", 174],
  ["kvm", 302],
  ["render", 303],
  ["sgx", 304],
  ["shadow", 318],
  ["systemd-coredump", undefined],
  ["systemd-oom", undefined],
  ["nscd", undefined],
  ["dhcpcd", undefined],
  ["sshd", undefined],
  ["podman", undefined],
  ["polkituser", undefined],
  ["nixbld", 30000],
  ["nogroup", 65534],
]);
