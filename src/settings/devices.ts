import { at, textAt } from "../text/json.ts";
import { inShort } from "./compose-service.ts";
import { texts, nixTexts, nonEmpty } from "./forms.ts";

/**
 * Devices of the host: PATH[:PATH[:PERMISSIONS]], or a CDI name like nvidia.com/gpu=all. The user must be allowed to open them.
 *
 * @example
 * ```toml
 * devices = ["/dev/dri:/dev/dri"]
 * ```
 */
export const setting = texts({
  option: "device",
  path: { none: "rootless podman shows devices nowhere but in the command line" },
  nixos: nixTexts("devices"),
  compose: {
    keys: ["devices"],
    read: ({ definition }) => {
      const given = at(definition, "devices");
      if (!Array.isArray(given)) return undefined;
      return nonEmpty(
        given.map((entry) => {
          if (typeof entry === "string") return entry;
          const parts = [
            textAt(entry, "source"),
            textAt(entry, "target"),
            textAt(entry, "permissions"),
          ];
          return parts[0] === undefined
            ? inShort(entry)
            : parts.filter((part) => part !== undefined).join(":");
        }),
      );
    },
  },
});
