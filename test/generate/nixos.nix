# A stand-in for NixOS' module system, as far as emitted modules need one: no types and no options, but
# definitions of several modules become one by their priorities, as nixpkgs' lib/modules.nix has them.
{
  # An absolute path: the folder of a host.
  folder,
  # Further modules.
  modules ? [ ],
}:

let
  inherit (builtins)
    all
    attrNames
    concatLists
    concatMap
    elem
    elemAt
    filter
    foldl'
    genList
    head
    isAttrs
    isList
    length
    listToAttrs
    map
    mapAttrs
    match
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
  )
  // {
    runtimeShell = "${package "bash"}/bin/bash";
  };

  lib = rec {
    mkOverride = priority: content: {
      _type = "override";
      inherit priority content;
    };
    mkForce = mkOverride 50;
    mkDefault = mkOverride 1000;
    mkBefore = value: value;
    concatStringsSep = builtins.concatStringsSep;
    filterAttrs =
      keep: set: removeAttrs set (filter (name: !keep name set.${name}) (attrNames set));
    getVersion = _: "5.8.6";
    hasInfix = infix: text: match ".*${infix}.*" text != null;
    hasSuffix = suffix: text: match ".*${suffix}" text != null;
    optional = is: value: if is then [ value ] else [ ];
    toIntBase10 = text: builtins.fromJSON (head (match "0*(.+)" text));
    toList = value: if isList value then value else [ value ];
  };

  # The options of NixOS itself that emitted modules read, with its defaults.
  defaults = mapAttrs (_: prioritised 1500) {
    environment.etc = { };
    networking = {
      firewall = {
        enable = true;
        allowedTCPPorts = [ 22 ];
        allowedTCPPortRanges = [ ];
        allowedUDPPorts = [ ];
        allowedUDPPortRanges = [ ];
        extraCommands = "";
        interfaces = { };
        trustedInterfaces = [ "lo" ];
      };
      networkmanager = {
        enable = false;
        dns = "default";
      };
      resolvconf.enable = !(config.environment.etc ? "resolv.conf");
    };
    services = {
      adguardhome = {
        enable = false;
        settings = null;
      };
      bind = {
        enable = false;
        listenOn = [ "any" ];
      };
      dnsmasq.resolveLocalQueries = true;
      kresd = {
        enable = false;
        listenPlain = [
          "[::1]:53"
          "127.0.0.1:53"
        ];
      };
      resolved.enable = false;
      unbound = {
        enable = false;
        settings.server.interface = [
          "127.0.0.1"
          "::1"
        ];
      };
    };
    system.nixos.release = "25.11";
    virtualisation = {
      oci-containers.backend = "podman";
      podman.package = package "podman";
    };
  };

  # Of every user, of every file of /etc.
  perUser =
    name: _:
    mapAttrs (_: prioritised 1500) {
      inherit name;
      isNormalUser = false;
      autoSubUidGidRange = false;
      subUidRanges = [ ];
      subGidRanges = [ ];
    };
  perFile = name: _: { source = prioritised 1500 "/etc/${name}"; };

  isPlain = value: isAttrs value && value._type or null == null;

  prioritised =
    priority: value:
    if isPlain value && value != { } then
      mapAttrs (_: prioritised priority) value
    else if isPlain value then
      value
    else
      lib.mkOverride priority value;

  files = map (file: {
    name = baseNameOf file;
    value = (import file) { inherit config lib pkgs; };
  }) (import (/. + folder) { }).imports;

  given = map (module: if isAttrs module then module else module { inherit config lib pkgs; }) modules;
  own = map ({ value, ... }: value) files ++ given;
  named = path: concatMap (module: attrNames (foldl' (set: part: set.${part} or { }) module path)) own;
  each = path: make: listToAttrs (map (name: { inherit name; value = make name null; }) (named path));

  all' = own ++ [
    defaults
    { users.users = each [ "users" "users" ] perUser; }
    { environment.etc = each [ "environment" "etc" ] perFile; }
  ];

  # What definitions of one path come to: { value } or { conflict }, one of which each leaf has.
  merge =
    path: definitions:
    if all isPlain definitions then
      mapAttrs (name: merge (path ++ [ name ])) (
        builtins.zipAttrsWith (_: values: values) definitions
      )
    else
      let
        priorityOf = value: if isAttrs value && value ? priority then value.priority else 100;
        lowest = foldl' (a: b: if a < b then a else b) 9999 (map priorityOf definitions);
        winners = map (value: if isAttrs value && value ? priority then value.content else value) (
          filter (value: priorityOf value == lowest) definitions
        );
        # NixOS takes two definitions of a sysctl for an error, even where they are equal.
        areOne = length winners == 1 || (all (value: value == head winners) winners && elemAt path 0 != "boot");
      in
      {
        _type = "leaf";
        inherit path;
        conflict = !(areOne || all isList winners);
        value = if length winners > 1 && all isList winners then concatLists winners else head winners;
      };

  merged = merge [ ] all';
  valueOf = tree: if tree._type or null == "leaf" then tree.value else mapAttrs (_: valueOf) tree;
  leaves = tree: if tree._type or null == "leaf" then [ tree ] else concatMap leaves (builtins.attrValues tree);
  config = valueOf merged;
in
{
  inherit config;
  files = listToAttrs files;
  conflicts = map ({ path, ... }: builtins.concatStringsSep "." path) (
    filter ({ conflict, ... }: conflict) (leaves merged)
  );
  failed = map ({ message, ... }: message) (filter ({ assertion, ... }: !assertion) config.assertions);
}
