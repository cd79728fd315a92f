import { hasOwnGroup } from "../../../fleet/model.ts";
import type { HostPlan, UserPlan } from "../../plan.ts";
import { shellQuote } from "../../../fleet/shell.ts";
import { attrs, bind, bool, int, list, str, texts } from "../ast.ts";
import type { Module } from "../render.ts";

/** The container user with its pinned ids, and the check that refuses a switch that would break them. */
export function usersModule({ user }: HostPlan): Module {
  const { name, uid, group, gid, home, extraGroups, subIds } = user;
  const range = (start: string) =>
    list([attrs([bind(start, int(subIds.start)), bind("count", int(subIds.count))])]);
  return {
    template: "users",
    holes: {
      users: [
        bind(
          ["users", name],
          attrs([
            bind("isSystemUser", bool(true)),
            bind("description", str("rootless podman user")),
            bind("uid", int(uid)),
            bind("group", str(group)),
            bind("home", str(home)),
            bind("createHome", bool(true)),
            // Without it systemd removes /run/user/<uid>, and podman's state with it.
            bind("linger", bool(true)),
            ...texts("extraGroups", extraGroups),
            bind("subUidRanges", range("startUid")),
            bind("subGidRanges", range("startGid")),
          ]),
        ),
        // A shared one is declared by whoever shares it.
        ...(hasOwnGroup(user) ? [bind(["groups", group, "gid"], int(gid))] : []),
      ],
      checks: [bind(`nixgen-${name}`, str(preSwitchCheck(user)))],
    },
  };
}

/**
 * A bash script that ends with status 1 where the user's ids and the host do not fit together. It is
 * run as root before a switch, with set -u and, in newer releases only, with set -e
 * (nixos/modules/system/activation/pre-switch-check.nix), and uses nothing but bash itself, so that it
 * cannot fail for want of a program.
 */
function preSwitchCheck({ name, uid, group, gid, storage: folder }: UserPlan): string {
  const user = shellQuote(name);
  const storage = shellQuote(folder);
  // NixOS builds no check that shellcheck has anything against, were it a $ in single quotes.
  const directive = /[$`\\]/.test(storage) ? "# shellcheck disable=SC2016,SC1003\n" : "";
  return `\
refuse() {
  echo "nixgen: $1" >&2
  exit 1
}
while IFS=: read -r name _ id _ || [ -n "$name" ]; do
  if [ "$name" = ${user} ] && [ "$id" != ${uid} ]; then
    refuse "user $name has uid $id on this host, the configuration pins ${uid}. NixOS would not change it, and podman would lose its containers if you did. Keep uid $id for this host in nixgen.toml."
  fi
  if [ "$id" = ${uid} ] && [ "$name" != ${user} ]; then
    refuse "uid ${uid} belongs to $name on this host, the configuration pins it for ${name}. Give $name another uid."
  fi
done </etc/passwd
while IFS=: read -r name _ id _ || [ -n "$name" ]; do
  if [ "$name" = ${shellQuote(group)} ] && [ "$id" != ${gid} ]; then
    refuse "group $name has gid $id on this host, the configuration pins ${gid}. NixOS would not change it. Keep gid $id for this host in nixgen.toml."
  fi
  if [ "$id" = ${gid} ] && [ "$name" != ${shellQuote(group)} ]; then
    refuse "gid ${gid} belongs to group $name on this host, the configuration pins it for ${group}. Give group $name another gid."
  fi
done </etc/group
${directive}for database in ${storage}/db.sql ${storage}/libpod/bolt_state.db; do
  if [ -r "$database" ]; then
    { content=$(<"$database"); } 2>/dev/null
    # A link from the old directory to the new one is a cure: podman finds its containers by it.
    if [[ $content =~ /run/user/([0-9]+)/(containers|libpod) && $content != */run/user/${uid}/libpod* &&
      ! /run/user/\${BASH_REMATCH[1]} -ef /run/user/${uid} ]]; then
      refuse "podman's database $database names /run/user/\${BASH_REMATCH[1]}, the configuration pins uid ${uid}. podman would find no container. Give ${name} its uid \${BASH_REMATCH[1]} back, or run: ln -s ${uid} /run/user/\${BASH_REMATCH[1]}"
    fi
  fi
done
`;
}
