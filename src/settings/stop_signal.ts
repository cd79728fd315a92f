import { at } from "../text/json.ts";
import { text } from "./forms.ts";
import { isNone, type Setting } from "./setting.ts";

const asked = text({
  option: "stop-signal",
  path: ["Config", "StopSignal"],
  compose: "stop_signal",
  fromImage: true,
  shown: (value) => (value.startsWith("SIG") ? value : `SIG${value}`),
});

/**
 * The signal that asks the container to end. Default: the image's, else SIGTERM.
 *
 * @example
 * ```toml
 * stop_signal = "SIGINT"
 * ```
 */
export const setting: Setting<string> = {
  ...asked,
  inspect: isNone(asked.inspect)
    ? asked.inspect
    : {
        ...asked.inspect,
        // podman 4 shows a number, which is another one on other machines.
        differences: (value, inspect, variables) =>
          isNone(asked.inspect) || typeof at(inspect, "Config", "StopSignal") === "number"
            ? []
            : asked.inspect.differences(value, inspect, variables),
      },
};
