import { at, listAt } from "../text/json.ts";
import { entriesAt } from "../text/json.ts";
import { inWords } from "./compose-service.ts";
import { texts, nonEmpty } from "./forms.ts";

/**
 * Limits of the container's processes: NAME=SOFT[:HARD] (podman-run(1), --ulimit). None can be above the unit's own.
 *
 * @example
 * ```toml
 * ulimits = ["nofile=1024:2048"]
 * ```
 */
export const setting = texts({
  option: "ulimit",
  path: ["HostConfig", "Ulimits"],
  shown: (value) => {
    const [name = "", limits = ""] = value.split("=");
    const [soft = "", hard = soft] = limits.split(":");
    return `${name}=${soft}:${hard}`;
  },
  actual: (inspect) =>
    listAt(inspect, "HostConfig", "Ulimits").map((limit) => {
      const [name, soft, hard] = ["Name", "Soft", "Hard"].map((key) => inWords(at(limit, key)));
      return `${name?.replace(/^RLIMIT_/, "").toLowerCase()}=${soft}:${hard}`;
    }),
  // podman shows the limits of whoever ran it as well: of these two, with both values equal.
  ignored: (value) => /^(?:nofile|nproc)=(-?[0-9]+):\1$/.test(value),
  // These are what the one who ran podman may have.
  isComparable: (value) => value !== "host" && !value.includes("-1"),
  compose: {
    keys: ["ulimits"],
    read: ({ definition }) =>
      nonEmpty(
        entriesAt(definition, "ulimits").map(([name, limit]) => {
          const soft = inWords(at(limit, "soft"));
          const hard = inWords(at(limit, "hard"));
          return soft === "" ? `${name}=${inWords(limit)}` : `${name}=${soft}:${hard}`;
        }),
      ),
  },
});
