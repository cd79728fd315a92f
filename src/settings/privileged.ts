import { bind, bool } from "../nix/ast.ts";
import { flag } from "./forms.ts";

/**
 * Whether the container has all that the rootless user has: every capability, every device that the user may open.
 *
 * @example
 * ```toml
 * privileged = true
 * ```
 */
export const setting = flag({
  option: "privileged",
  path: ["HostConfig", "Privileged"],
  compose: "privileged",
  nixos: (value) => [bind("privileged", bool(value))],
});
