/**
 * The emitted modules beside a host's own configuration: of what clashes, NixOS never says just that two
 * values conflict. It gives way, or wins, or an assertion names the option and says what to do.
 * test/nixos/conflicts.test.ts does the same with NixOS itself.
 */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { lacks } from "../support/tools.ts";
import { HOST_CONFIGURATIONS, type HostConfiguration, hostFolder } from "./host-configurations.ts";
import { evaluateText, sharedFolder } from "./support.ts";

const cases = HOST_CONFIGURATIONS.filter(({ nixosOnly }) => nixosOnly === undefined);

interface Outcome {
  readonly conflicts: readonly string[];
  readonly failed: readonly string[];
  readonly values: readonly unknown[];
}

/** A Nix expression for what comes of a host's own configuration. */
function outcome(folder: string, { config, becomes = [] }: HostConfiguration): string {
  const paths = becomes.map(
    ([path]) => `[ ${path.map((part) => JSON.stringify(part)).join(" ")} ]`,
  );
  return `(
    let
      host = import ${join(import.meta.dirname, "nixos.nix")} {
        folder = ${JSON.stringify(folder)};
        modules = [ ({ lib, pkgs, ... }: { ${config} }) ];
      };
    in {
      inherit (host) conflicts failed;
      values = map (builtins.foldl' (set: part: set.\${part}) host.config) [ ${paths.join(" ")} ];
    })`;
}

const lacksNix = lacks("nix-instantiate");
const folder = sharedFolder();
const outcomes = lacksNix
  ? []
  : (evaluateText(
      `[ ${(await Promise.all(cases.map(async (each) => outcome(await hostFolder(folder, each), each)))).join("\n")} ]`,
    ) as Outcome[]);

describe.skipIf(lacksNix)("a host's own configuration", () => {
  it.each(cases.map((each, at) => [each.name, each, at] as const))("has %s", (_, each, at) => {
    const { conflicts, failed, values } = outcomes[at] ?? {};
    expect(conflicts).toEqual([]);
    expect(failed).toEqual(each.says === undefined ? [] : [expect.stringContaining(each.says)]);
    // What is there, and what to do.
    for (const message of failed ?? [])
      expect(message).toMatch(/^nixgen: [^\n]*\n[A-Z][^]*[.;]\n$/);
    expect(values).toEqual((each.becomes ?? []).map(([, value]) => value));
  });
});
