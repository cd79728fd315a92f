import { hasOwnGroup } from "../../fleet/model.ts";
import type { HostPlan } from "../../plan/plan.ts";
import {
  attrs,
  bind,
  bool,
  call,
  int,
  interpolated,
  list,
  ref,
  relativePath,
  str,
  texts,
} from "../../nix/ast.ts";
import type { Module } from "./render.ts";
import { PODMAN } from "./programs.ts";
import { byDefault, forced, ours } from "./priority.ts";

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
            bind("description", byDefault(str("rootless podman user"))),
            bind("uid", ours(int(uid))),
            bind("group", ours(str(group))),
            bind("home", ours(str(home))),
            bind("createHome", byDefault(bool(true))),
            // Without it systemd removes /run/user/<uid>, and podman's state with it.
            bind("linger", ours(bool(true))),
            ...texts("extraGroups", extraGroups),
            // A range that is there twice makes newuidmap, and every call of podman, fail.
            bind("autoSubUidGidRange", forced(bool(false))),
            bind("subUidRanges", forced(range("startUid"))),
            bind("subGidRanges", forced(range("startGid"))),
          ]),
        ),
        // A shared one is declared by whoever shares it.
        ...(hasOwnGroup(user) ? [bind(["groups", group, "gid"], ours(int(gid)))] : []),
      ],
      checks: [
        bind(
          `nixgen-${name}`,
          interpolated(
            // A switch without a reboot may replace podman 5 by podman 6.
            "PODMAN_VERSION='",
            call(ref("lib", "getVersion"), PODMAN),
            "' ",
            ref("pkgs", "runtimeShell"),
            " ",
            relativePath("host-check.sh"),
            // The system that is switched to, and how.
            ' switch "$@"',
          ),
        ),
      ],
    },
  };
}
