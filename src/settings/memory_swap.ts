import { at } from "../text/json.ts";
import { inWords } from "./compose-service.ts";
import type { Setting } from "./setting.ts";
import { bytesOf, sizeText } from "./size.ts";
import type { Inspect } from "../podman/inspect.ts";

const path = ["HostConfig", "MemorySwap"];

/**
 * The most memory and swap together that the container may use, beside memory; "-1" for any. Default: twice its memory.
 *
 * @example
 * ```toml
 * memory_swap = "1g"
 * ```
 */
export const setting: Setting<string> = {
  podman: (value) => [{ name: "memory-swap", value }],
  nixos: "extraOptions",
  inspect: {
    observe: (inspect) => (isDefault(inspect) ? undefined : shown(inspect)),
    differences: (value, inspect) => {
      const actual = shown(inspect);
      // podman shows any amount as none.
      if (at(inspect, ...path) === undefined || value === UNLIMITED) return [];
      if (value === undefined) {
        return isDefault(inspect) ? [] : [{ text: `has --memory-swap ${actual ?? ""}`, path }];
      }
      if (actual === undefined) return [{ text: `lacks --memory-swap ${value}`, path }];
      if (bytesOf(actual) === bytesOf(value)) return [];
      return [{ text: `has --memory-swap ${actual}, not ${value}`, path }];
    },
  },
  command: {
    options: ["memory-swap"],
    read: (given, _, leave) => {
      const value = given.at(-1)?.value ?? "";
      const bytes = bytesOf(value);
      if (value === UNLIMITED) return value;
      if (bytes !== undefined) return sizeText(bytes);
      leave("memory-swap", value);
      return undefined;
    },
  },
  compose: {
    keys: ["memswap_limit"],
    read: ({ definition }) => {
      const given = inWords(at(definition, "memswap_limit"));
      const bytes = bytesOf(given);
      if (given === UNLIMITED) return given;
      // Compose takes 0 as nothing said.
      return bytes === undefined || bytes === 0 ? undefined : sizeText(bytes);
    },
  },
};

const UNLIMITED = "-1";

function shown(inspect: Inspect): string | undefined {
  const found = at(inspect, ...path);
  return typeof found === "number" && found > 0 ? sizeText(found) : undefined;
}

/** podman makes it twice the memory if nothing is said. */
function isDefault(inspect: Inspect): boolean {
  const [swap, memory] = [at(inspect, ...path), at(inspect, "HostConfig", "Memory")];
  return typeof swap !== "number" || swap <= 0 || swap === 2 * Number(memory ?? 0);
}
