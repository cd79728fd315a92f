/** Which names are safe: as folders, systemd units, podman containers and words of a shell. */

/** What is named. */
export type NameKind =
  "user" | "group" | "host" | "stage" | "service" | "component" | "network" | "route";

interface SafeName {
  readonly pattern: RegExp;
  /** Completes "Use …". */
  readonly expected: string;
}

// podman admits [a-zA-Z0-9][a-zA-Z0-9_.-]* as names of containers and networks (its define.NameRegex).
// A dot would make a unit's name ambiguous in templates and drop-ins, so it is left out where units
// are named. 63 is the longest label of DNS, and far below the longest file name.
const UNIT: SafeName = {
  pattern: /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/,
  expected: "letters, digits, - and _, beginning with a letter or digit, at most 63 of them",
};

// useradd(8): [a-z_][a-z0-9_-]*, at most 32 characters; NixOS asserts at most 31.
const ACCOUNT: SafeName = {
  pattern: /^[a-z_][a-z0-9_-]{0,30}$/,
  expected: "lower-case letters, digits, - and _, beginning with a letter, at most 31 of them",
};

/** The names that are safe, for each kind of thing. */
export const SAFE_NAMES: Readonly<Record<NameKind, SafeName>> = {
  user: ACCOUNT,
  group: ACCOUNT,
  host: {
    pattern: /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/,
    expected: "letters, digits and -, as host names have (RFC 1123)",
  },
  stage: UNIT,
  service: UNIT,
  component: UNIT,
  network: UNIT,
  route: UNIT,
};

/** Whether a name is safe to be written anywhere. */
export function isSafeName(kind: NameKind, name: string): boolean {
  return SAFE_NAMES[kind].pattern.test(name);
}
