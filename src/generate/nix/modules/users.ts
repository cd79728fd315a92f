import { hasOwnGroup } from "../../../fleet/model.ts";
import { preSwitchCheck } from "../../host-check.ts";
import type { HostPlan } from "../../plan.ts";
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
