import { bind, str } from "../nix/ast.ts";
import { text } from "./forms.ts";

/**
 * Where the output of the container goes: journald, k8s-file, passthrough or none.
 *
 * @example
 * ```toml
 * log_driver = "journald"
 * ```
 */
export const setting = text({
  option: "log-driver",
  path: {
    none: "every container has one, which podman's configuration chooses where none is given",
  },
  nixos: (value) => [bind("log-driver", str(value))],
  compose: { none: "the drivers of Docker are others" },
});
