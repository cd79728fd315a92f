# What a module becomes on NixOS, by a checkout of nixpkgs: see Evaluation in evaluate.ts.
{
  # Absolute paths.
  nixpkgs,
  module,
  # Options whose values are wanted, as JSON: [ "services.dnsmasq.settings" ].
  options ? "[]",
}:

let
  inherit (builtins) fromJSON mapAttrs;
  lib = import (/. + nixpkgs + "/lib");
  inherit (lib)
    filter
    filterAttrs
    genAttrs
    getAttrFromPath
    splitString
    ;

  # What every machine has.
  machine =
    { config, lib, ... }:
    {
      fileSystems."/" = lib.mkDefault {
        device = "/dev/disk/by-label/nixos";
        fsType = "ext4";
      };
      boot.loader.grub.enable = lib.mkDefault false;
      system.stateVersion = lib.mkDefault config.system.nixos.release;
    };

  inherit
    (import (/. + nixpkgs + "/nixos/lib/eval-config.nix") {
      inherit lib;
      system = "x86_64-linux";
      modules = [
        (/. + module)
        machine
      ];
    })
    config
    ;

  result = {
    inherit (config) warnings;
    assertions = [ ];
    units = mapAttrs (_: unit: { inherit (unit) text; }) config.systemd.units;
    users = mapAttrs (_: user: {
      inherit (user)
        uid
        group
        home
        linger
        isSystemUser
        extraGroups
        subUidRanges
        subGidRanges
        ;
    }) config.users.users;
    groups = mapAttrs (_: group: { inherit (group) gid; }) config.users.groups;
    inherit (config.system) preSwitchChecks;
    inherit (config.networking) nameservers;
    resolved = {
      inherit (config.services.resolved) enable;
    };
    etcTexts = mapAttrs (_: file: file.text) (
      filterAttrs (_: file: file.enable && file.text != null) config.environment.etc
    );
    inherit (config.boot.kernel) sysctl;
    tmpfiles = {
      inherit (config.systemd.tmpfiles) rules;
    };
    get = genAttrs (fromJSON options) (option: getAttrFromPath (splitString "." option) config);
  };

  failed = map ({ message, ... }: message) (
    filter ({ assertion, ... }: !assertion) config.assertions
  );
in
# As when a system is built: one whose assertions fail is not looked at.
if failed == [ ] then
  result
else
  {
    inherit (config) warnings;
    assertions = failed;
  }
