import { bind, str } from "../nix/ast.ts";
import { at, textsAt } from "../text/json.ts";
import { shellWords } from "../text/shell-words.ts";
import { complain, texts } from "./compose-service.ts";
import { nonEmpty } from "./forms.ts";
import type { Setting } from "./setting.ts";

/**
 * The program and its first arguments, in place of the image's entry point; cmd follows.
 *
 * @example
 * ```toml
 * entrypoint = ["/bin/sh", "-c"]
 * ```
 */
export const setting: Setting<string[]> = {
  podman: (words) => [{ name: "entrypoint", value: JSON.stringify(words) }],
  nixos: (words) => [bind("entrypoint", str(JSON.stringify(words)))],
  inspect: {
    observe: (inspect) => {
      const found = at(inspect, "Config", "Entrypoint");
      // podman 4 has one text.
      return typeof found === "string"
        ? nonEmpty(found.split(" ").filter((word) => word !== ""))
        : nonEmpty(textsAt(inspect, "Config", "Entrypoint"));
    },
    // Without one in the definition it is the image's, which is not known here.
    differences: (words, inspect) => {
      const found = at(inspect, "Config", "Entrypoint");
      if (words === undefined || found === undefined) return [];
      const same =
        typeof found === "string"
          ? found === words.join(" ")
          : textsAt(inspect, "Config", "Entrypoint").join("\0") === words.join("\0");
      return same
        ? []
        : [{ text: `has --entrypoint ${JSON.stringify(found)}`, path: ["Config", "Entrypoint"] }];
    },
  },
  command: {
    options: ["entrypoint"],
    read: (given, _, leave) => {
      const value = given.at(-1)?.value ?? "";
      const words: unknown = value.startsWith("[") ? parsed(value) : [value];
      if (Array.isArray(words) && words.every((word) => typeof word === "string")) {
        const kept = words.filter((word) => word !== "");
        if (kept.length > 0) return kept;
      }
      leave("entrypoint", value);
      return undefined;
    },
  },
  compose: {
    keys: ["entrypoint"],
    read: (service) => {
      const entrypoint = at(service.definition, "entrypoint");
      if (typeof entrypoint !== "string") return nonEmpty(texts(entrypoint));
      const words = shellWords(entrypoint);
      if (typeof words !== "string") return nonEmpty(words);
      complain(
        service,
        ["entrypoint"],
        `cannot be taken apart: ${words}`,
        'Write a list of words, like ["sh", "-c"].',
      );
      return undefined;
    },
  },
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
