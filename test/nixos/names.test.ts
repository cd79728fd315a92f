/** src/lint/queries/nixos-names.ts against NixOS itself: the users and groups of a host that has little else. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { NIXOS_GROUPS, NIXOS_USERS } from "../../src/lint/queries/nixos-names.ts";
import { writeFiles } from "../support/fleet.ts";
import { evaluate, LACKS_NIXOS } from "./evaluate.ts";

const MODULE = `{ config, lib, ... }: {
  services.openssh.enable = true;
  security.polkit.enable = true;
  virtualisation.podman.enable = true;
  environment.etc.ids.text = builtins.toJSON {
    users = lib.mapAttrs (_: user: user.uid) config.users.users;
    groups = lib.mapAttrs (_: group: group.gid) config.users.groups;
  };
}
`;

interface Ids {
  readonly users: Readonly<Record<string, number | null>>;
  readonly groups: Readonly<Record<string, number | null>>;
}

const skipped = LACKS_NIXOS ? " (skipped: no NIXGEN_NIXPKGS, no NIXGEN_NIXOS_EVAL)" : "";

describe.skipIf(LACKS_NIXOS)(`NixOS${skipped}`, () => {
  it("has the users and groups that nixgen knows, with their ids", async () => {
    const folder = writeFiles({ "default.nix": MODULE });
    const { host, stderr } = await evaluate(join(folder, "default.nix"));
    if (host === undefined) throw new Error(stderr);
    const { users, groups } = JSON.parse(host.etcTexts["ids"] ?? "{}") as Ids;
    // What has an id on every host is known with it; an id that polkit has is not on every host.
    const known = (ids: ReadonlyMap<string, number | undefined>, there: Ids["users"]) =>
      Object.fromEntries(
        Object.keys(there).map((name) => [
          name,
          ids.has(name) ? (ids.get(name) ?? there[name]) : "not known",
        ]),
      );
    expect(known(NIXOS_USERS, users)).toEqual(users);
    expect(known(NIXOS_GROUPS, groups)).toEqual(groups);
    // Nothing is known that is not there.
    expect([...NIXOS_USERS.keys()].filter((name) => !(name in users))).toEqual([]);
    expect([...NIXOS_GROUPS.keys()].filter((name) => !(name in groups))).toEqual([]);
  });
});
