/**
 * The emitted modules beside a host's own configuration, in the real NixOS module system; see
 * ../generate/conflicts.test.ts.
 */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  HOST_CONFIGURATIONS,
  type HostConfiguration,
  hostFolder,
} from "../generate/host-configurations.ts";
import { sharedFolder } from "../generate/support.ts";
import { writeFiles } from "../support/fleet.ts";
import { evaluate, LACKS_NIXOS } from "./evaluate.ts";

/** A host's module with a configuration of its own, which writes values of options into /etc/values. */
function module(folder: string, { config, becomes = [] }: HostConfiguration): string {
  const paths = becomes.map(
    ([path]) => `[ ${path.map((part) => JSON.stringify(part)).join(" ")} ]`,
  );
  const files = writeFiles({
    "default.nix": `{ imports = [ ${folder} ./own.nix ./values.nix ]; }\n`,
    "own.nix": `{ lib, pkgs, ... }: { ${config} }\n`,
    "values.nix": `{ config, lib, ... }: {
      environment.etc.values.text = builtins.toJSON (
        map (path: lib.getAttrFromPath path config) [ ${paths.join(" ")} ]
      );
    }\n`,
  });
  return join(files, "default.nix");
}

const skipped = LACKS_NIXOS ? " (skipped: no NIXGEN_NIXPKGS, no NIXGEN_NIXOS_EVAL)" : "";
const folder = sharedFolder();

describe.skipIf(LACKS_NIXOS)(`NixOS, a host's own configuration${skipped}`, () => {
  it.each(HOST_CONFIGURATIONS.map((each) => [each.name, each] as const))(
    "has %s",
    async (_, each) => {
      const { host, stderr } = await evaluate(module(await hostFolder(folder, each), each));
      if (each.error !== undefined) {
        expect(stderr).toContain(each.error);
        return;
      }
      expect(stderr).not.toContain("conflicting definition values");
      if (host === undefined) throw new Error(stderr);
      const ours = host.assertions.filter((message) => message.startsWith("nixgen: "));
      const theirs = host.assertions.filter((message) => !message.startsWith("nixgen: "));
      expect(ours).toEqual(each.says === undefined ? [] : [expect.stringContaining(each.says)]);
      if (each.also === undefined) expect(theirs).toEqual([]);
      else expect(theirs.join("\n")).toContain(each.also);
      if (host.assertions.length > 0) return;
      const values = JSON.parse(host.etcTexts["values"] ?? "null") as unknown[];
      for (const [at, [, value]] of (each.becomes ?? []).entries()) {
        expect(values[at]).toEqual(value);
      }
    },
  );
});
