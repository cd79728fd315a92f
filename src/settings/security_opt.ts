import { at, textsAt } from "../text/json.ts";
import { texts } from "./forms.ts";

/**
 * Security options of podman: no-new-privileges, label=…, seccomp=…, mask=….
 *
 * @example
 * ```toml
 * security_opt = ["no-new-privileges"]
 * ```
 */
export const setting = texts({
  option: "security-opt",
  path: ["HostConfig", "SecurityOpt"],
  shown: (value) => (value === "no-new-privileges:true" ? "no-new-privileges" : value),
  // A privileged container is unmasked, and podman 6 says so here.
  actual: (inspect) =>
    textsAt(inspect, "HostConfig", "SecurityOpt").filter(
      (value) => value !== "unmask=all" || at(inspect, "HostConfig", "Privileged") !== true,
    ),
  compose: "security_opt",
});
