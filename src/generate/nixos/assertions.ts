import { hasOwnGroup, type SubIds } from "../../fleet/model.ts";
import { FIRST_UNPRIVILEGED_PORT } from "../../podman/port.ts";
import { releaseFacts } from "../../fleet/release.ts";
import { DEFAULT_SUB_IDS } from "../../fleet/sub-ids.ts";
import type { HostPlan } from "../../plan/plan.ts";
import { attrs, bind, bool, type Expr, int, ref, str, strings } from "../../nix/ast.ts";
import type { Module } from "./render.ts";

/** What the host's own configuration must not have otherwise, each with what to do about it. */
export function assertionsModule(plan: HostPlan): Module {
  const { user, release, containers, resolvers, sysctls } = plan;
  const { name, uid, gid, group, home, subIds } = user;
  const lowest = sysctls["net.ipv4.ip_unprivileged_port_start"] ?? FIRST_UNPRIVILEGED_PORT;
  const nonlocal = Object.keys(sysctls).filter((sysctl) => sysctl.endsWith(".ip_nonlocal_bind"));
  return {
    template: "assertions",
    holes: {
      user: [bind("user", ref("config", "users", "users", name))],
      pinned: [
        bind("uid", int(uid)),
        bind("gid", int(gid)),
        bind("group", str(group)),
        bind("home", str(home)),
        bind("linger", bool(true)),
        bind("subIds", attrs([bind("start", int(subIds.start)), bind("count", int(subIds.count))])),
      ],
      free: int(freeStart(subIds)),
      ...flag("ownGroup", hasOwnGroup(user)),
      ...flag("userborn", !releaseFacts(release).userbornSubIds),
      ...flag("containers", containers.length > 0),
      ...flag("sysctl", Object.keys(sysctls).length > 0),
      ...(lowest < FIRST_UNPRIVILEGED_PORT ? { lowestPort: int(lowest) } : {}),
      nonlocal: nonlocal.length === 0 ? [] : [bind("nonlocal", strings(nonlocal))],
      ...flag("dnsmasq", resolvers?.kind === "dnsmasq"),
      ...flag("resolved", resolvers?.kind === "resolved"),
    },
  };
}

/** Where a range for somebody else may begin: from the default one on, and behind the container user's. */
function freeStart({ start, count }: SubIds): number {
  const { start: first, count: step } = DEFAULT_SUB_IDS;
  return start + count <= first ? first : first + Math.ceil((start + count - first) / step) * step;
}

/** A hole that only `{{#if}}` asks for. */
function flag(name: string, is: boolean): Readonly<Record<string, Expr>> {
  return is ? { [name]: bool(true) } : {};
}
