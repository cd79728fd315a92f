import { compareText } from "../../../fleet/finding.ts";
import type { HostPlan } from "../../plan.ts";
import { bind, list, ref, relativePath } from "../ast.ts";
import type { Module } from "../render.ts";
import { requestPackage } from "./programs.ts";

/** What is to be found on the host itself when nothing else is at hand, and the programs it needs. */
export function recoveryModule({ containers, resolvers }: HostPlan): Module {
  const packages = new Set(containers.flatMap(({ probe }) => requestPackage(probe) ?? []));
  if (resolvers !== undefined) packages.add("dnsutils");
  return {
    template: "recovery",
    holes: {
      etc: ["RUNBOOK.md", "recover.sh"].map((file) =>
        bind([`nixgen/${file}`, "source"], relativePath(file)),
      ),
      packages:
        packages.size === 0
          ? []
          : [
              bind(
                "systemPackages",
                list([...packages].sort(compareText).map((name) => ref("pkgs", name))),
              ),
            ],
    },
  };
}
