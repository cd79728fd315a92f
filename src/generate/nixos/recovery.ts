import { compareText } from "../../text/order.ts";
import type { HostPlan } from "../../plan/plan.ts";
import { bind, list, ref, relativePath } from "../../nix/ast.ts";
import type { Module } from "./render.ts";
import { requestPackage } from "./programs.ts";

/** What is to be found on the host itself when nothing else is at hand, and the programs it needs. */
export function recoveryModule({ containers, resolvers }: HostPlan): Module {
  const packages = new Set([
    // recover.sh corrects podman's database with it after a change of the uid.
    "sqlite",
    ...containers.flatMap(({ probe }) => requestPackage(probe) ?? []),
    ...(resolvers === undefined ? [] : ["dnsutils"]),
  ]);
  return {
    template: "recovery",
    holes: {
      etc: ["RUNBOOK.md", "host-check.sh", "recover.sh"].map((file) =>
        bind([`nixgen/${file}`, "source"], relativePath(file)),
      ),
      packages: [
        bind(
          "systemPackages",
          list([...packages].sort(compareText).map((name) => ref("pkgs", name))),
        ),
      ],
    },
  };
}
