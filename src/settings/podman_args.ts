import type { Setting } from "./setting.ts";

/**
 * Options of podman run that have no key of their own, each one text.
 *
 * They are not compared with what runs, and no importer writes them.
 *
 * @example
 * ```toml
 * podman_args = ["--cpuset-cpus=0-1"]
 * ```
 */
export const setting: Setting<string[]> = {
  podman: (args) =>
    args.map((arg) => {
      const [, name = "", value] = /^--([^=]+)(?:=([\s\S]*))?$/.exec(arg) ?? [];
      return { name, value };
    }),
  nixos: "extraOptions",
  inspect: { none: "any option may be among them" },
  command: { none: "what an option means is not known" },
  compose: { none: "Compose has no such key" },
};
