/** The reference fleet's emitted units, booted by a real systemd with real rootless podman. */
import { describe, expect, it } from "vitest";
import { referenceFleet } from "../../support/fleet.ts";
import { type Boot, drill, type EmittedHost, hostOf, noMachine } from "./machine.ts";

/** The stages of the reference fleet in order, with their containers. */
const STAGES = [
  ["mcp-foundation.target", ["mcns"]],
  ["mcp-core.target", ["mc-proxy", "mcr-api", "mcr-web", "metacrypt-api", "metacrypt-web"]],
  ["mcp-management.target", ["mcp-master"]],
] as const;
/** In no stage, so after the last one. */
const UNSTAGED = "mcdoc";
const CONTAINERS = [...STAGES.flatMap(([, containers]) => containers), UNSTAGED];

/** What server.pl is told to be, by service: all listen some time after they have started. */
const SERVICES = {
  mcns: "delay 2\ndns 53\ntcp 53\ntcp 8443\n",
  "mc-proxy": "delay 1\ntcp 443\n",
  mcr: "delay 2\ntcp 8443\ntcp 9443\ntcp 8080\n",
  metacrypt: "delay 1\ntcp 8443\ntcp 9443\ntcp 8080\n",
  "mcp-master": "tcp 9555\n",
  mcdoc: "tcp 8080\n",
};

/** Functions of the drills. */
const HELPERS = `
# until_true COMMAND...: waits for it, two minutes at most.
until_true() {
  local try
  for try in {1..600}; do
    if "$@"; then return; fi
    sleep 0.2
  done
  echo "never: $*" >&2
  return 1
}
# containers: each unit of a container with its state and its main process, once no unit is to be started
# or stopped: systemctl does not wait for those that depend on the one that it was told to.
containers() {
  local name
  until_true idle
  for name in ${CONTAINERS.join(" ")}; do
    echo "$name $(machine systemctl is-active "podman-$name") $(machine systemctl show --property MainPID --value "podman-$name")"
  done
}
idle() { [[ -z $(machine systemctl list-jobs --no-legend) ]]; }
# occupy ADDRESS:PORT CONTAINER: something else has the port until the container could not start twice.
occupy() {
  local system=/etc/systemd/system
  cat >"$system/occupy-$2.socket" <<END
[Socket]
ListenStream=$1
END
  cat >"$system/occupy-$2.service" <<END
[Unit]
DefaultDependencies=no
[Service]
ExecStart=/bin/sh -c 'until [ "\\$\\$(systemctl show --property NRestarts --value podman-$2)" -ge 2 ]; do sleep 0.1; done; systemctl stop occupy-$2.socket'
END
  mkdir -p "$system/sockets.target.wants" "$system/basic.target.wants"
  ln -s "../occupy-$2.socket" "$system/sockets.target.wants/"
  ln -s "../occupy-$2.service" "$system/basic.target.wants/"
}
`;

/** Those of which nixgen knows no port, so that they are healthy when they run. */
const PORTLESS: ReadonlySet<string> = new Set(["mc-proxy", "mcp-master"]);

/** When the service in a container was healthy, by its own word. */
const healthy = (boot: Boot, container: string): number =>
  boot.first(container, "says", PORTLESS.has(container) ? "starts" : "ready");
const starting = (boot: Boot, container: string): number =>
  boot.first(`podman-${container}.service`, "starting");
const gate = (container: string): string => `mcp-ready-${container}.service`;

/** Everything came up, in order: by what units and what the services themselves say. */
function expectInOrder(boot: Boot): void {
  let before: { readonly stage: string; readonly reached: number } | undefined;
  for (const [stage, containers] of STAGES) {
    const reached = boot.first(stage, "started");
    for (const container of containers) {
      if (before !== undefined) {
        expect(starting(boot, container), `${container} after ${before.stage}`).toBeGreaterThan(
          before.reached,
        );
      }
      const through = boot.first(gate(container), "started");
      expect(through, `gate of ${container}`).toBeGreaterThan(healthy(boot, container));
      expect(reached, `${stage} after ${container} is healthy`).toBeGreaterThan(through);
    }
    before = { stage, reached };
  }
  expect(starting(boot, UNSTAGED)).toBeGreaterThan(before?.reached ?? Infinity);
}

/** The lines of containers(): name, state, main process. */
function processes(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .trim()
      .split("\n")
      .map((line) => {
        const [name = "", state = "", process = ""] = line.split(" ");
        return [name, state === "active" ? process : state];
      }),
  );
}

/** The containers that are not what they were. */
function changed(before: string, after: string): string[] {
  const [old, now] = [processes(before), processes(after)];
  return Object.keys(old).filter((name) => old[name] !== now[name]);
}

/**
 * The reference fleet with shorter time-outs, a container that depends on another, and one on a network of
 * its own.
 */
async function host(
  timeouts: Readonly<Record<string, string>> = {},
  /** Lines of [user] and what they become. */
  pinned: Readonly<Record<string, string>> = {},
  more: Readonly<Record<string, string>> = {},
): Promise<EmittedHost> {
  const files = { ...referenceFleet(), ...more };
  const edit = (path: string, from: string, to: string): void => {
    const text = files[path] ?? "";
    expect(text).toContain(from);
    files[path] = text.replace(from, to);
  };
  for (const [from, to] of Object.entries(timeouts)) {
    edit("nixgen.toml", `timeout    = "${from}"`, `timeout    = "${to}"`);
  }
  edit("services/mcr.toml", 'name = "web"\n', 'name = "web"\ndepends_on = ["api"]\n');
  edit("services/mcdoc.toml", "volumes = [", 'network = "alone"\nvolumes = ["notes:/notes", ');
  for (const [from, to] of Object.entries(pinned)) edit("nixgen.toml", from, to);
  return hostOf(files);
}

describe.skipIf(noMachine)("a boot", () => {
  it("comes up in order: the first one, after a reboot, and after a power cut", async () => {
    const { boots } = await drill(await host(), SERVICES, "boot\nreboot\ncut_power\nboot\n");
    expect(boots).toHaveLength(3);
    for (const boot of boots) {
      expectInOrder(boot);
      // Without a single failure on the way.
      expect(boot.events.filter(({ what }) => what === "failed")).toEqual([]);
    }
  }, 240_000);

  it("leaves the others alone when one container is stopped, restarted or killed", async () => {
    const { file } = await drill(
      await host(),
      SERVICES,
      `${HELPERS}
boot
containers >/sandbox/0
machine systemctl restart podman-mcns
containers >/sandbox/1
machine systemctl stop podman-mc-proxy
containers >/sandbox/2
machine systemctl start podman-mc-proxy
machine systemctl restart podman-mcr-api
containers >/sandbox/3
machine systemctl stop podman-mcr-api
containers >/sandbox/4
machine systemctl start podman-mcr-api podman-mcr-web
containers >/sandbox/5
# The service itself, below conmon.
machine bash -c 'main=$(systemctl show --property MainPID --value podman-metacrypt-api)
kill -KILL $(cat "/proc/$main/task/$main/children")'
again() { [[ $(machine systemctl show --property NRestarts --value podman-metacrypt-api) == 1 ]]; }
until_true again
until_true machine systemctl is-active --quiet podman-metacrypt-api
containers >/sandbox/6
machine systemctl is-active 'mcp-*.target' | sort | uniq -c | tr -s ' ' >/sandbox/targets
`,
    );
    const [all = "", ...then] = [0, 1, 2, 3, 4, 5, 6].map((step) => file(String(step)));
    expect(all.match(/ active /g)).toHaveLength(CONTAINERS.length);
    const steps = then.map((now, step) => changed([all, ...then][step] ?? "", now));
    expect(steps).toEqual([
      ["mcns"],
      ["mc-proxy"],
      // The one that depends on it is restarted, and stopped, with it.
      ["mc-proxy", "mcr-api", "mcr-web"],
      ["mcr-api", "mcr-web"],
      ["mcr-api", "mcr-web"],
      ["metacrypt-api"],
    ]);
    expect(processes(file("2"))["mc-proxy"]).toBe("inactive");
    expect(processes(file("4"))).toMatchObject({ "mcr-api": "inactive", "mcr-web": "inactive" });
    expect(file("6").match(/ active /g)).toHaveLength(CONTAINERS.length);
    expect(file("targets").trim()).toBe("3 active");
  }, 240_000);

  it("has only what systemd knows in its units, and comes back where conmon alone was killed", async () => {
    const mcdoc = referenceFleet()["services/mcdoc.toml"];
    expect(mcdoc).toContain('restart = "unless-stopped"');
    const { file } = await drill(
      await host(
        {},
        {},
        {
          "services/mcdoc.toml": String(mcdoc).replace(
            'restart = "unless-stopped"',
            'restart = "no"',
          ),
        },
      ),
      SERVICES,
      `${HELPERS}
boot
# Unknown keys are no error to systemd-analyze.
verify() { machine systemd-analyze verify --man=no "$@" 2>&1 || true; }
sed 's/^Delegate=/Delegated=/' /etc/systemd/system/podman-mcns.service >/etc/systemd/system/wrong.service
verify wrong.service >/sandbox/wrong
rm /etc/systemd/system/wrong.service
verify $(find /etc/systemd/system -maxdepth 1 -type f -name '*-*' -printf '%f ') >/sandbox/verified
# kill_conmon CONTAINER: all else of the unit then ends with it, and podman goes on saying that the container is up.
kill_conmon() { machine kill -KILL "$(machine systemctl show --property MainPID --value "podman-$1")"; }
is_failed() { machine systemctl is-failed --quiet "podman-$1"; }
again() { [[ $(machine systemctl show --property NRestarts --value "podman-$1") == 1 ]]; }
kill_conmon metacrypt-api
kill_conmon mcdoc
until_true again metacrypt-api
until_true is_failed mcdoc
containers >/sandbox/1
machine bash /etc/nixgen/recover.sh >/sandbox/said 2>&1 || { cat /sandbox/said; exit 1; }
containers >/sandbox/2
`,
    );
    expect(file("wrong")).toContain("Unknown key 'Delegated'");
    expect(file("verified")).toBe("");
    expect(processes(file("1"))).toMatchObject({ mcdoc: "failed" });
    expect(file("1").match(/ active /g)).toHaveLength(CONTAINERS.length - 1);
    expect(file("2").match(/ active /g)).toHaveLength(CONTAINERS.length);
  }, 240_000);

  it("has what depends on all of a service that has many start after each of them, and stop and start with each", async () => {
    const parts = Array.from({ length: 9 }, (_, n) => `part-${n + 1}`);
    const component = (name: string): string => `[[components]]
name = "${name}"
image = "mcr.svc.mcp.metacircular.net:8443/mc-proxy:v1.2.1"
volumes = ["/srv/many:/srv/many"]
cmd = ["server", "--config", "/srv/many/many.toml"]
`;
    const { boots, file } = await drill(
      await host(
        {},
        {},
        {
          "services/many.toml": `name = "many"\nnode = "rift"\n${parts.map(component).join("\n")}`,
          "services/user.toml": `name = "user"\nnode = "rift"\n${component("user")}depends_on = ["many"]\n`,
        },
      ),
      { ...SERVICES, many: "" },
      `${HELPERS}
look() {
  until_true idle
  machine systemctl show --property MainPID --value podman-user podman-many-part-9 podman-many-part-1 podman-mcns | tr -s '\\n' ' '
}
boot
look >/sandbox/0
machine systemctl restart podman-many-part-9
look >/sandbox/1
machine systemctl stop podman-many-part-9
look >/sandbox/2
# What depends on it starts it as well, although the target that stands for all had been reached.
machine systemctl start podman-user
look >/sandbox/3
machine systemctl start multi-user.target
look >/sandbox/4
`,
    );
    const [boot] = boots;
    if (boot === undefined) throw new Error("no boot");
    for (const part of parts) {
      expect(starting(boot, "user"), part).toBeGreaterThan(
        boot.first(`podman-many-${part}.service`, "started"),
      );
    }
    const [at0, at1, at2, at3, at4] = [0, 1, 2, 3, 4].map((step) =>
      file(String(step)).trim().split(" "),
    );
    const isSame = (a: string[] = [], b: string[] = []): boolean[] =>
      a.map((pid, n) => pid === b[n]);
    expect(at0).toHaveLength(4);
    expect(at0).not.toContain("0");
    // What depends on it, itself, another part, somebody else.
    expect(isSame(at0, at1)).toEqual([false, false, true, true]);
    expect(at2?.map((pid) => pid === "0")).toEqual([true, true, false, false]);
    expect(isSame(at1, at2)).toEqual([false, false, true, true]);
    expect(at3).not.toContain("0");
    expect(isSame(at3, at4)).toEqual([true, true, true, true]);
  }, 240_000);

  it("keeps a container in the network of the one that it shares, when that is restarted or dies", async () => {
    const component = (name: string, keys = ""): string => `name = "${name}"
node = "rift"
[[components]]
name = "${name}"
image = "mcr.svc.mcp.metacircular.net:8443/mc-proxy:v1.2.1"
volumes = ["/srv/${name}:/srv/${name}"]
cmd = ["server", "--config", "/srv/${name}/${name}.toml"]
${keys}`;
    const { boots, file } = await drill(
      await host(
        {},
        {},
        {
          // In the order of their names it would start first.
          "services/client.toml": component("client", 'network = "container:vpn"\n'),
          "services/vpn.toml": component("vpn"),
        },
      ),
      { ...SERVICES, client: "tcp 8080\n", vpn: "" },
      `${HELPERS}
process_of() { machine systemctl show --property MainPID --value "podman-$1"; }
# The namespace of a container, whose process is below conmon's.
net_of() { machine bash -c 'readlink "/proc/$(cat "/proc/$1/task/$1/children" | tr -d " ")/ns/net"' net "$(process_of "$1")"; }
together() {
  local net
  idle && machine systemctl is-active --quiet podman-vpn podman-client &&
    net=$(net_of vpn) && [[ -n $net && $net == "$(net_of client)" ]]
}
look() {
  until_true together
  for name in vpn client mcns; do process_of "$name"; done | tr '\n' ' '
}
boot
look >/sandbox/0
machine systemctl restart podman-vpn
look >/sandbox/1
machine bash -c 'kill -KILL $(cat "/proc/$1/task/$1/children")' kill "$(process_of vpn)"
again() { [[ $(machine systemctl show --property NRestarts --value podman-vpn) -ge 1 ]]; }
until_true again
look >/sandbox/2
machine systemctl show --property NRestarts --value podman-vpn >/sandbox/restarts
machine systemctl stop podman-vpn
machine systemctl start podman-client
look >/sandbox/3
`,
    );
    const [boot] = boots;
    if (boot === undefined) throw new Error("no boot");
    expect(starting(boot, "client")).toBeGreaterThan(boot.first("podman-vpn.service", "started"));
    const seen = [0, 1, 2, 3].map((step) => file(String(step)).trim().split(" "));
    for (const [step, now] of seen.slice(1).entries()) {
      // Both are new, and somebody else is not.
      expect(now.map((pid, n) => pid === seen[step]?.[n])).toEqual([false, false, true]);
    }
    // Made again at the first try: what shares its network does not hold it back.
    expect(file("restarts").trim()).toBe("1");
  }, 240_000);

  it("makes a network again when it gets other options, with its containers stopped", async () => {
    const client = `name = "client"
node = "rift"
[[networks]]
name = "lab"
options = { mtu = "1400" }
[[components]]
name = "client"
image = "mcr.svc.mcp.metacircular.net:8443/mc-proxy:v1.2.1"
network = "lab"
volumes = ["/srv/client:/srv/client"]
cmd = ["server", "--config", "/srv/client/client.toml"]
`;
    const { file } = await drill(
      await host({}, {}, { "services/client.toml": client }),
      { ...SERVICES, client: "tcp 8080\n" },
      `${HELPERS}
look() {
  until_true idle
  until_true machine systemctl is-active --quiet podman-client mcp-network-lab
  for name in client mcns; do machine systemctl show --property MainPID --value "podman-$name"; done | tr '\n' ' '
  machine setpriv --reuid=mcp --regid=mcp --init-groups env -C / PATH="/run/wrappers/bin:$PATH" HOME=/srv/mcp \
    XDG_RUNTIME_DIR=/run/user/850 podman network inspect --format '{{.Options.mtu}}' lab
}
boot
look >/sandbox/0
machine systemctl restart mcp-network-lab
look >/sandbox/1
# As a switch does: another script, and the unit is restarted.
sed -i s/mtu=1400/mtu=1300/g "$(machine systemctl show --property ExecStart mcp-network-lab | sed 's/.*path=//; s/ .*//')"
machine systemctl restart mcp-network-lab
look >/sandbox/2
`,
    );
    const [before, same, after] = [0, 1, 2].map((step) => file(String(step)).trim().split(" "));
    expect([before, same, after].map((seen) => seen?.[2])).toEqual(["1400", "1400", "1300"]);
    expect(after?.[1]).toBe(before?.[1]);
    expect(new Set([before?.[0], same?.[0], after?.[0]]).size).toBe(3);
  }, 240_000);

  it("comes up by recover.sh --cure after the uid was changed, and by itself from then on", async () => {
    const { boots, file } = await drill(
      await host({ "120s": "10s" }, { "uid          = 850": "uid          = 995" }),
      SERVICES,
      `${HELPERS}
home=/srv/mcp
database=$home/.local/share/containers/storage/db.sql
# podman COMMAND...: as the containers' user.
podman() {
  machine setpriv --reuid=mcp --regid=mcp --init-groups env -C / PATH="/run/wrappers/bin:$PATH" HOME="$home" \
    XDG_RUNTIME_DIR="/run/user/$(id -u mcp)" podman "$@"
}
boot
containers >/sandbox/0
notes=$(podman volume inspect --format '{{.Mountpoint}}' notes)
install -o mcp /dev/stdin "$notes/file" <<<precious
podman create --name ours --network mcpnet "$(podman inspect --format '{{.ImageName}}' mcdoc)" /usr/bin/perl -e 'sleep 1000' >/dev/null
podman inspect --format '{{.Id}}' ours >/sandbox/id-0
# As in the incident, but that the containers are still in the database: usermod, a switch, and a boot.
cut_power
sed -i 's/^mcp:x:995:/mcp:x:850:/' /etc/passwd
become other
power_on
# No container can start, and systemd does not cease to try.
tried() { [[ $(machine systemctl show --property NRestarts --value podman-mcns) != 0 ]]; }
until_true tried
machine systemctl is-active 'podman-*' >/sandbox/1 || true
machine bash /etc/nixgen/recover.sh >/sandbox/said 2>&1 && exit 1
machine bash /etc/nixgen/recover.sh --cure >/sandbox/cured 2>&1 || { cat /sandbox/cured; exit 1; }
containers >/sandbox/2
machine systemctl is-active 'mcp-*.target' | sort | uniq -c | tr -s ' ' >/sandbox/targets
podman inspect --format '{{.Id}}' ours >/sandbox/id-2
podman start ours >/dev/null
cat "$notes/file" >/sandbox/notes
stat -c '%U %a' "$database" >/sandbox/database
sqlite3 "$database" 'PRAGMA integrity_check' >>/sandbox/database
grep -ac /run/user/995 "$database" >>/sandbox/database || true
reboot
containers >/sandbox/3
`,
      { other: await host({ "120s": "10s" }) },
    );
    expect(file("0").match(/ active /g)).toHaveLength(CONTAINERS.length);
    expect(file("1")).not.toMatch(/^active$/m);
    expect(file("said")).toContain("No container is lost. As root: recover.sh --cure");
    expect(file("2").match(/ active /g)).toHaveLength(CONTAINERS.length);
    expect(file("targets").trim()).toBe("3 active");
    expect(file("id-2")).toBe(file("id-0"));
    expect(file("notes")).toBe("precious\n");
    expect(file("database")).toBe("mcp 644\nok\n0\n");
    expect(file("3").match(/ active /g)).toHaveLength(CONTAINERS.length);
    const rebooted = boots.at(-1);
    if (rebooted === undefined) throw new Error("no boot");
    expectInOrder(rebooted);
    expect(rebooted.events.filter(({ what }) => what === "failed")).toEqual([]);
  }, 360_000);

  it("starts nothing where podman would begin with nothing, although the switch was not checked", async () => {
    const { file } = await drill(
      await host({ "120s": "10s" }),
      SERVICES,
      `${HELPERS}
boot
containers >/sandbox/0
data=$(find /srv/mcp -path '*/volumes/notes/_data')
install -o mcp /dev/stdin "$data/file" <<<precious
cat /var/lib/nixgen/identity >/sandbox/note
# What NixOS does, with NIXOS_NO_CHECK=1, for another home; all that a new podman needs is there.
machine bash /sandbox/moved/etc/nixgen/host-check.sh switch /sandbox/moved boot 2>/sandbox/switch && exit 1
cut_power
sed -i 's|:/srv/mcp:|:/srv/pods:|' /etc/passwd
install -d -m 700 -o mcp -g mcp /srv/pods
cp -a /srv/mcp/.config /srv/pods/
become moved
power_on
tried() { [[ $(machine systemctl show --property NRestarts --value podman-mcns) -ge 3 ]]; }
until_true tried
machine systemctl is-active 'podman-*' 'mcp-network-*' >/sandbox/1 || true
machine journalctl --unit podman-mcns --output cat | grep '^nixgen: ' >/sandbox/said
ls -A /srv/pods >/sandbox/pods
machine bash /etc/nixgen/recover.sh >/sandbox/recovered 2>&1 && exit 1
# The old value again, which the check lets through: nobody starts the container, ...
machine bash /sandbox/rootfs/etc/nixgen/host-check.sh switch /sandbox/rootfs boot
sed -i 's|:/srv/pods:|:/srv/mcp:|' /etc/passwd
become rootfs
machine systemctl daemon-reload
until_true machine systemctl is-active --quiet podman-mcns
# ... and the stages that were given up go on as after any outage.
machine bash /etc/nixgen/recover.sh >/sandbox/cured 2>&1 || { cat /sandbox/cured; exit 1; }
containers >/sandbox/2
cat "$data/file" >/sandbox/data
`,
      {
        moved: await host({ "120s": "10s" }, { 'home         = "/srv/mcp"': 'home = "/srv/pods"' }),
      },
    );
    expect(file("0").match(/ active /g)).toHaveLength(CONTAINERS.length);
    expect(file("note")).toMatch(/^user=mcp\nuid=850\n(.*\n)*home=\/srv\/mcp\n/);
    expect(file("switch")).toContain("user mcp has the home /srv/mcp on rift");
    expect(file("1")).not.toMatch(/^active$/m);
    for (const said of [file("said"), file("recovered")]) {
      expect(said).toContain("podman would begin with nothing there");
      expect(said).toContain(
        'Keep it: user = { home = "/srv/mcp" } in the node rift of nixgen.toml.',
      );
    }
    // No podman was called there.
    expect(file("pods")).toBe(".config\n");
    expect(file("2").match(/ active /g)).toHaveLength(CONTAINERS.length);
    expect(file("data")).toBe("precious\n");
  }, 360_000);

  it("loses nothing to a range, a primary gid or a name that was changed although the check refused it", async () => {
    const { file } = await drill(
      await host({ "120s": "10s" }),
      SERVICES,
      `${HELPERS}
boot
notes=$(find /srv/mcp -path '*/volumes/notes/_data')
install -o mcp -g mcp -m 600 /dev/stdin "$notes/root" <<<"of root"
install -o 100069 -g 100069 -m 600 /dev/stdin "$notes/other" <<<"of another user"
# data: what the container finds there, and whose it is.
data() {
  machine setpriv --reuid=850 --regid="$(id -g 850)" --init-groups env -C / PATH="/run/wrappers/bin:$PATH" HOME=/srv/mcp \
    XDG_RUNTIME_DIR=/run/user/850 podman exec mcdoc /usr/bin/perl -e 'for (@ARGV) { open F, $_ or die "$_: $!"; print <F>, join(" ", (stat)[4, 5]), "\\n" }' \
    /notes/root /notes/other
}
# forced WHAT COMMAND: what the check before a switch refuses is done all the same, as by NixOS with NIXOS_NO_CHECK=1, and
# the machine starts again.
forced() {
  machine bash "/sandbox/$1/etc/nixgen/host-check.sh" switch "/sandbox/$1" boot 2>"/sandbox/switch-$1" && exit 1
  cut_power
  eval "$2"
  become "$1"
  power_on
}
# back WHAT COMMAND: the old value again, which the check lets through, and a boot.
back() {
  machine bash /sandbox/rootfs/etc/nixgen/host-check.sh switch /sandbox/rootfs boot
  cut_power
  eval "$2"
  become rootfs
  boot
  look "after-$1"
}
look() {
  containers >"/sandbox/$1"
  data >"/sandbox/data-$1"
}
told() { machine journalctl --unit podman-mcns --output cat | grep '^nixgen: ' >"/sandbox/said-$1"; }
tried() { [[ $(machine systemctl show --property NRestarts --value podman-mcns) -ge 3 ]]; }
look before

forced range 'echo mcp:1879048192:65536 | tee /etc/subuid >/etc/subgid'
until_true tried
told range
machine systemctl is-active 'podman-*' 'mcp-network-*' >/sandbox/running-range || true
machine bash /etc/nixgen/recover.sh >/sandbox/recovered-range 2>&1 && exit 1
back range 'echo mcp:100000:65536 | tee /etc/subuid >/etc/subgid'

forced gid "sed -i 's/^mcp:x:850:850:/mcp:x:850:100:/' /etc/passwd"
until_true told gid
machine bash /etc/nixgen/recover.sh >/sandbox/recovered-gid 2>&1 || true
back gid "sed -i 's/^mcp:x:850:100:/mcp:x:850:850:/' /etc/passwd"

forced name "sed -i 's/^mcp:/pods:/' /etc/passwd /etc/shadow /etc/group /etc/subuid /etc/subgid; mv /var/lib/systemd/linger/mcp /var/lib/systemd/linger/pods"
machine systemctl is-system-running --wait >/dev/null || true
look after-name
`,
      {
        range: await host(
          { "120s": "10s" },
          { "sub_ids      = { start = 100000,": "sub_ids = { start = 1879048192," },
        ),
        gid: await host({ "120s": "10s" }, { "gid          = 850": 'group = "users"' }),
        name: await host({ "120s": "10s" }, { 'name         = "mcp"': 'name = "pods"' }),
      },
    );
    const data = "of root\n0 0\nof another user\n70 70\n";
    for (const boot of ["before", "after-range", "after-gid", "after-name"]) {
      expect(file(boot).match(/ active /g), boot).toHaveLength(CONTAINERS.length);
      expect(file(`data-${boot}`), boot).toBe(data);
    }
    expect(file("switch-range")).toContain(
      "mcp has the range 100000:65536 in /etc/subuid on rift, the configuration pins 1879048192:65536",
    );
    expect(file("running-range")).not.toMatch(/^active$/m);
    for (const said of [file("said-range"), file("recovered-range")]) {
      expect(said).toContain("belongs to a uid of the range 100000:65536, which mcp had");
    }
    expect(file("switch-gid")).toContain(
      "user mcp has the primary gid 850 (mcp) on rift, the configuration pins 100 (users)",
    );
    // podman may still make containers, with files of nobody: it is said, and not kept from that.
    for (const said of [file("said-gid"), file("recovered-gid")]) {
      expect(said).toContain("belongs to gid 850, which was the primary gid of mcp; now it is 100");
    }
    expect(file("switch-name")).toContain(
      "uid 850 belongs to user mcp on rift, whose name the configuration changes to pods",
    );
  }, 360_000);

  it("waits for containers whose first two starts fail, and then goes on", async () => {
    const { boots } = await drill(
      await host(),
      SERVICES,
      `${HELPERS}
occupy 192.168.88.181:53 mcns
occupy 127.0.0.1:28443 mcr-api
boot
`,
    );
    const [boot] = boots;
    if (boot === undefined) throw new Error("no boot");
    for (const container of ["mcns", "mcr-api"]) {
      const starts = boot.times(`podman-${container}.service`, "starting");
      expect(starts.length, container).toBeGreaterThanOrEqual(3);
    }
    // What depends on a container waits for the start that succeeds.
    expect(starting(boot, "mcr-web")).toBeGreaterThan(
      boot.first("podman-mcr-api.service", "started"),
    );
    expectInOrder(boot);
  }, 240_000);

  it("stops before the later stages where a foundation never becomes healthy", async () => {
    const { boots, file } = await drill(
      await host({ "120s": "10s" }),
      { ...SERVICES, mcns: "delay 1000\n" },
      `${HELPERS}
boot
containers >/sandbox/blocked
# As the runbook says: once it is healthy, the rest is started.
echo 'dns 53' >/srv/mcns/mcns.toml
machine systemctl restart podman-mcns
machine systemctl start multi-user.target
until_true machine systemctl is-active --quiet podman-${UNSTAGED}
containers >/sandbox/cured
`,
    );
    const blocked = processes(file("blocked"));
    expect(Object.keys(blocked).filter((name) => blocked[name] !== "inactive")).toEqual(["mcns"]);
    expect(file("cured").match(/ active /g)).toHaveLength(CONTAINERS.length);
    const [boot] = boots;
    if (boot === undefined) throw new Error("no boot");
    const failed = boot.first(gate("mcns"), "failed");
    for (const container of CONTAINERS.slice(1)) {
      expect(starting(boot, container), container).toBeGreaterThan(failed);
    }
    expectInOrder(boot);
  }, 240_000);

  it("starts nothing on the folder where a disk belongs that is missing", async () => {
    const { file } = await drill(
      await host({ "60s": "15s" }),
      SERVICES,
      `${HELPERS}
# disk OPTION...: what is mounted on the data of metacrypt.
disk() { printf '%s\\n' '[Mount]' Where=/srv/metacrypt "$@" >/etc/systemd/system/srv-metacrypt.mount; }
disk What=/disk.img Type=ext4
boot
containers >/sandbox/without
cp -a /srv/metacrypt /disk
disk What=/disk Type=none Options=bind
machine systemctl daemon-reload
machine systemctl start podman-metacrypt-{api,web}
containers >/sandbox/with
`,
    );
    const without = processes(file("without"));
    expect(Object.keys(without).filter((name) => without[name] === "inactive")).toEqual([
      "metacrypt-api",
      "metacrypt-web",
    ]);
    expect(file("without").match(/ active /g)).toHaveLength(CONTAINERS.length - 2);
    expect(file("with").match(/ active /g)).toHaveLength(CONTAINERS.length);
  }, 240_000);

  it("goes on where a later stage never becomes healthy and is to proceed", async () => {
    const { boots, file } = await drill(
      await host({ "60s": "15s" }),
      { ...SERVICES, metacrypt: "delay 1000\n" },
      `${HELPERS}\nboot\ncontainers >/sandbox/all\n`,
    );
    // They run, but are not healthy.
    expect(file("all").match(/ active /g)).toHaveLength(CONTAINERS.length);
    const [boot] = boots;
    if (boot === undefined) throw new Error("no boot");
    const failed = ["metacrypt-api", "metacrypt-web"].map((name) =>
      boot.first(gate(name), "failed"),
    );
    const sound = ["mc-proxy", "mcr-api", "mcr-web"].map((name) =>
      boot.first(gate(name), "started"),
    );
    const core = boot.first("mcp-core.target", "started");
    for (const at of [...failed, ...sound]) expect(core).toBeGreaterThan(at);
    expect(starting(boot, "mcp-master")).toBeGreaterThan(core);
    expect(starting(boot, UNSTAGED)).toBeGreaterThan(
      boot.first("mcp-management.target", "started"),
    );
  }, 240_000);
});
