# What emitted modules define, as JSON: of each host's folder the files that its default.nix imports, each
# by itself. No nixpkgs is needed: ./nixos.nix stands in for it.
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
    mapAttrs
    ;

  # Wrappers that say which definition wins are left out. A path by itself would be copied into the store,
  # and be the copy's.
  plain =
    value:
    if isPath value then
      toString value
    else if isList value then
      map plain value
    else if isAttrs value && value._type or null == "override" then
      plain value.content
    else if isAttrs value then
      mapAttrs (_: plain) value
    else
      value;
in
map (folder: mapAttrs (_: plain) (import ./nixos.nix { inherit folder; }).files) (fromJSON folders)
