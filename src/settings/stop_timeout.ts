import { composeSeconds } from "./compose-service.ts";
import { number } from "./forms.ts";
import { textAt } from "../text/json.ts";

/**
 * How many seconds the container has to end before it is killed.
 *
 * @example
 * ```toml
 * stop_timeout = 60
 * ```
 */
export const setting = number({
  option: "stop-timeout",
  path: ["Config", "StopTimeout"],
  absent: [10],
  compose: {
    keys: ["stop_grace_period"],
    read: ({ definition }) => {
      const given = textAt(definition, "stop_grace_period");
      return given === undefined ? undefined : composeSeconds(given);
    },
  },
});
