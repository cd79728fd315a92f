/**
 * What people have in their host's own configuration beside the emitted modules, and what comes of it.
 * conflicts.test.ts evaluates all of it with a stand-in for NixOS, test/nixos/conflicts.test.ts with NixOS
 * itself.
 */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadFleet } from "../../src/fleet/load.ts";
import type { Release } from "../../src/fleet/model.ts";
import { emitAll, planFleet } from "../support/plan.ts";
import { writeTreeInto } from "./support.ts";

/** A host's own configuration, and what comes of it. */
export interface HostConfiguration {
  readonly name: string;
  /** The bindings of a module that has `lib` and `pkgs`; the user is mcp. */
  readonly config: string;
  /** What a failed assertion of ours says; undefined if there is none. */
  readonly says?: string;
  /** What else a failed assertion of NixOS's own says. */
  readonly also?: string;
  /** What options come to. */
  readonly becomes?: readonly (readonly [option: readonly string[], value: unknown])[];
  /** That of the host; 25.11 if it is not given. */
  readonly release?: Release;
  /** What resolves names on the host; dnsmasq if it is not given. */
  readonly resolver?: "dnsmasq" | "resolved";
  /** It is about options or types of NixOS, which the stand-in does not have. */
  readonly nixosOnly?: true;
  /** What NixOS says instead of evaluating it; docs/adopting.md has the way out. */
  readonly error?: string;
}

const SERVICE = ["systemd", "services", "podman-mcns", "serviceConfig"];
const USER = ["users", "users", "mcp"];
const SYSCTL = ["boot", "kernel", "sysctl"];
const DNSMASQ = ["services", "dnsmasq", "settings"];
const PORT_START = "net.ipv4.ip_unprivileged_port_start";
const NONLOCAL = "net.ipv4.ip_nonlocal_bind";

/** In the order of docs/adopting.md. */
export const HOST_CONFIGURATIONS: readonly HostConfiguration[] = [
  { name: "nothing of its own", config: "" },

  // Name resolution.
  { name: "resolved", config: "services.resolved.enable = true;", says: "services.resolved.enable = true in this host's own configuration" },
  { name: "resolved by default, as networkd has it", config: "services.resolved.enable = lib.mkDefault true;", becomes: [[["services", "resolved", "enable"], false]] },
  { name: "no resolved, where it resolves", resolver: "resolved", release: "26.05", config: "services.resolved.enable = false;", says: "services.resolved.enable = false in this host's own configuration" },
  { name: "resolved, where it resolves", resolver: "resolved", release: "26.05", config: "services.resolved.enable = true;" },
  { name: "no dnsmasq", config: "services.dnsmasq.enable = false;", says: "services.dnsmasq.enable = false in this host's own configuration" },
  { name: "a dnsmasq with a cache of another size", config: "services.dnsmasq = { enable = true; settings.cache-size = 500; };", becomes: [[[...DNSMASQ, "cache-size"], 500]] },
  { name: "a dnsmasq with a server", config: 'services.dnsmasq.settings.server = [ "/lan/192.168.1.1" ];' },
  { name: "a dnsmasq for DHCP", config: 'services.dnsmasq.settings = { interface = "br0"; dhcp-range = [ "192.168.9.2,192.168.9.99" ]; };', becomes: [[[...DNSMASQ, "interface"], "br0"]] },
  { name: "a dnsmasq with bind-interfaces", config: "services.dnsmasq.settings.bind-interfaces = true;", says: "dnsmasq does not start with both bind-interfaces and bind-dynamic" },
  { name: "a dnsmasq that reads resolv.conf", config: "services.dnsmasq.settings.no-resolv = false;", says: "services.dnsmasq.settings.no-resolv must be true" },
  { name: "a dnsmasq with another address in a list", config: 'services.dnsmasq.settings.listen-address = [ "192.168.9.1" ];' },
  { name: "a dnsmasq with another address that is no list", nixosOnly: true, config: 'services.dnsmasq.settings.listen-address = "192.168.9.1";', error: "A definition for option `services.dnsmasq.settings.listen-address' is not of type" },
  { name: "no resolvconf", config: "networking.resolvconf.enable = false;", says: "into /etc/resolv.conf: this host's own configuration has networking.resolvconf.enable = false" },
  { name: "a resolv.conf", config: 'environment.etc."resolv.conf".text = "nameserver 1.1.1.1\\n";', says: 'into /etc/resolv.conf: this host\'s own configuration has environment.etc."resolv.conf"' },
  { name: "a resolv.conf that is a link", config: 'environment.etc."resolv.conf".source = "/run/resolv.conf";', says: 'into /etc/resolv.conf: this host\'s own configuration has environment.etc."resolv.conf"' },
  { name: "a resolv.conf that names dnsmasq", config: 'environment.etc."resolv.conf".text = "nameserver 127.0.0.1\\n";' },
  { name: "a dnsmasq that is for others", config: "services.dnsmasq.resolveLocalQueries = false;", says: "into /etc/resolv.conf: this host's own configuration has services.dnsmasq.resolveLocalQueries = false" },
  { name: "unbound", config: "services.unbound.enable = true;", says: "services.unbound would take port 53" },
  { name: "unbound on another port", config: "services.unbound = { enable = true; settings.server.port = 5335; };" },
  { name: "unbound for the LAN", config: 'services.unbound = { enable = true; settings.server.interface = [ "192.168.9.1" ]; };' },
  { name: "AdGuard Home", config: "services.adguardhome.enable = true;", says: "services.adguardhome would take port 53" },
  { name: "AdGuard Home on another port", config: "services.adguardhome = { enable = true; settings = { schema_version = 28; dns.port = 5353; }; };" },
  { name: "AdGuard Home for the LAN", config: 'services.adguardhome = { enable = true; settings = { schema_version = 28; dns.bind_hosts = [ "192.168.9.1" ]; }; };' },
  { name: "BIND", config: "services.bind.enable = true;", says: "services.bind would take port 53" },
  { name: "BIND for the LAN", config: 'services.bind = { enable = true; listenOn = [ "192.168.9.1" ]; };' },
  { name: "Knot Resolver", config: "services.kresd = { enable = true; package = pkgs.curl; };", says: "services.kresd would take port 53" },
  { name: "Knot Resolver on another port", config: 'services.kresd = { enable = true; package = pkgs.curl; listenPlain = [ "127.0.0.1:5335" ]; };' },
  { name: "NetworkManager with its own dnsmasq", config: 'networking.networkmanager = { enable = true; dns = "dnsmasq"; };', says: 'networking.networkmanager with dns = "dnsmasq" would take port 53' },

  // Sysctls.
  { name: "the first unprivileged port, the same", config: `boot.kernel.sysctl."${PORT_START}" = 53;`, becomes: [[[...SYSCTL, PORT_START], 53]] },
  { name: "the first unprivileged port, lower", config: `boot.kernel.sysctl."${PORT_START}" = "0";`, becomes: [[[...SYSCTL, PORT_START], "0"]] },
  { name: "the first unprivileged port, higher", config: `boot.kernel.sysctl."${PORT_START}" = 80;`, says: "must be at most 53" },
  { name: "the first unprivileged port, higher, as text", config: `boot.kernel.sysctl."${PORT_START}" = "1024";`, says: "must be at most 53" },
  { name: "the first unprivileged port, unset", config: `boot.kernel.sysctl."${PORT_START}" = null;`, says: "must be at most 53" },
  { name: "addresses that come up later, the same", config: `boot.kernel.sysctl."${NONLOCAL}" = 1;` },
  { name: "addresses that come up later, as a truth value", config: `boot.kernel.sysctl."${NONLOCAL}" = true;` },
  { name: "no addresses that come up later", config: `boot.kernel.sysctl."${NONLOCAL}" = false;`, says: `${NONLOCAL} of boot.kernel.sysctl must be 1` },

  // The container user.
  { name: "the user, with a description", config: 'users.users.mcp = { isSystemUser = true; description = "containers"; uid = 850; group = "mcp"; home = "/srv/mcp"; linger = true; }; users.groups.mcp.gid = 850;', becomes: [[[...USER, "description"], "containers"]] },
  { name: "the user, with a shell and groups", config: 'users.users.mcp = { shell = "/bin/sh"; extraGroups = [ "video" ]; createHome = false; };', becomes: [[[...USER, "createHome"], false]] },
  { name: "the user as a normal one", config: "users.users.mcp.isNormalUser = true;", says: "users.users.mcp.isNormalUser = true", also: "Exactly one of" },
  { name: "the user with another uid", config: "users.users.mcp.uid = 851;", says: "users.users.mcp.uid is 851 in this host's own configuration, but nixgen.toml pins 850" },
  { name: "the user's group with another gid", config: "users.groups.mcp.gid = 851;", says: "users.groups.mcp.gid is 851 in this host's own configuration, but nixgen.toml pins 850" },
  { name: "the user with another primary group", config: 'users.users.mcp.group = "users";', says: "users.users.mcp.group is users in this host's own configuration, but nixgen.toml says mcp" },
  { name: "the user with another home", config: 'users.users.mcp.home = "/home/mcp";', says: "users.users.mcp.home is /home/mcp in this host's own configuration, but nixgen.toml says /srv/mcp" },
  { name: "the user without lingering", config: "users.users.mcp.linger = false;", says: "users.users.mcp.linger must be true" },
  { name: "subordinate ids of its own", config: "users.users.mcp = { autoSubUidGidRange = true; subUidRanges = [ { startUid = 100000; count = 65536; } ]; };", becomes: [[[...USER, "autoSubUidGidRange"], false], [[...USER, "subUidRanges"], [{ startUid: 100000, count: 65536 }]]] },
  { name: "a normal user, who would get the same subordinate ids", nixosOnly: true, config: "users.users.kyle.isNormalUser = true;", says: "the subordinate ids of mcp (100000 to 165535) are also those of kyle" },
  { name: "a normal user with subordinate ids of its own", nixosOnly: true, config: "users.users.kyle = { isNormalUser = true; subUidRanges = [ { startUid = 2130706432; count = 65536; } ]; subGidRanges = [ { startGid = 2130706432; count = 65536; } ]; };" },
  { name: "a user with automatic subordinate ids", config: "users.users.kyle = { isSystemUser = true; autoSubUidGidRange = true; };", says: "subUidRanges = [ { startUid = 2130706432; count = 65536; } ]", also: "" },
  { name: "a user with the last of the same subordinate gids", config: "users.users.kyle = { isSystemUser = true; subGidRanges = [ { startGid = 165535; count = 1; } ]; };", says: "the subordinate ids of mcp (100000 to 165535) are also those of kyle", also: "" },
  { name: "users with the subordinate ids before and behind", config: 'users.users = { a = { isSystemUser = true; group = "users"; subUidRanges = [ { startUid = 99999; count = 1; } ]; }; b = { isSystemUser = true; group = "users"; subGidRanges = [ { startGid = 165536; count = 65536; } ]; }; };' },
  { name: "userborn", release: "25.11", config: "services.userborn.enable = true;", says: "writes no subordinate ids, and podman of mcp does not start without them" },
  { name: "userborn of 26.05", release: "26.05", config: "services.userborn.enable = true;", says: "writes no subordinate ids" },
  { name: "userborn that writes subordinate ids", release: "26.11", config: "services.userborn.enable = true;" },
  { name: "userborn, and subordinate ids of its own", config: 'services.userborn.enable = true; environment.etc = { subuid = { mode = "0644"; text = "mcp:100000:65536\\n"; }; subgid = { mode = "0644"; text = "mcp:100000:65536\\n"; }; };' },
  { name: "systemd-sysusers", release: "26.11", config: "systemd.sysusers.enable = true; users.mutableUsers = false;", says: "systemd-sysusers writes no subordinate ids", also: "" },

  // Containers.
  { name: "docker for containers", config: 'virtualisation.oci-containers.backend = "docker";', says: 'virtualisation.oci-containers.backend is "docker"', also: "if backend is `docker`" },
  { name: "another pause before a container is started again", config: "systemd.services.podman-mcns.serviceConfig.RestartSec = 10;", becomes: [[[...SERVICE, "RestartSec"], 10]] },
  { name: "another limit of starts", config: "systemd.services.podman-mcns.unitConfig.StartLimitIntervalSec = 60;", becomes: [[["systemd", "services", "podman-mcns", "unitConfig", "StartLimitIntervalSec"], 60]] },
  { name: "what must hold of a container's unit", config: 'systemd.services.podman-mcns.serviceConfig = { Delegate = "yes"; Restart = "no"; RestartMode = "normal"; };', becomes: [[[...SERVICE, "Delegate"], true], [[...SERVICE, "Restart"], "always"], [[...SERVICE, "RestartMode"], "direct"]] },

  // What goes well together.
  ...Object.entries({
    NetworkManager: "networking.networkmanager.enable = true;",
    networkd: "networking.useNetworkd = true; networking.useDHCP = false;",
    "docker beside podman": "virtualisation.docker.enable = true;",
    "podman as docker": "virtualisation.podman = { dockerCompat = true; autoPrune.enable = true; };",
    "a container of its own": 'virtualisation.oci-containers.containers.other.image = "docker.io/library/nginx:1.27";',
    avahi: "services.avahi.enable = true;",
    k3s: 'services.k3s = { enable = true; role = "server"; };',
    libvirtd: "virtualisation.libvirtd.enable = true;",
    mullvad: "services.mullvad-vpn.enable = true;",
    nftables: "networking.nftables.enable = true;",
    "no IPv6": "networking.enableIPv6 = false;",
    "immutable users": 'users.mutableUsers = false; users.users.root.hashedPassword = "$y$x";',
    "a check before a switch": 'system.preSwitchChecks.mine = "true";',
    "name servers": 'networking.nameservers = [ "9.9.9.9" ];',
  }).map(([name, config]): HostConfiguration => ({ name, config, nixosOnly: true })),
]; // prettier-ignore

/** The folder, below another one, of the emitted modules of a host that a configuration is for. */
export async function hostFolder(
  folder: string,
  { release = "25.11", resolver = "dnsmasq" }: HostConfiguration,
): Promise<string> {
  const at = join(folder, `${release}-${resolver}`);
  cpSync("examples/metacircular", at, { recursive: true });
  const inventory = join(at, "nixgen.toml");
  const text = readFileSync(inventory, "utf8")
    .replace(/^nixos_release = .*/gm, `nixos_release = "${release}"`)
    .replace(/^resolver = .*\n/gm, "")
    .replace(/^\[dns\]$/m, `[dns]\nresolver = "${resolver}"`);
  writeFileSync(inventory, text);
  const { fleet } = await loadFleet(inventory);
  if (fleet === undefined) throw new Error(`${inventory} does not load`);
  return join(writeTreeInto(emitAll(planFleet(fleet)), join(at, "out")), "rift");
}
