import { texts, nonEmpty } from "./forms.ts";
import { at } from "../text/json.ts";
import { pairsOf, texts as textsOf } from "./compose-service.ts";

/**
 * Lines of the container's /etc/hosts, as NAME:ADDRESS; host-gateway is the host.
 *
 * @example
 * ```toml
 * extra_hosts = ["db.internal:10.0.0.5", "host.docker.internal:host-gateway"]
 * ```
 */
export const setting = texts({
  option: "add-host",
  path: ["HostConfig", "ExtraHosts"],
  compose: {
    keys: ["extra_hosts"],
    read: ({ definition }) => {
      const given = at(definition, "extra_hosts");
      // Compose admits NAME=ADDRESS and tables as well.
      return Array.isArray(given)
        ? nonEmpty(textsOf(given).map((entry) => entry.replace(/^([^:=]+)=/, "$1:")))
        : nonEmpty(pairsOf(given).map(([name, address = ""]) => `${name}:${address}`));
    },
  },
});
