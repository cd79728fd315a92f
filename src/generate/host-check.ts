/**
 * Whether a host and the user that a configuration pins fit together, as a script of bash: one function here
 * for each fact that is checked, which returns the lines of the script about it.
 */
import { shellQuote } from "../fleet/shell.ts";
import type { UserPlan } from "./plan.ts";

/**
 * A bash script that ends with status 1 where the user's ids and the host do not fit together. It is
 * run as root before a switch, with set -u and, in newer releases only, with set -e
 * (nixos/modules/system/activation/pre-switch-check.nix), and uses nothing but bash itself, so that it
 * cannot fail for want of a program.
 */
export function preSwitchCheck(user: UserPlan): string {
  return [
    REFUSE,
    ...eachLine("/etc/passwd", [changedUid(user), takenUid(user)]),
    ...eachLine("/etc/group", [changedGid(user), takenGid(user)]),
    database(user),
  ].join("");
}

const REFUSE = `\
refuse() {
  echo "nixgen: $1" >&2
  exit 1
}
`;

/** Checks each line of /etc/passwd or /etc/group, by its $name and $id. */
function eachLine(file: string, checks: readonly string[]): string[] {
  return ['while IFS=: read -r name _ id _ || [ -n "$name" ]; do\n', ...checks, `done <${file}\n`];
}

function changedUid({ name, uid }: UserPlan): string {
  return `\
  if [ "$name" = ${shellQuote(name)} ] && [ "$id" != ${uid} ]; then
    refuse "user $name has uid $id on this host, the configuration pins ${uid}. NixOS would not change it, and podman would lose its containers if you did. Keep uid $id for this host in nixgen.toml."
  fi
`;
}

function takenUid({ name, uid }: UserPlan): string {
  return `\
  if [ "$id" = ${uid} ] && [ "$name" != ${shellQuote(name)} ]; then
    refuse "uid ${uid} belongs to $name on this host, the configuration pins it for ${name}. Give $name another uid."
  fi
`;
}

function changedGid({ group, gid }: UserPlan): string {
  return `\
  if [ "$name" = ${shellQuote(group)} ] && [ "$id" != ${gid} ]; then
    refuse "group $name has gid $id on this host, the configuration pins ${gid}. NixOS would not change it. Keep gid $id for this host in nixgen.toml."
  fi
`;
}

function takenGid({ group, gid }: UserPlan): string {
  return `\
  if [ "$id" = ${gid} ] && [ "$name" != ${shellQuote(group)} ]; then
    refuse "gid ${gid} belongs to group $name on this host, the configuration pins it for ${group}. Give group $name another gid."
  fi
`;
}

function database({ name, uid, storage: folder }: UserPlan): string {
  const storage = shellQuote(folder);
  // NixOS builds no check that shellcheck has anything against, were it a $ in single quotes.
  const directive = /[$`\\]/.test(storage) ? "# shellcheck disable=SC2016,SC1003\n" : "";
  return `\
${directive}for database in ${storage}/db.sql ${storage}/libpod/bolt_state.db; do
  if [ -r "$database" ]; then
    { content=$(<"$database"); } 2>/dev/null
    if [[ $content =~ /run/user/([0-9]+)/(containers|libpod) && $content != */run/user/${uid}/libpod* ]]; then
      refuse "podman's database $database names /run/user/\${BASH_REMATCH[1]}, the configuration pins uid ${uid}. podman would find no container. Give ${name} its uid \${BASH_REMATCH[1]} back, or correct the database as root: bash \${1-}/etc/nixgen/recover.sh --cure"
    fi
  fi
done
`;
}
