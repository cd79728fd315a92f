/**
 * What podman and the resolvers say when something is wrong, what it means, and the cure that loses
 * nothing. Every one of them was seen on podman 4.3.1, 5.4.2, 5.8.6 or 6.1.1, or on systemd-resolved and dnsmasq.
 */
import { HOST_RESOLVER } from "../../podman/network.ts";
import type { HostPlan } from "../../plan/plan.ts";
import { shellQuote } from "../../text/shell.ts";
import { type Block, bullets, code, heading } from "../../text/markdown.ts";

/** One error, as somebody looking for it would. */
interface Trouble {
  readonly title: string;
  /** What is seen, so that searching for it finds this. */
  readonly seen: string;
  /** What it means and what to do, and after `cure` what to know beside. */
  readonly meaning: string;
  readonly cure?: string;
  readonly more?: string;
}

/** The part of a runbook about what can be wrong with podman and name resolution. */
export function troubles(plan: HostPlan): Block[] {
  return [
    heading(2, "When something is wrong"),
    ...[...podmanTroubles(plan), ...resolverTroubles(plan)].flatMap(
      ({ title, seen, meaning, cure, more }) => [
        heading(3, title),
        code("text", seen),
        meaning,
        ...(cure === undefined ? [] : [code("sh", cure)]),
        ...(more === undefined ? [] : [more]),
      ],
    ),
    heading(3, "What makes it worse"),
    bullets([
      "`podman system reset` deletes all containers, images, networks and volumes.",
      "Removing `db.sql` loses every definition; removing it while containers run leaves their processes behind, holding the ports.",
      "Changing the uid again, in any direction, without the cure above.",
      "Deleting the database of a service because it cannot be written: see the ownership of files above. That is how a certificate authority was lost.",
      "Switching the VPN off.",
    ]),
  ];
}

function podmanTroubles({ user, directories, sysctls }: HostPlan): Trouble[] {
  const { name, uid, group, home, storage } = user;
  const [data = "/srv/SERVICE"] = directories.map(shellQuote);
  const firstPort = sysctls["net.ipv4.ip_unprivileged_port_start"];
  return [
    {
      title: "The uid was changed",
      seen: "Error: RunRoot is pointing to a path (/run/user/OLD/containers) which is not writable\nError: mkdir /run/user/OLD: permission denied",
      meaning:
        "podman's database names the runtime directory of another uid. The containers are not lost. As root:",
      cure: "bash /etc/nixgen/recover.sh --cure",
      more: `It stops what runs of ${name}, gives ${name} the files of the old uid in its home, and its group those of the old primary gid if that was changed too, replaces /run/user/OLD/ by /run/user/${uid}/ in every table of db.sql, keeps the old file as db.sql.before-DATE, and starts the containers: the same ones, with all that is in them. If a process of ${name} is left, it changes nothing and names that process. It needs sqlite3, or else two uids with equally many digits. A BoltDB is migrated first, by podman 5.8 or newer; with an older podman, \`recover.sh --cure --new-database\` makes the containers anew, with their volumes and data. Programs of images lose file capabilities with their old owner, and setuid bits too if usermod or chown gave them to the new one; to have them back, remove such an image and pull it again. A link from /run/user/OLD does not help containers on a podman network, nor do \`--runroot\`, \`--tmpdir\` and correcting the table DBConfig alone.`,
    },
    {
      title: "The primary gid was changed",
      seen: "Error: mounting storage for container ID: open …/work/work/incompat: permission denied\nError: configure storage: overlay: recover stale temp dirs: … permission denied",
      meaning: `The files of images and containers belong to the primary group that ${name} had; podman starts no container with another one. No container is lost. The gid of then:`,
      cure: `stat --format %g ${shellQuote(storage)}`,
      more: `Give it back: \`user = { gid = GID }\` in the node's table of nixgen.toml, then build, switch and reboot. Or keep the new one: \`nixgen lock accept gid\` prints the commands that move the files.`,
    },
    {
      title: "The home was moved",
      seen: 'Error: database static dir "OLD/.local/share/containers/storage/libpod" does not match our static dir: database configuration mismatch',
      meaning:
        "podman's database names the home OLD. The containers are not lost. As root, put a link in its place; a bind mount does not do:",
      cure: `ln -sT ${shellQuote(home)} OLD`,
      more: "Where `podman ps --all` shows nothing at all, podman looks in an empty home: see in /etc/passwd which one, and give the user its old home back.",
    },
    {
      title: "Two users have one uid",
      seen: `newuidmap: Target process is owned by a different user: uid:${uid} pw_uid:${uid}`,
      meaning: `\`getent passwd | grep ':x:${uid}:'\` shows both. Give the other one another uid, never ${name}, whose containers depend on it. NixOS remembers what it handed out in /var/lib/nixos/uid-map.`,
    },
    {
      title: "No container is there any more",
      seen: "$ podman ps --all\nCONTAINER ID  IMAGE  COMMAND  CREATED  STATUS  PORTS  NAMES",
      meaning: `The database was removed or made anew. Images and data are still there; only the definitions are gone, and those are in this file. \`recover.sh\` makes all containers again. By hand, add \`--replace\` to each command, for their names are still held:`,
      cure: "podman ps --all --external",
      more: `If the containers were running when it was removed, their processes hold the ports. End the processes of ${name} first, by a reboot if there is nothing else on the host.`,
    },
    {
      title: "newuidmap fails",
      seen: 'exec: "newuidmap": executable file not found in $PATH\nnewuidmap: write to uid_map failed: Operation not permitted',
      meaning:
        "It must be found, and it must be the one that is setuid, or has the capability cap_setuid (NixOS 26.11): /run/wrappers/bin must stand first in PATH. The second message also comes when the uid of the session is not that of the user in /etc/passwd: log in anew.",
    },
    {
      title: "No runtime directory",
      seen: `stat: cannot statx '/run/user/${uid}': No such file or directory\n$ podman info --format '{{.Store.RunRoot}}'\n/tmp/storage-run-${uid}/containers`,
      meaning:
        "Without it podman puts its state into /tmp, and its database keeps that for good: start nothing before it is there. As root:",
      cure: `loginctl enable-linger ${name}\nsystemctl start user@${uid}.service`,
    },
    {
      title: "Every process was killed",
      seen: "$ podman ps --format '{{.Names}} {{.Status}}'\nSERVICE Up 2 hours\n$ podman start SERVICE\nSERVICE",
      meaning:
        "podman 5.8 and 6 say that a container runs although its process is gone, and `podman start` does nothing. `recover.sh` sees that and starts it. By hand: `podman stop` fails, but podman knows then that it is down.",
      cure: "podman stop --time 0 SERVICE\npodman start SERVICE",
    },
    {
      title: "The pause process",
      seen: 'invalid internal status, try resetting the pause process with "podman system migrate"',
      meaning: `The same before podman 5.8: all processes of ${name} were killed while /run/user/${uid} stayed as it was, and \`migrate\` itself fails. The runtime directory must be made anew, which ends what still runs of ${name}. As root:`,
      cure: `systemctl restart user-runtime-dir@${uid}.service user@${uid}.service`,
    },
    {
      title: "A port below 1024",
      seen: "rootlessport cannot expose privileged port 53: bind: permission denied\nListen failed for HOST TCP port 192.168.1.10/53: Permission denied",
      meaning: `The kernel keeps ports below net.ipv4.ip_unprivileged_port_start for root.${firstPort === undefined ? "" : " As root:"}`,
      ...(firstPort === undefined
        ? {}
        : { cure: `sysctl net.ipv4.ip_unprivileged_port_start=${firstPort}` }),
    },
    {
      title: "A port is taken",
      seen: "bind: address already in use\nListen failed for HOST TCP port 192.168.1.10/53: Address already in use",
      meaning: "As root, with the port in the place of PORT, this says by whom:",
      cure: "ss --listening --tcp --udp --numeric --processes 'sport = :PORT'",
      more: "On port 53: systemd-resolved holds 127.0.0.53 and 127.0.0.54, and a dnsmasq without `bind-dynamic` every address. A process of the user without a container is left over from a lost database. Containers on the default network get no such error for a UDP port: both run, and the one that was started last gets every packet; the same command shows both.",
    },
    {
      title: "An address is not there",
      seen: "bind: cannot assign requested address\nListen failed for HOST TCP port 192.168.1.10/53: Cannot assign requested address",
      meaning:
        "The address belongs to a network that is not up, like that of a VPN. Bring it up, or allow the binding:",
      cure: "sysctl net.ipv4.ip_nonlocal_bind=1\nsysctl net.ipv6.ip_nonlocal_bind=1",
    },
    {
      title: "A directory is missing",
      seen: `Error: statfs ${data}: no such file or directory`,
      meaning:
        "If its data is elsewhere, a disk is not mounted: mount it. Only for a new service, as root:",
      cure: `install --directory --owner=${name} --group=${group} --mode=0750 ${data}`,
    },
    {
      title: "A service cannot write its files",
      seen: "chmod: Operation not permitted\nunable to open database file",
      meaning: `Its files belong to a uid that the container does not have, such as the user's old one. Root inside is ${name} outside, and so are files of root inside. As ${name}, give them to root inside; for a service that runs as another user inside, to that one:`,
      cure: `podman unshare chown -R 0:0 ${data}`,
      more: `Where that is refused, root can do the same with \`chown -R ${uid}:${user.gid}\`. Delete no database for it.`,
    },
    {
      title: "podman 6 finds a BoltDB",
      seen: "Error: a BoltDB database exists but is no longer being used.",
      meaning: `podman 4 kept its containers in ${storage}/libpod/bolt_state.db. Reboot: podman then moves them to db.sql by itself, none is lost, and the old file becomes bolt_state.db-old. Without a reboot, with no container of ${name} running:`,
      cure: "podman system migrate --migrate-db",
      more: "podman 5 uses one of two databases that are both there: containers that seem to be missing are in the other one. To go back to a podman before 6, with podman stopped: move db.sql away, and give bolt_state.db-old its old name.",
    },
    {
      title: "podman 6 starts no container of podman 4",
      seen: "slirp4netns support has been removed, run `podman system migrate` to update this container to use pasta",
      meaning:
        "`recover.sh` does that if nothing runs, and with `--cure` otherwise. By hand, which stops what runs; the containers keep their ids and data:",
      cure: "podman system migrate\npodman start --all",
    },
    {
      title: "Back from podman 6, a container has no network",
      seen: "$ podman inspect --format '{{.HostConfig.NetworkMode}} {{len .NetworkSettings.Networks}}' SERVICE\nbridge 0",
      meaning:
        "podman 5 does not see the networks of containers that podman 6 made, and starts them without. `recover.sh --replace` makes them again, and keeps the old ones. By hand, with the network that its definition names:",
      cure: "podman stop SERVICE\npodman network connect NETWORK SERVICE\npodman start SERVICE",
    },
    {
      title: "The unit fails with 'protocol'",
      seen: "Failed with result 'protocol'",
      meaning:
        "The unit lacks `Delegate=true`, which a container of a lingering user needs. nixgen's modules set it: look for an override.",
    },
  ];
}

function resolverTroubles({ resolvers, containers }: HostPlan): Trouble[] {
  if (resolvers === undefined) return [];
  const { kind, zones, internal } = resolvers;
  const service = resolvers.services.join(" and ") || "the fleet's DNS";
  const [zone] = zones;
  const [server] = internal;
  const unit = kind === "dnsmasq" ? "dnsmasq.service" : "systemd-resolved.service";
  const [outside = "1.1.1.1"] = resolvers.public;
  const asking = containers
    .filter(({ dns }) => dns.length > 0)
    .map(({ name }) => `podman-${name}.service`);
  return [
    ...(zone === undefined || server === undefined
      ? []
      : [
          {
            title: "Names of the fleet do not resolve",
            seen: `$ dig ${zone} SOA\n;; status: SERVFAIL, or no answer`,
            meaning: `Names of the fleet are asked at ${internal.join(", ")} (${service}). Names that were asked before are still answered, for a day; new ones fail until one of them answers again. Ask each directly:`,
            cure: internal.map((address) => `dig +time=2 @${address} ${zone} SOA`).join("\n"),
            ...(internal.length > 1 && kind === "dnsmasq"
              ? {
                  more: "dnsmasq passes on a SERVFAIL of one server although another one has the answer. Stop a server that says SERVFAIL until it is mended; REFUSED, or no answer, does no harm.",
                }
              : {}),
          },
        ]),
    {
      title: "No name resolves",
      seen: "Temporary failure in name resolution",
      meaning: `This host's own resolver does not run: names outside of the fleet do not depend on ${service}.`,
      cure: `systemctl status ${unit}\nsystemctl restart ${unit}`,
      more: `Until it does, \`echo nameserver ${outside} > /etc/resolv.conf\` gives names outside of the fleet; the next switch puts the file back. Containers that start meanwhile go on asking that server: see below.`,
    },
    ...(asking.length === 0
      ? []
      : [
          {
            title: "Names resolve on the host, and not in its containers",
            seen: "$ podman exec NAME getent hosts example.org",
            meaning: `Containers ask at ${HOST_RESOLVER}, and pasta asks this host's resolver for them: the first server that /etc/resolv.conf named when pasta started, and no other one later. All podman networks share one pasta, which runs until the last container in them stops. Once that file names this host's own resolver again, stop all containers before any is started:`,
            cure: `units="${asking.join(" ")}"\nsystemctl stop $units\nsystemctl start $units`,
          },
        ]),
    {
      title: "Names of the fleet are unknown although its DNS is back",
      seen: "NXDOMAIN",
      meaning:
        "Somewhere public and internal resolvers stand in one list: systemd-resolved then stays with the public one for good. nixgen's modules do not do that; on another machine restart it, and split the zones:",
      cure: "systemctl restart systemd-resolved.service",
      more: "`FallbackDNS=` is no cure: it is never asked while `DNS=` is set.",
    },
    {
      title: "Every name is slow, or fails, through the VPN",
      seen: "Link 3 (tailscale0)\n    DNS Domain: ~.",
      meaning:
        "The VPN's resolver takes every name and asks the fleet's DNS itself. Do not switch the VPN off; take the name resolution from it:",
      cure: "tailscale set --accept-dns=false",
    },
  ];
}
