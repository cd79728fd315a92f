/** Sizes of memory: a number and a unit, b, k, m or g, each 1024 times the one before (podman-run(1)). */
import { at } from "../text/json.ts";
import { inWords } from "./compose-service.ts";
import { shows } from "./forms.ts";
import type { Setting } from "./setting.ts";

const UNITS = ["b", "k", "m", "g", "t"];

/** The bytes of a size; undefined if it is none. Compose has decimals, and units like "mb" and "MiB". */
export function bytesOf(size: string): number | undefined {
  const [, count = "", unit = ""] = /^([0-9]+(?:\.[0-9]+)?) ?([bkmgt]?)(?:i?b)?$/i.exec(size) ?? [];
  if (count === "") return undefined;
  return Math.floor(Number(count) * 1024 ** UNITS.indexOf(unit === "" ? "b" : unit.toLowerCase()));
}

/** A size as definitions have it. */
export function sizeText(bytes: number): string {
  let power = 0;
  while (power < 3 && bytes % 1024 === 0 && bytes > 0) {
    bytes /= 1024;
    power += 1;
  }
  return `${bytes}${UNITS[power]}`;
}

/** A setting that is a size. */
export function size(said: {
  readonly option: string;
  readonly path: readonly string[];
  /** Bytes that podman shows if nothing was said. */
  readonly absent?: readonly number[];
  /** The key of a service of Compose's, or those of which the first that is there counts. */
  readonly compose: readonly string[];
}): Setting<string> {
  const { option, absent = [0], compose } = said;
  return {
    podman: (value) => [{ name: option, value }],
    nixos: "extraOptions",
    inspect: shows(said, {
      read: (inspect, path) => {
        const found = at(inspect, ...path);
        return typeof found === "number" ? sizeText(found) : undefined;
      },
      isDefault: (value) => absent.includes(bytesOf(value) ?? 0),
      isSame: (value, actual) => bytesOf(value) === bytesOf(actual),
    }),
    command: {
      options: [option],
      read: (given, _, leave) => {
        const value = given.at(-1)?.value ?? "";
        if (/^[0-9]+[bkmg]?$/i.test(value))
          return /[0-9]$/.test(value) ? `${value}b` : value.toLowerCase();
        leave(option, value);
        return undefined;
      },
    },
    compose: {
      keys: compose,
      read: ({ definition }) => {
        for (const key of compose) {
          const bytes = bytesOf(inWords(at(definition, ...key.split("."))));
          if (bytes !== undefined && bytes > 0) return sizeText(bytes);
        }
        return undefined;
      },
    },
  };
}
