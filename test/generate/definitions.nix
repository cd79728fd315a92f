# What emitted modules define, as JSON: of each host's folder the files that its default.nix imports, each
# by itself. No nixpkgs is needed: what modules ask for is stubbed here, and to ask for more is an error.
{
  # JSON: absolute paths.
  folders,
}:

let
  inherit (builtins)
    fromJSON
    isAttrs
    isList
    isPath
    listToAttrs
    mapAttrs
    ;

  package = name: "/packages/${name}";

  pkgs = listToAttrs (
    map
      (name: {
        inherit name;
        value = package name;
      })
      [
        "curl"
        "dnsutils"
        "grpc-health-probe"
        "sqlite"
      ]
  );

  # Wrappers that say which definition wins are left out.
  lib = {
    mkForce = value: value;
    mkDefault = value: value;
    mkOverride = _: value: value;
  };

  definitions =
    file:
    let
      module = import file { inherit config lib pkgs; };
      config = {
        virtualisation.podman.package = package "podman";
        environment.etc = mapAttrs (name: _: { source = "/etc/${name}"; }) module.environment.etc or { };
      };
    in
    module;

  # A path by itself would be copied into the store, and be the copy's.
  plain =
    value:
    if isPath value then
      toString value
    else if isList value then
      map plain value
    else if isAttrs value then
      mapAttrs (_: plain) value
    else
      value;

  host =
    folder:
    listToAttrs (
      map (file: {
        name = baseNameOf file;
        value = plain (definitions file);
      }) (import (/. + folder) { }).imports
    );
in
map host (fromJSON folders)
