import { textAt } from "../text/json.ts";
import { nixText, text } from "./forms.ts";
import type { Setting } from "./setting.ts";

const asked = text({
  option: "hostname",
  path: ["Config", "Hostname"],
  nixos: nixText("hostname"),
  compose: "hostname",
  fromImage: true,
});

/**
 * The host name inside the container. Default: the beginning of its id.
 *
 * @example
 * ```toml
 * hostname = "mail.example.org"
 * ```
 */
export const setting: Setting<string> = {
  ...asked,
  inspect: {
    differences: (value, inspect) => {
      const actual = textAt(inspect, "Config", "Hostname");
      if (value === undefined || actual === undefined || actual === value) return [];
      return [{ text: `has --hostname ${actual}, not ${value}`, path: ["Config", "Hostname"] }];
    },
    observe: (inspect) => {
      const actual = textAt(inspect, "Config", "Hostname");
      // Without one it is the beginning of the id, the pod's, or the host's.
      const own =
        actual === undefined ||
        textAt(inspect, "Id")?.startsWith(actual) === true ||
        textAt(inspect, "Pod") !== undefined ||
        textAt(inspect, "HostConfig", "NetworkMode") === "host";
      return own ? undefined : actual;
    },
  },
};
