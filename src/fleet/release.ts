/**
 * The NixOS releases that nixgen emits modules for, and all that differs between them: to support one
 * more, add its record. Source: NixOS's modules and release notes.
 */

/** What nixgen has to know of a release. */
interface ReleaseFacts {
  /** systemd-resolved splits by delegates (systemd 258), and services.resolved.dnsDelegates exists. */
  readonly dnsDelegates: boolean;
  /** services.userborn writes /etc/subuid and /etc/subgid (userborn 1.0). */
  readonly userbornSubIds: boolean;
  /** The D-Bus daemon: NixOS refuses to switch a running system from one to the other. */
  readonly dbus: "dbus-daemon" | "dbus-broker";
  /** The major version of virtualisation.podman.package. */
  readonly podman: 5 | 6;
}

/** The oldest first. */
const TABLE = {
  "25.05": { dnsDelegates: false, userbornSubIds: false, dbus: "dbus-daemon", podman: 5 },
  "25.11": { dnsDelegates: false, userbornSubIds: false, dbus: "dbus-daemon", podman: 5 },
  "26.05": { dnsDelegates: true, userbornSubIds: false, dbus: "dbus-broker", podman: 5 },
  "26.11": { dnsDelegates: true, userbornSubIds: true, dbus: "dbus-broker", podman: 6 },
} as const satisfies Readonly<Record<string, ReleaseFacts>>;

/** A release that modules are emitted for. */
export type Release = keyof typeof TABLE;

/** Every release that modules are emitted for, the oldest first. */
export const RELEASES = Object.keys(TABLE) as [Release, ...Release[]];

/** What differs between a release and others. */
export function releaseFacts(release: Release): ReleaseFacts {
  return TABLE[release];
}

/**
 * Why a host must reboot into another release, each as the end of a sentence; none if it may switch. A
 * version that is not a release is none's.
 */
export function rebootReasons(from: string, to: Release): string[] {
  if (!isRelease(from)) return [];
  const [old, now] = [TABLE[from], TABLE[to]];
  return [
    ...(old.dbus === now.dbus ? [] : [`D-Bus changes from ${old.dbus} to ${now.dbus}`]),
    ...(old.podman === now.podman ? [] : [`podman changes from ${old.podman} to ${now.podman}`]),
  ];
}

function isRelease(version: string): version is Release {
  return Object.hasOwn(TABLE, version);
}

/** Whether systemd-resolved can send internal zones to other servers than everything else. */
export function canSplitWithResolved(release: Release): boolean {
  return TABLE[release].dnsDelegates;
}
