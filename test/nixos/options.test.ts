/**
 * scripts/nixos-options.ts against NixOS itself: each option is declared where it is said to be, with the
 * type that it is said to have in some release.
 */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { OPTION_SOURCES } from "../../scripts/nixos-options.ts";
import { isName, partsOf, typesOf } from "../../scripts/nixos-options-schema.ts";
import { writeFiles } from "../support/fleet.ts";
import { evaluate, LACKS_NIXOS } from "./evaluate.ts";

/** Declared by modules of NixOS; the others are names that it passes on. */
const declared = OPTION_SOURCES.filter(({ source }) => source.startsWith("nixos/modules/")).flatMap(
  ({ source, options }) =>
    Object.entries(options).map(([path, option]) => ({ source, path, types: typesOf(option) })),
);

/** A module that writes into /etc/options what the options at paths are. */
const MODULE = `{ lib, options, ... }:
let
  isOption = here: here._type or "" == "option";
  # Names and items have no options of their own: those of their set or list are theirs.
  step = here: part:
    let below = if isOption here then here.type.getSubOptions [ ] else here;
    in if part == null then below else below.\${part} or { };
  describe = parts:
    let found = builtins.foldl' step options parts;
    in lib.optionalAttrs (isOption found) {
      # What an open submodule takes beside its options is worded differently from time to time.
      type = if lib.hasPrefix "open submodule" found.type.description
        then "open submodule" else found.type.description;
      files = map toString found.declarations;
    };
in
{ environment.etc.options.text = builtins.toJSON (map describe (lib.importJSON ./paths.json)); }
`;

interface Described {
  readonly type?: string;
  readonly files?: readonly string[];
}

describe.skipIf(LACKS_NIXOS)("NixOS", () => {
  it("has every option, where and as it is said", async () => {
    const paths = declared.map(({ path }) =>
      partsOf(path).map((part) => (isName(part) ? part : null)),
    );
    const folder = writeFiles({ "default.nix": MODULE, "paths.json": JSON.stringify(paths) });
    const { host, stderr } = await evaluate(join(folder, "default.nix"));
    if (host === undefined) throw new Error(stderr);
    const found = JSON.parse(host.etcTexts["options"] ?? "[]") as Described[];
    for (const [at, { path, source, types }] of declared.entries()) {
      const { type, files = [] } = found[at] ?? {};
      expect(
        types.map(({ name }) => name),
        path,
      ).toContain(type);
      // The tree may be spread over several folders.
      const below = source.replace("nixos/modules/", "/");
      expect(
        files.map((file) => file.endsWith(below)),
        path,
      ).toContain(true);
    }
  });
});
