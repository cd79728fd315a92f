import { at } from "../text/json.ts";
import { inWords } from "./compose-service.ts";
import { shows } from "./forms.ts";
import type { Setting } from "./setting.ts";

/**
 * How many processors the container may use, like 1.5.
 *
 * @example
 * ```toml
 * cpus = 1.5
 * ```
 */
export const setting: Setting<number> = {
  podman: (value) => [{ name: "cpus", value: String(value) }],
  nixos: "extraOptions",
  inspect: shows(
    { option: "cpus", path: ["HostConfig", "NanoCpus"] },
    {
      read: (inspect, path) => {
        const found = at(inspect, ...path);
        return typeof found === "number" ? found / 1e9 : undefined;
      },
      isDefault: (value) => value === 0,
      isSame: (value, actual) => value === actual,
    },
  ),
  command: {
    options: ["cpus"],
    read: (given, _, leave) => {
      const value = given.at(-1)?.value ?? "";
      const number = /^[0-9]*\.?[0-9]+$/.test(value) ? Number(value) : 0;
      if (number > 0) return number;
      leave("cpus", value);
      return undefined;
    },
  },
  compose: {
    keys: ["cpus", "deploy.resources.limits.cpus"],
    read: ({ definition }) => {
      for (const key of ["cpus", "deploy.resources.limits.cpus"]) {
        const number = Number(inWords(at(definition, ...key.split("."))));
        if (number > 0) return number;
      }
      return undefined;
    },
  },
};
