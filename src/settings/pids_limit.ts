import { at } from "../text/json.ts";
import { inWords } from "./compose-service.ts";
import { number } from "./forms.ts";

/**
 * How many processes the container may have; -1 for any number.
 *
 * @example
 * ```toml
 * pids_limit = 200
 * ```
 */
export const setting = number({
  option: "pids-limit",
  path: ["HostConfig", "PidsLimit"],
  compose: {
    keys: ["pids_limit", "deploy.resources.limits.pids"],
    read: ({ definition }) => {
      for (const key of ["pids_limit", "deploy.resources.limits.pids"]) {
        const found = inWords(at(definition, ...key.split(".")));
        if (/^-?[0-9]{1,15}$/.test(found)) return Number(found);
      }
      return undefined;
    },
  },
  // None where the controller is not delegated, else podman's default.
  absent: [0, 2048],
});
