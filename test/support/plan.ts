/** Plans of whole fleets. */
import type { Fleet } from "../../src/fleet/model.ts";
import { type HostPlan, hostsToPlan, planHost } from "../../src/generate/plan.ts";

/** The plan of every NixOS host, in the order of their names. */
export function planFleet(fleet: Fleet): HostPlan[] {
  return hostsToPlan(fleet).map((host) => planHost(fleet, host));
}
