import { at, isTable, listAt, textAt } from "../text/json.ts";
import { inShort, inWords } from "./compose-service.ts";
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
    keys: ["devices", "gpus", "deploy.resources.reservations.devices"],
    read: ({ definition }) => {
      const given = at(definition, "devices");
      const gpus = at(definition, "gpus");
      const reserved = [
        ...listAt(definition, "deploy", "resources", "reservations", "devices"),
        ...(gpus === "all" ? [{}] : listAt(gpus)),
      ];
      return nonEmpty([
        ...reserved.flatMap(gpuDevices),
        ...(Array.isArray(given) ? given : []).map((entry) => {
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
      ]);
    },
  },
});

/** The CDI names of what Compose reserves of a driver, which is Nvidia's unless it says another; else the entry itself. */
function gpuDevices(entry: unknown): string[] {
  const { driver = "nvidia", count = "all", device_ids: ids } = isTable(entry) ? entry : {};
  if (driver !== "nvidia") return [inShort(entry)];
  if (Array.isArray(ids)) return ids.map((id) => `nvidia.com/gpu=${inWords(id)}`);
  if (typeof count !== "number") return ["nvidia.com/gpu=all"];
  return Array.from({ length: Math.min(count, 64) }, (_, index) => `nvidia.com/gpu=${index}`);
}
